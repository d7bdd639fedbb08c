using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Recordings;

/// <summary>A live speech as the cloud sends it: blocks of samples, each with the time at which it was spoken.</summary>
internal sealed class LiveBlocks(Stream stream)
{
    private const int HeadBytes = 10; // Capture time of the first sample (UTC milliseconds, 8 bytes) and the number of samples (2), little-endian.

    private readonly byte[] _head = new byte[HeadBytes];
    private readonly byte[] _block = new byte[Pcm.SamplesPerSecond * Pcm.BytesPerSample];
    private int _bytes;

    /// <summary>When the block's first sample was spoken, UTC milliseconds; not believed.</summary>
    public long CapturedMs => BinaryPrimitives.ReadInt64LittleEndian(_head);

    /// <summary>The block's samples, until the next.</summary>
    public ReadOnlySpan<short> Sound => MemoryMarshal.Cast<byte, short>(_block.AsSpan(0, _bytes));

    /// <summary>Reads a block; false at the end.</summary>
    /// <exception cref="IOException">It breaks off within one, or says what no block is.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken stop)
    {
        _bytes = 0;
        if (await stream.ReadAtLeastAsync(_head, HeadBytes, throwOnEndOfStream: false, stop) < HeadBytes) return false;
        var samples = BinaryPrimitives.ReadUInt16LittleEndian(_head.AsSpan(8));
        if (samples > Pcm.SamplesPerSecond) throw new IOException("a block of more than a second");
        await stream.ReadExactlyAsync(_block.AsMemory(0, samples * Pcm.BytesPerSample), stop);
        _bytes = samples * Pcm.BytesPerSample;
        return true;
    }
}
