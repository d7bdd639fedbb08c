using System.Buffers.Binary;
using Broadcast.Rules;

namespace Broadcast.Rules.Tests;

/// <summary>Format and length by the headers; what does not add up is refused. Real files of other programs are in the gateway's tests.</summary>
public sealed class AudioProbeTests
{
    [Theory]
    [InlineData(22_050, 1, 22_050, 1.0)]
    [InlineData(44_100, 2, 44_100, 1.0)]
    [InlineData(8_000, 1, 2_400, 0.3)]
    [InlineData(96_000, 1, 96_000, 1.0)]
    public void A_wav_lasts_as_long_as_its_samples(int rate, int channels, int frames, double seconds)
    {
        var (facts, problem) = AudioProbe.Look(Wav(rate, channels, frames));
        problem.ShouldBeNull();
        facts.ShouldBe(new AudioFacts(AudioFormat.Wav, TimeSpan.FromSeconds(seconds)));
    }

    [Theory]
    [InlineData(22_050, 1, 6_614, "length")] // One sample less than 0.3 s.
    [InlineData(8_000, 1, 4_800_001, "length")] // One sample more than ten minutes.
    [InlineData(4_000, 1, 8_000, "broken")]
    [InlineData(22_050, 3, 22_050, "broken")]
    [InlineData(96_001, 1, 96_001, "broken")]
    public void A_wav_that_no_gateway_should_play_is_refused(int rate, int channels, int frames, string code) =>
        AudioProbe.Look(Wav(rate, channels, frames)).Problem.ShouldNotBeNull().Code.ShouldBe(code);

    [Theory]
    [InlineData(128, 38, 0.99)]
    [InlineData(64, 39, 1.02)]
    public void An_mp3_lasts_as_long_as_its_frames(int kilobits, int frames, double seconds)
    {
        var (facts, _) = AudioProbe.Look(Mp3(kilobits, frames));
        facts.ShouldNotBeNull().Format.ShouldBe(AudioFormat.Mp3);
        facts.Value.Length.TotalSeconds.ShouldBe(seconds, 0.01);
        AudioProbe.Look([.. "ID3"u8, 4, 0, 0, 0, 0, 1, 2, .. new byte[130], .. Mp3(kilobits, frames), .. "TAG"u8, .. new byte[125]]).Facts.ShouldBe(facts, "tags are passed over");
    }

    [Theory]
    [InlineData(3, 1, 48_000, 1_152, 384, 1)] // MPEG 1, 128 kbit/s; the frame one byte longer where it is padded.
    [InlineData(3, 2, 32_000, 1_152, 576, 0)]
    [InlineData(2, 1, 24_000, 576, 240, 0)] // MPEG 2, 80 kbit/s.
    [InlineData(0, 0, 11_025, 576, 522, 1)] // MPEG 2.5
    public void An_mp3_of_any_version_lasts_as_long_as_its_samples(int version, int rateIndex, int rate, int samples, int bytes, int padding)
    {
        var frame = new byte[bytes + padding];
        (frame[0], frame[1], frame[2]) = (0xff, (byte)(0xe3 | (version << 3)), (byte)((9 << 4) | (rateIndex << 2) | (padding << 1)));
        byte[] file = [.. Enumerable.Repeat(frame, 61).SelectMany(f => f)];
        AudioProbe.Look(file).Facts.ShouldNotBeNull().Length.TotalSeconds.ShouldBe(61.0 * samples / rate, 0.001);
        AudioProbe.Look(file.AsSpan(0, file.Length - 1)).Facts.ShouldNotBeNull().Length.TotalSeconds.ShouldBe(60.0 * samples / rate, 0.001, "a frame that is cut off is not heard");
    }

    [Theory]
    [InlineData(0, 0xfe)] // No sync.
    [InlineData(1, 0x1b)]
    [InlineData(1, 0xeb)] // The reserved version.
    [InlineData(1, 0xfd)] // Layer II.
    [InlineData(2, 0xf0)] // No bit rate.
    [InlineData(2, 0x9c)] // No sample rate.
    public void What_is_no_frame_of_layer_III_makes_no_mp3(int at, byte value)
    {
        var file = Mp3(128, 38);
        file[(file.Length / 38 * 2) + at] = value; // The third: what comes after it is lost, and more than a tag.
        AudioProbe.Look(file).Facts.ShouldBeNull();
    }

    [Theory]
    [InlineData(4_096, true)]
    [InlineData(4_097, false)]
    public void Behind_its_frames_an_mp3_has_a_tag_and_no_other_file(int bytes, bool taken) =>
        (AudioProbe.Look([.. Mp3(128, 38), .. new byte[bytes]]).Facts is not null).ShouldBe(taken);

    [Theory]
    [InlineData(20, 3)] // Floating point.
    [InlineData(34, 8)]
    [InlineData(8, 'w')]
    [InlineData(12, 'x')]
    public void A_wav_that_is_not_16_bit_PCM_is_refused(int at, byte value)
    {
        var file = Wav(22_050, 1, 22_050);
        file[at] = value;
        AudioProbe.Look(file).Facts.ShouldBeNull();
    }

