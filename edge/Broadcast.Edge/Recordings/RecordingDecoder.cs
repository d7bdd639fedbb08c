using System.ComponentModel;
using System.Runtime.InteropServices;
using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Recordings;

/// <summary>
/// Turns a recording into the gateway's samples: WAV in its own format by itself, other WAV and MP3 through Debian's <c>sox</c>, Opus
/// through <c>opusdec</c>. The decoder is a process that is killed when it takes too long or says too much.
/// </summary>
internal sealed class RecordingDecoder(TimeProvider time)
{
    /// <summary>Ten minutes of MP3 take a Raspberry Pi some ten seconds.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    private const int HeadBytes = 12;

    /// <exception cref="InvalidDataException">It cannot be decoded; the message says why.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    public async Task<short[]> DecodeAsync(string file, CancellationToken ct)
    {
        var head = new byte[HeadBytes];
        await using (var start = File.OpenRead(file)) await start.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, ct);
        if (head.AsSpan().StartsWith("RIFF"u8))
            return await OwnFormatAsync(file, ct) ?? await ThroughAsync("sox", Sox("wav", file), ct);
        return head.AsSpan().StartsWith("OggS"u8)
            ? await ThroughAsync("opusdec", ["--quiet", "--rate", $"{Pcm.SamplesPerSecond}", "--force-wav", file, "-"], ct)
            : await ThroughAsync("sox", Sox("mp3", file), ct);
    }

    private static string[] Sox(string type, string file) =>
        ["-V1", "-t", type, file, "-t", "wav", "-r", $"{Pcm.SamplesPerSecond}", "-c", "1", "-b", "16", "-e", "signed-integer", "-"];

    // Null where it is another format, which is not this reader's.
    private static async Task<short[]?> OwnFormatAsync(string file, CancellationToken ct)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            return await SamplesAsync(stream, ct);
        }
        catch (Exception other) when (other is InvalidDataException or EndOfStreamException)
        {
            return null; // sox says whether anybody can read it.
        }
    }

    private async Task<short[]> ThroughAsync(string program, string[] arguments, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(TimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            using var decoder = AudioProgram.Start(program, arguments);
            var samples = await SamplesAsync(decoder.Output, either.Token);
            await decoder.WaitForExitAsync(either.Token);
            return decoder.ExitCode == 0 ? samples : throw new InvalidDataException($"{program} ended with {decoder.ExitCode}");
        }
        catch (Win32Exception missing)
        {
            throw new InvalidDataException($"{program} cannot be started: {missing.Message} (Debian packages sox, libsox-fmt-mp3, opus-tools)", missing);
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException($"{program} gave no sound", cut);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new InvalidDataException($"{program} took longer than {TimeMax.TotalSeconds:0} s");
        }
    }

    /// <summary>The samples of a WAV stream, of two channels their mean.</summary>
    /// <exception cref="InvalidDataException">It is another format, too long, or holds no sound.</exception>
    /// <exception cref="EndOfStreamException">It ends within its header.</exception>
    internal static async Task<short[]> SamplesAsync(Stream stream, CancellationToken ct)
    {
        var wav = new WavStream(stream, channelsMax: 2);
        await wav.ReadHeaderAsync(ct);
        var samples = new short[Pcm.SamplesPerSecond];
        var (count, mixed) = (0, 0);
        var block = new byte[64 << 10];
        for (int bytes; (bytes = await wav.ReadAsync(block, ct)) > 0;)
        {
            var fresh = bytes / Pcm.BytesPerSample;
            if (count + fresh > samples.Length) Array.Resize(ref samples, Room(samples.Length, count + fresh, block.Length));
            MemoryMarshal.Cast<byte, short>(block.AsSpan(0, bytes)).CopyTo(samples.AsSpan(count));
            count += fresh;
            if (wav.Channels == 2) (mixed, count) = Mix(samples, mixed, count);
        }

        if (wav.Channels == 2) count = mixed;
        if (count > Speech.SamplesMax) throw TooLong();
        if (count == 0) throw new InvalidDataException("it holds no sound");
        Array.Resize(ref samples, count);
        return samples;
    }

    private static int Room(int now, int needed, int slack) => needed <= Speech.SamplesMax + slack
        ? Math.Min(Math.Max(now * 2, needed), Speech.SamplesMax + slack)
        : throw TooLong();

    private static InvalidDataException TooLong() => new("it is longer than ten minutes");

    // Left and right become one: their mean, which cannot clip. A left sample whose right one has not come yet stays at the end.
    private static (int Mixed, int Count) Mix(short[] samples, int from, int to)
    {
        var into = from;
        var at = from;
        for (; at + 1 < to; at += 2) samples[into++] = (short)((samples[at] + samples[at + 1]) / 2);
        if (at == to) return (into, into);
        samples[into] = samples[at];
        return (into, into + 1);
    }
}
