namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>
/// Seeded chance (SplitMix64). Each input has dice of its own, made of seed and index, so that one input of ten million is made again
/// without the others.
/// </summary>
internal sealed class Dice(ulong seed, long index)
{
    private static readonly long[] Edges =
    [
        0, 1, -1, 2, 23, 24, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, int.MaxValue, int.MinValue, 1L + int.MaxValue, uint.MaxValue, 1L + uint.MaxValue,
        long.MaxValue, long.MinValue, long.MaxValue - 1, 1_704_067_200_000, 1_795_000_000_000, 4_102_444_800_000, 4_102_444_800_001, 253_402_300_799_999,
    ];

    private ulong _state = seed ^ ((ulong)index * 0xD1B54A32D192ED03UL);

    public ulong Bits()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="below"/> − 1.</summary>
    public int Below(int below) => (int)(Bits() % (ulong)below);

    public bool OneIn(int n) => Below(n) == 0;

    public T Of<T>(IReadOnlyList<T> things) => things[Below(things.Count)];

    /// <summary>A number where readers go wrong, or near one, or any.</summary>
    public long Edge() => Below(4) switch { 0 => unchecked(Of(Edges) + Below(3) - 1), 1 => (long)Bits(), 2 => Below(100), _ => Of(Edges) };

    public int EdgeInt() => (int)Math.Clamp(Edge(), int.MinValue, int.MaxValue);

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)Bits();
        return bytes;
    }
}