    [Theory]
    [InlineData(27 + 1, 'o')] // Not Opus.
    [InlineData(27 + 1 + 9, 0)] // No channel.
    [InlineData(27 + 1 + 9, 3)]
    [InlineData(FirstPageBytes, 'o')] // No page.
    [InlineData(FirstPageBytes + 4, 1)] // Of a later version.
    [InlineData(FirstPageBytes + 14, 8)] // Of another stream.
    public void An_Ogg_of_anything_but_one_mono_or_stereo_Opus_stream_is_refused(int at, byte value)
    {
        var file = Opus(48_000 + 312, 312);
        file[at] = value;
        AudioProbe.Look(file).Facts.ShouldBeNull();
        file = Opus(48_000 + 312, 312);
        file[27 + 1 + 9] = 2;
        AudioProbe.Look(file).Facts.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(600, true)]
    [InlineData(601, false)]
    [InlineData(100_000_000, false)]
    public void An_Opus_lasts_ten_minutes_at_most(long seconds, bool taken) => (AudioProbe.Look(Opus(seconds * 48_000, 0)).Facts is not null).ShouldBe(taken);

    [Fact]
    public void A_file_of_any_other_kind_is_refused()
    {
        foreach (var file in new byte[][] { [], [0xff], "<html>"u8.ToArray(), "OggS"u8.ToArray(), "RIFF"u8.ToArray(), new byte[1_000] })
            AudioProbe.Look(file).Facts.ShouldBeNull();
        AudioProbe.Look(new byte[AudioLimits.BytesMax + 1]).Problem.ShouldNotBeNull().Code.ShouldBe("too-large");
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_in_its_headers_or_samples_is_refused()
    {
        var wav = Wav(22_050, 1, 22_050);
        for (var length = 0; length < wav.Length; length += length < 100 ? 1 : 997) AudioProbe.Look(wav.AsSpan(0, length)).Facts.ShouldBeNull($"{length} bytes");
        var opus = Opus(48_000 + 312, 312);
        AudioProbe.Look(opus).Facts.ShouldBe(new AudioFacts(AudioFormat.Opus, TimeSpan.FromSeconds(1)));
        for (var length = 0; length < opus.Length; length++)
            if (length != FirstPageBytes) AudioProbe.Look(opus.AsSpan(0, length)).Facts.ShouldBeNull($"{length} bytes");
        AudioProbe.Look(opus.AsSpan(0, FirstPageBytes)).Facts.ShouldBeNull("a head without sound");
    }

    [Fact]
    public void No_changed_byte_makes_the_probe_throw_or_the_length_absurd()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        foreach (var good in new[] { Wav(8_000, 1, 8_000), Mp3(128, 40), Opus(96_000, 312) })
        {
            for (var round = 0; round < 4_000; round++)
            {
                var file = good.ToArray();
                for (var i = random.Next(1, 5); i > 0; i--) file[random.Next(Math.Min(file.Length, 200))] = (byte)random.Next(256);
                var facts = AudioProbe.Look(file).Facts;
                if (facts is { } found) found.Length.ShouldBeInRange(AudioLimits.LengthMin, AudioLimits.LengthMax, $"seed {Seed}, round {round}");
            }
        }
    }

    [Theory]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true)]
    [InlineData("E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", false)]
    [InlineData("../b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    [InlineData(null, false)]
    public void A_hash_has_one_form(string? text, bool ok)
    {
        AudioHash.TryParse(text, out var hash).ShouldBe(ok);
        if (ok) (hash.Value, AudioHash.Of([])).ShouldBe((text, hash));
    }

    private const int FirstPageBytes = 27 + 1 + 19;

    private static byte[] Wav(int rate, int channels, int frames)
    {
        var file = new byte[44 + (frames * channels * 2)];
        "RIFF\0\0\0\0WAVEfmt "u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(22), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), frames * channels * 2);
        return file;
    }

    // 44.1 kHz, MPEG 1 layer III without padding: 1,152 samples a frame.
    private static byte[] Mp3(int kilobits, int frames)
    {
        var frame = new byte[144 * kilobits * 1_000 / 44_100];
        byte[] rates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128];
        (frame[0], frame[1], frame[2]) = (0xff, 0xfb, (byte)(Array.IndexOf(rates, (byte)kilobits) << 4));
        return [.. Enumerable.Repeat(frame, frames).SelectMany(f => f)];
    }

    private static byte[] Opus(long granule, ushort skip)
    {
        byte[] head = [.. "OpusHead"u8, 1, 1, (byte)skip, (byte)(skip >> 8), 0, 0, 0, 0, 0, 0, 0];
        return [.. Page(0, head), .. Page(granule, new byte[200])];
    }

    private static byte[] Page(long granule, byte[] body)
    {
        var page = new byte[28];
        "OggS"u8.CopyTo(page);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(6), granule);
        page[14] = 7;
        (page[26], page[27]) = (1, (byte)body.Length);
        return [.. page, .. body];
    }
}
