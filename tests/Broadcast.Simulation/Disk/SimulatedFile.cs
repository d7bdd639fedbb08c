namespace Broadcast.Simulation.Disk;

/// <summary>One change that the process has made and no flush has carried to the medium yet.</summary>
/// <param name="Bytes">What was written; null for a truncation to <paramref name="Offset"/>.</param>
internal readonly record struct Unflushed(long Offset, byte[]? Bytes);

/// <summary>A file as the process sees it, beside what of it would be there after a power cut.</summary>
internal sealed class SimulatedFile
{
    /// <summary>What the smallest piece is that a disk writes whole or not at all.</summary>
    public const int SectorBytes = 512;

    private readonly List<Unflushed> _unflushed = [];
    private byte[] _seen = [];
    private byte[] _flushed = [];
    private int _seenLength, _flushedLength;

    public long Length => _seenLength;

    public int UnflushedWrites => _unflushed.Count;

    /// <summary>False until the first flush: a file that was never flushed may be gone after a power cut.</summary>
    public bool IsKnownToTheMedium { get; private set; }

    public ReadOnlySpan<byte> Content => _seen.AsSpan(0, _seenLength);

    public int Read(long offset, Span<byte> into)
    {
        if (offset >= _seenLength) return 0;
        var count = (int)Math.Min(into.Length, _seenLength - offset);
        _seen.AsSpan((int)offset, count).CopyTo(into);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Apply(ref _seen, ref _seenLength, new Unflushed(offset, null), bytes);
        _unflushed.Add(new Unflushed(offset, bytes.ToArray()));
    }

    public void Truncate(long length)
    {
        if (length >= _seenLength) return;
        Cut(_seen, ref _seenLength, (int)length);
        _unflushed.Add(new Unflushed(length, null));
    }

    public void Flush()
    {
        foreach (var change in _unflushed) ApplyToMedium(change);
        _unflushed.Clear();
        IsKnownToTheMedium = true;
    }

    /// <summary>
    /// The power is gone: of what was not flushed the medium keeps what <paramref name="dice"/> say: nothing, the first few, or any of
    /// them in any combination, the last one perhaps torn between two sectors.
    /// </summary>
    public void LosePower(Random dice)
    {
        var mode = dice.Next(4);
        var keptFirst = dice.Next(_unflushed.Count + 1);
        for (var i = 0; i < _unflushed.Count; i++)
        {
            var kept = mode switch { 0 => false, 1 => i < keptFirst, 2 => dice.Next(2) == 0, _ => true };
            if (kept) ApplyToMedium(dice.Next(4) == 0 ? Torn(_unflushed[i], dice) : _unflushed[i]);
        }

        IsKnownToTheMedium |= _unflushed.Count > 0 && mode != 0;
        _unflushed.Clear();
        _seen = _flushed.AsSpan(0, _flushedLength).ToArray();
        _seenLength = _flushedLength;
    }

    /// <summary>The process is gone, the machine is not: what it wrote is all there, flushed or not.</summary>
    public void LoseProcess() => Flush();

    public SimulatedFile Copy()
    {
        var copy = new SimulatedFile();
        copy.Write(0, Content);
        copy.Flush();
        return copy;
    }

    private static Unflushed Torn(Unflushed change, Random dice)
    {
        if (change.Bytes is not { Length: > SectorBytes } bytes) return change;
        var sectors = dice.Next(1, bytes.Length / SectorBytes);
        return change with { Bytes = bytes[..(sectors * SectorBytes)] };
    }

    private void ApplyToMedium(Unflushed change)
    {
        if (change.Bytes is null) Cut(_flushed, ref _flushedLength, (int)change.Offset);
        else Apply(ref _flushed, ref _flushedLength, change, change.Bytes);
    }

    private static void Apply(ref byte[] content, ref int length, Unflushed change, ReadOnlySpan<byte> bytes)
    {
        var end = checked((int)change.Offset + bytes.Length);
        if (end > content.Length) Array.Resize(ref content, Math.Max(end, Math.Max(4096, content.Length * 2)));
        bytes.CopyTo(content.AsSpan((int)change.Offset));
        length = Math.Max(length, end);
    }

    // What lies behind the end is zero when the file grows again.
    private static void Cut(byte[] content, ref int length, int to)
    {
        if (to >= length) return;
        content.AsSpan(to, length - to).Clear();
        length = to;
    }
}
