using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Talk;

/// <summary>Where the voice comes from: a sound card's microphone, or a file in its place. Opened while somebody speaks, closed after it.</summary>
internal interface ISoundInput
{
    /// <summary>How old a block is when it is handed over: what the input holds before it can be read.</summary>
    TimeSpan Lag { get; }

    /// <exception cref="IOException">There is no microphone now; the message says why.</exception>
    Task OpenAsync();

    /// <summary>The next block of 20 ms, when it is there; false when there is no more.</summary>
    /// <exception cref="IOException">It broke.</exception>
    ValueTask<bool> ReadAsync(Memory<short> block, CancellationToken ct);

    void Close();
}

/// <summary>The microphone of a sound card by Debian's <c>arecord</c>, raw samples through a pipe.</summary>
internal sealed class AlsaInput(string recorder, string device) : ISoundInput
{
    private const int BufferMicroseconds = 60_000;

    private AudioProgram? _program;

    /// <summary>A period is a third of the buffer; the block itself is 20 ms more.</summary>
    public TimeSpan Lag => TimeSpan.FromMicroseconds(BufferMicroseconds / 3.0) + Pcm.Block;

    public Task OpenAsync()
    {
        string[] arguments =
        [
            "-q", "-D", device, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", Pcm.SamplesPerSecond.ToString(CultureInfo.InvariantCulture),
            "--buffer-time", BufferMicroseconds.ToString(CultureInfo.InvariantCulture),
        ];
        try
        {
            _program = AudioProgram.Start(recorder, arguments);
            return Task.CompletedTask;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new IOException($"{recorder} cannot be started: {missing.Message}", missing);
        }
    }

    public async ValueTask<bool> ReadAsync(Memory<short> block, CancellationToken ct)
    {
        var bytes = new byte[block.Length * Pcm.BytesPerSample];
        var read = await _program!.Output.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (read < bytes.Length) throw new IOException($"{recorder} ended: no microphone at {device}?");
        MemoryMarshal.Cast<byte, short>(bytes).CopyTo(block.Span);
        return true;
    }

    public void Close()
    {
        _program?.Dispose();
        _program = null;
    }
}

/// <summary>A WAV file (22,050 Hz, mono, 16 bit) in the place of a microphone, at the clock's pace, from its beginning each time it is opened.</summary>
internal sealed class WavInput(string path, TimeProvider time) : ISoundInput
{
    private const int HeaderBytes = 44;
    private const int RateAt = 24;

    private FileStream? _file;
    private long _openedAt;
    private long _samples;

    public TimeSpan Lag => Pcm.Block;

    public async Task OpenAsync()
    {
        try
        {
            _file = File.OpenRead(path);
            var header = new byte[HeaderBytes];
            if (await _file.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(RateAt)) != Pcm.SamplesPerSecond)
                throw new IOException($"{path} is no WAV file of {Pcm.SamplesPerSecond} Hz.");
            (_openedAt, _samples) = (time.GetTimestamp(), 0);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{path} cannot be read: {refused.Message}", refused);
        }
    }

    public async ValueTask<bool> ReadAsync(Memory<short> block, CancellationToken ct)
    {
        _samples += block.Length;
        var due = Pcm.Time(_samples) - time.GetElapsedTime(_openedAt);
        if (due > TimeSpan.Zero) await Task.Delay(due, time, ct);
        var bytes = new byte[block.Length * Pcm.BytesPerSample];
        if (await _file!.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct) < bytes.Length) return false;
        MemoryMarshal.Cast<byte, short>(bytes).CopyTo(block.Span);
        return true;
    }

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
