using Broadcast.Edge.Audio;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Storage;
using Broadcast.Edge;
using Broadcast.Hostile.Tests.Fuzzing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>A stream that gives a few bytes at a time, as a pipe or a line does.</summary>
internal sealed class Trickle(byte[] bytes, int each) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span[..Math.Min(each, buffer.Length)]));
}

/// <summary>What a synthesizer or a decoder writes: samples of ours, however the pipe cuts them, or a reason.</summary>
internal sealed class WavSamples : FuzzTarget
{
    private static readonly byte[][] Good = [Wav(1), Wav(2), [.. Wav(1), 7]];

    public override byte[] Make(Dice dice) => [(byte)dice.Bits(), .. dice.OneIn(10) ? dice.Of(Good) : ByteMutation.Of(dice.Of(Good), dice, Good)];

    // The first byte says how the rest is cut.
    public override bool Take(byte[] input)
    {
        if (input.Length == 0) return false;
        var (samples, why) = Read(new Trickle(input[1..], int.MaxValue));
        Must(samples is null || samples.Length is > 0 and <= 8_192, "more than was there");
        if (input[0] % 3 > 0) return samples is not null;
        var (again, whyAgain) = Read(new Trickle(input[1..], 1 + (input[0] % 7)));
        Must(why == whyAgain && (samples is null || samples.AsSpan().SequenceEqual(again)), "the cuts change what is heard");
        return samples is not null;
    }

    private static (short[]? Samples, string Why) Read(Stream stream)
    {
        try
        {
            return (RecordingDecoder.SamplesAsync(stream, CancellationToken.None).GetAwaiter().GetResult(), "");
        }
        catch (Exception refused) when (refused is InvalidDataException or EndOfStreamException)
        {
            return (null, refused.GetType().Name + refused.Message);
        }
    }

    private static byte[] Wav(short channels) =>
    [
        .. "RIFF"u8, 0, 0xF0, 0xFF, 0x7F, .. "WAVE"u8, .. "LIST"u8, 4, 0, 0, 0, .. "INFO"u8, .. "fmt "u8, 16, 0, 0, 0, 1, 0, (byte)channels, 0, .. BitConverter.GetBytes(Pcm.SamplesPerSecond), 0, 0, 0, 0, 2, 0, 16, 0,
        .. "data"u8, 0, 0xF0, 0xFF, 0x7F, .. Enumerable.Range(0, 60).Select(n => (byte)(n * 37)),
    ];
}

/// <summary>Blocks of a live speech from the cloud, or from what stands in its place.</summary>
internal sealed class LiveSpeech : FuzzTarget
{
    private static readonly byte[][] Good = [[.. Block(3), .. Block(0), .. Block(20)], Block(441), [.. Block(2), 0xFF, 0xFF]];

    public override byte[] Make(Dice dice) => [(byte)dice.Bits(), .. dice.OneIn(10) ? dice.Of(Good) : ByteMutation.Of(dice.Of(Good), dice, Good)];

    public override bool Take(byte[] input)
    {
        if (input.Length == 0) return false;
        var whole = Read(new Trickle(input[1..], int.MaxValue));
        if (input[0] % 3 > 0) return whole.Blocks > 0;
        Must(whole == Read(new Trickle(input[1..], 1 + (input[0] % 7))), "the cuts change what is heard");
        return whole.Blocks > 0;
    }

    private static (int Blocks, int Samples, long Sum, bool Broke) Read(Stream stream)
    {
        var (blocks, count, samples, sum) = (new LiveBlocks(stream), 0, 0, 0L);
        try
        {
            while (blocks.NextAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                count++;
                samples += blocks.Sound.Length;
                foreach (var sample in blocks.Sound) sum = (sum * 31) + sample;
                sum ^= blocks.CapturedMs;
                Must(blocks.Sound.Length <= Pcm.SamplesPerSecond && samples * 2 <= stream.Length, "more than was there");
            }

            return (count, samples, sum, false);
        }
        catch (IOException)
        {
            return (count, samples, sum, true); // What the receiver takes for a line that broke.
        }
    }

    private static byte[] Block(int samples) => [.. BitConverter.GetBytes(1_795_000_000_000L), (byte)samples, (byte)(samples >> 8), .. Enumerable.Range(0, 2 * samples).Select(n => (byte)(n * 7))];
}

/// <summary>Recordings on the disk: what was stored, or none.</summary>
internal sealed class CachedRecording : FileTarget
{
    private static readonly short[] Samples = [.. Enumerable.Range(0, 200).Select(n => (short)(n * 331))];
    private readonly RecordingCache _cache;
    private readonly byte[] _good;

    public CachedRecording()
    {
        var settings = new EdgeSettings { Data = Folder };
        _cache = new RecordingCache(settings, new DataFolder(settings), TimeProvider.System, NullLogger<RecordingCache>.Instance);
        _cache.StoreAsync("r", Samples, CancellationToken.None).GetAwaiter().GetResult();
        _good = System.IO.File.ReadAllBytes(PathOfRecording);
    }

    public override int InputsUsual => 10_000; // Each is a file.

    private string PathOfRecording => Path.Combine(Folder, "audio", "r.pcm");

    public override byte[] Make(Dice dice) => dice.OneIn(10) ? _good : ByteMutation.Of(_good, dice, [_good]);

    public override bool Take(byte[] input)
    {
        System.IO.File.WriteAllBytes(PathOfRecording, input);
        var samples = _cache.LoadAsync("r", CancellationToken.None).GetAwaiter().GetResult();
        Must(samples is null || samples.AsSpan().SequenceEqual(Samples), "a noise that nobody recorded");
        Must(samples is not null || !_cache.Has("r"), "what cannot be played is kept");
        return samples is not null;
    }
}
