using System.Buffers.Binary;

namespace Broadcast.Rules;

/// <summary>
/// Reads format and length of a recording from its headers alone. No decoder runs in the cloud on what somebody uploaded; a file whose
/// headers do not add up from the first byte to the last is refused.
/// </summary>
public static class AudioProbe
{
    private const int OpusRate = 48_000; // The clock of every Opus stream (RFC 7845, 4).

    // Kilobits a second by index, layer III (ISO 11172-3 2.4.2.3 and ISO 13818-3); 0 is "free", which nobody writes.
    private static ReadOnlySpan<ushort> Mpeg1Rates => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    private static ReadOnlySpan<ushort> Mpeg2Rates => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    private static ReadOnlySpan<int> SampleRates => [44_100, 48_000, 32_000];

    private static readonly Problem NoFormat = new("audio", "unknown-format", "Neither WAV (16 bit PCM), nor MP3, nor Opus in Ogg.", "仅支持 WAV（16 位 PCM）、MP3 和 Ogg Opus。");

    private static readonly Problem Broken = new("audio", "broken", "The file is cut off or damaged: its headers do not add up.", "文件不完整或已损坏。");

    /// <summary>The facts, or the problem that a person can mend.</summary>
    public static (AudioFacts? Facts, Problem? Problem) Look(ReadOnlySpan<byte> file)
    {
        if (file.Length > AudioLimits.BytesMax)
            return (null, new("audio", "too-large", $"{file.Length} bytes; at most {AudioLimits.BytesMax}.", $"文件过大，最多 {AudioLimits.BytesMax} 字节。"));
        if (FormatOf(file) is not { } format) return (null, NoFormat);
        var length = format switch { AudioFormat.Wav => Wav(file), AudioFormat.Opus => Opus(file), _ => Mp3(file) };
        if (length is not { } found) return (null, Broken);
        if (found > AudioLimits.LengthMax || found < AudioLimits.LengthMin)
            return (null, new("audio", "length", $"{found.TotalSeconds:0.0} s; a recording lasts {AudioLimits.LengthMin.TotalSeconds:0.0} s to {AudioLimits.LengthMax.TotalMinutes:0} minutes.", $"录音时长须为 {AudioLimits.LengthMin.TotalSeconds:0.0} 秒至 {AudioLimits.LengthMax.TotalMinutes:0} 分钟。"));
        return (new AudioFacts(format, found), null);
    }

    private static AudioFormat? FormatOf(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("RIFF"u8)) return AudioFormat.Wav;
        if (file.StartsWith("OggS"u8)) return AudioFormat.Opus;
        if (file.StartsWith("ID3"u8)) return AudioFormat.Mp3;
        return file.Length > 4 && file[0] == 0xff && (file[1] & 0xe0) == 0xe0 ? AudioFormat.Mp3 : null;
    }

    private static TimeSpan? Wav(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file[8..].StartsWith("WAVE"u8)) return null;
        var bytesPerSecond = 0;
        for (var at = 12; at + 8 <= file.Length;)
        {
            var name = file.Slice(at, 4);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            at += 8;
            if (size > (uint)(file.Length - at)) return null;
            if (name.SequenceEqual("data"u8)) return bytesPerSecond == 0 ? null : TimeSpan.FromSeconds((double)size / bytesPerSecond);
            if (name.SequenceEqual("fmt "u8) && (bytesPerSecond = WavBytesPerSecond(file.Slice(at, (int)size))) == 0) return null;
            at += (int)(size + (size & 1));
        }

        return null;
    }

    private static int WavBytesPerSecond(ReadOnlySpan<byte> format)
    {
        if (format.Length < 16) return 0;
        var kind = BinaryPrimitives.ReadUInt16LittleEndian(format);
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(format[4..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        const int Pcm = 1, Extensible = 0xfffe;
        return kind is Pcm or Extensible && channels is 1 or 2 && rate is >= 8_000 and <= 96_000 && bits == 16 ? (int)rate * channels * 2 : 0;
    }

    // Pages one after the other (RFC 3533, 6) of one stream; the last one's granule position is the length.
    private static TimeSpan? Opus(ReadOnlySpan<byte> file)
    {
        const int HeadBytes = 27;
        long last = 0;
        uint serial = 0;
        var skipped = 0;
        for (var at = 0; at < file.Length;)
        {
            var page = file[at..];
            if (page.Length < HeadBytes || !page.StartsWith("OggS"u8) || page[4] != 0 || page.Length < HeadBytes + page[26]) return null;
            var body = 0;
            foreach (var segment in page.Slice(HeadBytes, page[26])) body += segment;
            var start = HeadBytes + page[26];
            if (page.Length < start + body) return null;
            var stream = BinaryPrimitives.ReadUInt32LittleEndian(page[14..]);
            if (at == 0)
            {
                if (body < 19 || !page[start..].StartsWith("OpusHead"u8) || page[start + 9] is 0 or > 2) return null;
                serial = stream;
                skipped = BinaryPrimitives.ReadUInt16LittleEndian(page[(start + 10)..]);
            }
            else if (stream != serial)
            {
                return null;
            }

            var granule = BinaryPrimitives.ReadInt64LittleEndian(page[6..]);
            if (granule > last) last = granule; // -1 is a page on which no packet ends.
            at += start + body;
        }

        return last / OpusRate > AudioLimits.LengthMax.TotalSeconds * 2 ? AudioLimits.LengthMax * 2 : TimeSpan.FromSeconds((double)(last - skipped) / OpusRate);
    }

    private static TimeSpan? Mp3(ReadOnlySpan<byte> file)
    {
        const int TagHeadBytes = 10, TailBytesMax = 4_096; // Behind the last frame editors leave tags.
        var at = 0;
        if (file.StartsWith("ID3"u8))
        {
            if (file.Length < TagHeadBytes) return null;
            for (var i = 6; i < TagHeadBytes; i++) at = (at << 7) | (file[i] & 0x7f);
            at += TagHeadBytes;
        }

        var frames = 0;
        double seconds = 0;
        while (at + 4 <= file.Length && Frame(file.Slice(at, 4)) is { } frame && at + frame.Bytes <= file.Length)
        {
            frames++;
            seconds += frame.Seconds;
            at += frame.Bytes;
        }

        return frames >= 2 && file.Length - at <= TailBytesMax ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static (int Bytes, double Seconds)? Frame(ReadOnlySpan<byte> head)
    {
        const int Mpeg1 = 3, Reserved = 1, LayerThree = 1;
        var version = (head[1] >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5.
        var (rateIndex, sampleIndex) = (head[2] >> 4, (head[2] >> 2) & 3);
        var isFrame = head[0] == 0xff && (head[1] & 0xe0) == 0xe0 && version != Reserved && ((head[1] >> 1) & 3) == LayerThree && rateIndex is > 0 and < 15 && sampleIndex < 3;
        if (!isFrame) return null;
        var rate = SampleRates[sampleIndex] >> (version == Mpeg1 ? 0 : version == 2 ? 1 : 2);
        var kilobits = version == Mpeg1 ? Mpeg1Rates[rateIndex] : Mpeg2Rates[rateIndex];
        var samples = version == Mpeg1 ? 1_152 : 576;
        return ((samples / 8 * kilobits * 1_000 / rate) + ((head[2] >> 1) & 1), (double)samples / rate);
    }
}
