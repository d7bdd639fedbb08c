using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Cloud.Settings;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Rules;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Mostly what a site measures, now and then a number at an edge: with every field at one, nothing would be taken.</summary>
internal static class Some
{
    public static long Number(Dice dice) => dice.OneIn(8) ? dice.Edge() : 1 + dice.Below(1_000_000);

    public static long Time(Dice dice) => dice.OneIn(8) ? dice.Edge() : 1_795_000_000_000 + dice.Below(1_000_000);

    public static int Value(Dice dice) => dice.OneIn(8) ? dice.EdgeInt() : dice.Below(1_000);
}

internal sealed class AlarmBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Alarm
    {
        Number = Some.Number(dice), AtMs = Some.Time(dice), Clock = (ClockQuality)dice.Below(4), Stage = (AlarmStage)(1 + dice.Below(2)), Cause = (AlarmCause)(1 + dice.Below(3)), WindowMinutes = Some.Value(dice),
        Value = Some.Value(dice), Threshold = Some.Value(dice), WarningId = dice.Bytes(dice.OneIn(20) ? dice.Below(40) : 16),
    }.Encode();

    protected override byte[]? Again(byte[] body) => Alarm.Decode(body)?.Encode();
}

internal sealed class ReadingBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Reading
    {
        Number = Some.Number(dice), AtMs = Some.Time(dice), Clock = (ClockQuality)dice.Below(4), Seconds = Some.Value(dice), RainTenths = Some.Value(dice), RainFault = (SensorFault)dice.Below(3),
        LevelMillimetres = Some.Value(dice), LevelFault = (SensorFault)dice.Below(3), BatteryMillivolts = Some.Value(dice),
    }.Encode();

    protected override byte[]? Again(byte[] body) => Reading.Decode(body)?.Encode();
}

internal sealed class SoundTestBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new SoundTest
    {
        Number = Some.Number(dice), AtMs = Some.Time(dice), Clock = (ClockQuality)dice.Below(4), Result = (SoundTestResult)dice.Below(7), Milliohms = Some.Value(dice), NominalMilliohms = Some.Value(dice), Millivolts = Some.Value(dice),
    }.Encode();

    protected override byte[]? Again(byte[] body) => SoundTest.Decode(body)?.Encode();
}

internal sealed class AudioTicketBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new AudioTicket { Audio = dice.Bytes(dice.OneIn(20) ? dice.Below(60) : 32), AtMs = dice.Edge() }.Encode();

    protected override byte[]? Again(byte[] body)
    {
        var ticket = AudioTicket.Decode(body);
        if (ticket is not null) Must(!ticket.IsGoodFor(new byte[32], ticket.AtMs - Limits.AudioTicketMs - 1), "good from too far ahead");
        return ticket?.Encode();
    }
}

internal sealed class SettingsStateBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new SettingsState { InForce = dice.EdgeInt(), Judged = dice.EdgeInt(), Refusal = (SettingsRefusal)dice.Below(20) }.Encode();

    protected override byte[]? Again(byte[] body) => SettingsState.Decode(body)?.Encode();
}

/// <summary>Settings as the wire carries them: what the checks let through has only values that a device can go by.</summary>
internal sealed class SiteSettingsBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new SiteSettings
    {
        Revision = dice.OneIn(4) ? dice.EdgeInt() : 1 + dice.Below(1_000),
        VolumeByHour = [.. Enumerable.Range(0, dice.OneIn(10) ? dice.Below(30) : 24).Select(_ => dice.OneIn(30) ? dice.EdgeInt() : dice.Below(101))],
        ActualVolumeMax = dice.OneIn(8) ? dice.EdgeInt() : 100, ActualVolumeMin = dice.OneIn(8) ? dice.EdgeInt() : 60, QuietFromMinute = dice.OneIn(8) ? dice.EdgeInt() : 1_320,
        QuietToMinute = dice.OneIn(8) ? dice.EdgeInt() : 360, Tone = (SiteTone)dice.Below(3), Rain = Numbers(dice, 3), Level = Numbers(dice, 2), Programmes = Numbers(dice, 2), SelfTestMinutes = dice.OneIn(2) ? SiteSettings.NoWish : dice.OneIn(4) ? dice.EdgeInt() : 1_440,
    }.Encode();

    protected override byte[]? Again(byte[] body)
    {
        var settings = SiteSettings.Decode(body);
        if (settings is not null && settings.Check() == SettingsRefusal.None)
        {
            Must(settings.VolumeByHour.Length == SiteSettings.HoursADay && settings.VolumeByHour.All(v => v is >= 0 and <= 100), "a volume that is none");
            Must(settings.ActualVolumeMin <= settings.ActualVolumeMax && settings.ActualVolumeMax is > 0 and <= 100, "an actual warning that nobody hears");
            for (var minute = 0; minute < SiteSettings.MinutesADay; minute += 97) _ = settings.IsQuietAt(minute) && settings.MayBeginProgrammeAt(minute);
        }

        return settings?.Encode();
    }

    private static int[] Numbers(Dice dice, int each) => [.. Enumerable.Range(0, each * dice.Below(4)).Select(_ => dice.OneIn(6) ? dice.EdgeInt() : 1 + dice.Below(1_400))];
}

