using System.Buffers.Binary;
using System.Text;

namespace Broadcast.Edge.Audio;

/// <summary>
/// Reads the samples of a WAV stream as they come. Sizes are not believed: a program that writes to a pipe does not know them
/// (espeak-ng writes 0x7ffff000). Only the gateway's own sample format is taken, in
/// two channels too where the caller mixes them.
/// </summary>
internal sealed class WavStream(Stream stream, int channelsMax = 1)
{
    // Chunks before the data are a few dozen bytes; what is larger is no header of ours.
    private const int ChunkBytesMax = 4096;
    private const int ChunksMax = 16;

    private int _odd = -1;

    /// <summary>1, or 2 where the samples of left and right take turns; known after the header.</summary>
    public int Channels { get; private set; }

    /// <exception cref="InvalidDataException">It is no WAV of 22,050 Hz, mono, 16 bit.</exception>
    public async Task ReadHeaderAsync(CancellationToken ct)
    {
        var head = await TakeAsync(12, ct);
        if (Name(head, 0) != "RIFF" || Name(head, 8) != "WAVE") throw new InvalidDataException("not a WAV stream");
        for (var i = 0; i < ChunksMax; i++)
        {
            var chunk = await TakeAsync(8, ct);
            if (Name(chunk, 0) == "data" && Channels > 0) return;
            var size = BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(4));
            if (size > ChunkBytesMax) throw new InvalidDataException("a WAV header without samples");
            var content = await TakeAsync((int)(size + (size & 1)), ct);
            if (Name(chunk, 0) == "fmt ") CheckFormat(content);
        }
        throw new InvalidDataException("a WAV header without samples");
    }

    /// <summary>Reads whole samples; 0 at the end.</summary>
    public async Task<int> ReadAsync(byte[] into, CancellationToken ct)
    {
        var kept = 0;
        if (_odd >= 0) into[kept++] = (byte)_odd;
        _odd = -1;
        while (true)
        {
            var count = await stream.ReadAsync(into.AsMemory(kept), ct);
            if (count == 0) return 0;
            kept += count;
            if (kept % Pcm.BytesPerSample != 0) _odd = into[--kept];
            if (kept > 0) return kept;
            into[kept++] = (byte)_odd;
            _odd = -1;
        }
    }

    private void CheckFormat(byte[] format)
    {
        if (format.Length < 16) throw new InvalidDataException("a WAV format chunk that is too short");
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(format.AsSpan(2));
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(format.AsSpan(4));
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(format.AsSpan(14));
        if (channels < 1 || channels > channelsMax || rate != Pcm.SamplesPerSecond || bits != 16)
            throw new InvalidDataException($"{channels} channels of {bits} bits at {rate} Hz: only 1 channel of 16 bits at {Pcm.SamplesPerSecond} Hz is played");
        Channels = channels;
    }

    private static string Name(byte[] bytes, int at) => Encoding.ASCII.GetString(bytes, at, 4);

    private async Task<byte[]> TakeAsync(int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, ct);
        return bytes;
    }
}