/// <summary>Settings as people send them: what is taken is what a device takes.</summary>
internal sealed class SettingsDraft : FuzzTarget
{
    private const string Good = """
        {"basedOn":0,"volumeByHour":[40,40,40,40,40,40,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,40,40,40],"actualVolumeMax":90,"actualVolumeMin":60,"quiet":{"from":"22:00","to":"06:00"},
        "tone":"single","rain":[{"hours":1,"prepareMillimetres":30,"leaveMillimetres":50}],"level":[{"prepareMillimetres":2000,"leaveMillimetres":3000}],"programmes":[{"from":"06:30","to":"07:00"}]}
        """;
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { MaxDepth = 16, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) } };

    public override int AllocatedBytesOfByte => 200;

    public override byte[] Make(Dice dice) => JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        SettingsBody? body;
        try
        {
            body = JsonSerializer.Deserialize<SettingsBody>(input, Format);
        }
        catch (JsonException)
        {
            return false; // What the framework answers with 400.
        }

        if (body is null) return false;
        var problems = new List<Problem>();
        var settings = body.Read(problems);
        if (problems.Count > 0) return false;
        Must(settings.Check() == SettingsRefusal.None, "let through, and every device refuses it");
        Must(SiteSettings.Decode(settings.Encode()) is { } read && read.Encode().AsSpan().SequenceEqual(settings.Encode()), "let through, and no device reads it");
        return true;
    }
}

/// <summary>Headers of recordings: a length that is in bounds, or a reason, whatever the file claims.</summary>
internal sealed class RecordingHeaders : FuzzTarget
{
    private static readonly byte[][] Good = [Wav(), Mp3(), Opus()];

    public override long AllocatedBytesMax => 16 * 1024;

    public override byte[] Make(Dice dice) => dice.OneIn(20) ? dice.Of(Good) : ByteMutation.Of(dice.Of(Good), dice, Good);

    public override bool Take(byte[] input)
    {
        var (facts, problem) = AudioProbe.Look(input);
        Must(facts is null == problem is not null, "neither facts nor a reason");
        Must(facts is not { } found || (found.Length >= AudioLimits.LengthMin && found.Length <= AudioLimits.LengthMax), "a length out of bounds");
        return facts is not null;
    }

    private static byte[] Wav()
    {
        const int rate = 8_000, bytes = 6_400; // 400 ms; the shortest that is taken has 300.
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(36 + bytes);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(rate);
        writer.Write(rate * 2);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(bytes);
        writer.Write(new byte[bytes]);
        return file.ToArray();
    }

    // MPEG 2, layer III, 8 kbit/s at 16 kHz: 36 bytes and 36 ms a frame.
    private static byte[] Mp3() => [.. "ID3"u8, 3, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4, .. Enumerable.Repeat((byte[])[0xFF, 0xF3, 0x18, 0xC0, .. new byte[32]], 20).SelectMany(f => f)];

    private static byte[] Opus() => [.. Page(0, [.. "OpusHead"u8, 1, 1, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0]), .. Page(0, [.. "OpusTags"u8, 0, 0, 0, 0, 0, 0, 0, 0]), .. Page(48_000, new byte[200])];

    private static byte[] Page(long granule, byte[] body) => [.. "OggS"u8, 0, 0, .. BitConverter.GetBytes(granule), 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte)body.Length, .. body];
}
