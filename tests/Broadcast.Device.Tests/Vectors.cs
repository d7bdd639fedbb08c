using Broadcast.Device.Sensing;

namespace Broadcast.Device.Tests;

/// <summary>The golden vectors: messages built by hand here, their bytes in firmware/Broadcast.Device/vectors.txt.</summary>
internal static class Vectors
{
    public static IReadOnlyDictionary<string, string> FromFile { get; } = File
        .ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vectors.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => parts[1]);

    public static IReadOnlyDictionary<string, byte[]> FromCode { get; } = new Dictionary<string, byte[]>
    {
        ["order-body"] = Order().Encode(),
        ["order-frame"] = Seal(Direction.Down, MessageType.Order, Order().Encode()),
        ["cancel-frame"] = Seal(Direction.Down, MessageType.Order, Cancel().Encode()),
        ["receipt-body"] = Receipt().Encode(),
        ["receipt-frame"] = Seal(Direction.Up, MessageType.Receipt, Receipt().Encode()),
        ["hello-frame"] = Seal(Direction.Up, MessageType.Hello, Hello().Encode()),
        ["welcome-frame"] = Seal(Direction.Down, MessageType.Welcome, Welcome().Encode()),
        ["report-frame"] = Seal(Direction.Up, MessageType.Report, Report().Encode()),
        ["uplink-report-frame"] = Seal(Direction.Up, MessageType.Report, UplinkReport().Encode()),
        ["alarm-frame"] = Seal(Direction.Up, MessageType.Alarm, Alarm().Encode()),
        ["alarm-over-frame"] = Seal(Direction.Up, MessageType.Alarm, AlarmOver().Encode()),
        ["reading-frame"] = Seal(Direction.Up, MessageType.Reading, Reading().Encode()),
        ["settings-frame"] = Seal(Direction.Down, MessageType.Settings, Settings().Encode()),
        ["settings-state-frame"] = Seal(Direction.Up, MessageType.SettingsState, new SettingsState { InForce = 3, Judged = 4, Refusal = SettingsRefusal.NoSuchSensor }.Encode()),
        ["recorded-order-body"] = Recorded().Encode(),
        ["recorded-order-frame"] = Seal(Direction.Down, MessageType.Order, Recorded().Encode()),
        ["audio-ticket-frame"] = Seal(Direction.Up, MessageType.AudioTicket, Ticket().Encode()),
        ["verified-receipt-frame"] = Seal(Direction.Up, MessageType.Receipt, Verified().Encode()),
        ["delegated-key"] = Key,
        ["township-link-secret"] = System.Text.Encoding.ASCII.GetBytes(Delegation.LinkSecret(Bench.Key, "pi-1")),
        ["township-frame"] = Seal(Direction.Down, MessageType.Township, Township().Encode()),
        ["revocation-frame"] = Seal(Direction.Down, MessageType.Revocation, new Revocation { UpTo = 1_795_000_000_000 }.Encode()),
        ["delegated-frame"] = Envelope.Seal(Key, Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Delegated, Delegated().Encode()),
        ["delegated-warning-id"] = Delegation.WarningId(Bench.Key, "pi-1", Count(0x70)),
        ["delegated-receipt-frame"] = Seal(Direction.Up, MessageType.Receipt, DelegatedReceipt().Encode()),
        ["revoking-welcome-frame"] = Seal(Direction.Down, MessageType.Welcome, RevokingWelcome().Encode()),
        ["child-gone-frame"] = Seal(Direction.Up, MessageType.ChildGone, new ChildGone { Child = "dev-2", SilenceMs = 90_000 }.Encode()),
        ["sound-test-frame"] = Seal(Direction.Up, MessageType.SoundTest, SoundTest().Encode()),
        ["tested-settings-frame"] = Seal(Direction.Down, MessageType.Settings, Tested().Encode()),
        ["ping-frame"] = Seal(Direction.Down, MessageType.Ping, new Ping().Encode()),
    };

    public static Order Order() => new()
    {
        WarningId = Count(0x10),
        Revision = 2,
        Kind = OrderKind.Update,
        Class = WarningClass.Actual,
        Level = WarningLevel.Red,
        Issuer = RegionLevel.County,
        Event = "11B03",
        Sequence = 1_795_000_000_123,
        NotBeforeMs = 1_795_000_000_000,
        ExpiresMs = 1_795_003_600_000,
        Language = "zh-CN",
        Text = "暴雨红色预警。\n请立即转移😀",
        Repetitions = 3,
        Volume = 90,
        ToneMs = 3_000,
        Siren = true,
    };

    public static Report UplinkReport()
    {
        Report report = Report();
        (report.Uplink, report.IsMetered, report.UplinkWhy) = ("lte", true, "the cheaper one failed");
        return report;
    }

    public static Order Recorded()
    {
        var order = Order();
        order.Audio = [.. Count(0x40), .. Count(0x50)];
        return order;
    }

    public static AudioTicket Ticket() => new() { Audio = [.. Count(0x40), .. Count(0x50)], AtMs = 1_795_000_000_800 };

    public static byte[] Key => Delegation.Key(Bench.Key, "pi-1", 1_795_000_000_001, 1_796_209_600_001);

    public static Township Township() => new()
    {
        Revision = 1_795_000_000_002,
        Part = 1,
        Parts = 2,
        Epoch = 1_795_000_000_001,
        ExpiresMs = 1_796_209_600_001,
        Children =
        [
            new TownshipChild
            {
                Id = "dev-2", KeyEpoch = 3, Verifier = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(Delegation.LinkSecret(Bench.Key, "dev-1"))),
                Key = Delegation.Wrap(Bench.Key, "dev-2", 1_795_000_000_001, 1_796_209_600_001, Key),
            },
        ],
    };

    public static DelegatedOrder Delegated() => new()
    {
        Parent = "pi-1",
        Epoch = 1_795_000_000_001,
        ExpiresMs = 1_796_209_600_001,
        Order = new Order
        {
            WarningId = Count(0x70), Class = WarningClass.LocalNotice, Issuer = RegionLevel.Township, Sequence = 1_795_000_000_900, ExpiresMs = 1_795_001_800_900, Text = "今天下午停水。", ToneMs = 1_000,
        }.Encode(),
    };

    public static Receipt DelegatedReceipt()
    {
        Receipt receipt = Receipt();
        (receipt.WarningId, receipt.OrderedBy, receipt.Class) = (Delegation.WarningId(Bench.Key, "pi-1", Count(0x70)), "pi-1", WarningClass.LocalNotice);
        return receipt;
    }

    public static Welcome RevokingWelcome()
    {
        Welcome welcome = Welcome();
        welcome.RevokedUpTo = 1_795_000_000_000;
        return welcome;
    }

    public static Order Cancel() => new()
    {
        WarningId = Count(0x10),
        Revision = 3,
        Kind = OrderKind.Cancel,
        Sequence = 1_795_000_000_124,
        ExpiresMs = 1_795_003_600_000,
        Repetitions = 0,
        Volume = 0,
    };

    public static Receipt Receipt() => new()
    {
        WarningId = Count(0x10),
        Revision = 2,
        Sequence = 1_795_000_000_123,
        State = ReceiptState.Stopped,
        Reason = (byte)StopReason.Cancelled,
        Attempt = 1,
        AtMs = 1_795_000_004_567,
        Clock = ClockQuality.Cloud,
        Number = 65_536,
    };

    public static Receipt Verified()
    {
        var receipt = Receipt();
        (receipt.State, receipt.Reason) = (ReceiptState.Played, (byte)SoundCheck.AmplifierDriven);
        return receipt;
    }

    public static Hello Hello() => new()
    {
        Nonce = Count(0x20),
        HighWater = 1_795_000_000_124,
        Firmware = "broadcast 0.1.0",
        Board = "esp32-c",
        ResetReason = 1,
        Clock = ClockQuality.Rtc,
        WallMs = 1_795_000_000_500,
        Boot = 24,
    };

    public static Welcome Welcome() => new() { Nonce = Count(0x20), NowMs = 1_795_000_000_600, ReportSeconds = 300, Epoch = 4_294_967_296 };

    public static Report Report() => new()
    {
        Firmware = "broadcast 0.1.0",
        Volume = 80,
        BatteryMillivolts = 12_600,
        SignalDbm = -71,
        Mains = false,
        Faults = (int)(FaultFlags.Storage | FaultFlags.Amplifier),
        UptimeMs = 86_400_000,
        Playing = 1,
        Waiting = 2,
        Refusals = [0, 1, 255, 256, 65_535, 65_536, 0, 0, 0, 0, 0, 0, 23],
        AtMs = 1_795_000_000_700,
        Clock = ClockQuality.Cloud,
    };

    public static Alarm Alarm() => new()
    {
        Number = 4_611_686_018_427_387_905,
        AtMs = 1_795_000_000_800,
        Clock = ClockQuality.Rtc,
        Stage = AlarmStage.Leave,
        Cause = AlarmCause.Rain,
        WindowMinutes = 60,
        Value = 502,
        Threshold = 500,
        WarningId = Count(0x30),
    };

    public static Alarm AlarmOver() => new() { Number = 2, Cause = AlarmCause.Level, Value = -120 };

    public static Reading Reading() => new()
    {
        Number = 3,
        AtMs = 1_795_000_000_900,
        Clock = ClockQuality.Cloud,
        Seconds = 300,
        RainTenths = 24,
        RainFault = SensorFault.None,
        LevelMillimetres = 0,
        LevelFault = SensorFault.WireBroken,
        BatteryMillivolts = 12_600,
    };

    public static SiteSettings Settings() => new()
    {
        Revision = 4,
        VolumeByHour = [.. Enumerable.Range(0, 24).Select(hour => hour is >= 6 and < 22 ? 80 : 30)],
        ActualVolumeMin = 70,
        ActualVolumeMax = 90,
        QuietFromMinute = 1_350,
        QuietToMinute = 360,
        Tone = SiteTone.Single,
        Rain = [60, 300, 500, 180, 500, 800],
        Level = [4_000, 5_000],
        Programmes = [420, 430, 1_080, 1_110],
    };

    public static SiteSettings Tested()
    {
        var settings = Settings();
        settings.SelfTestMinutes = 180;
        return settings;
    }

    public static SoundTest SoundTest() => new()
    {
        Number = 4_611_686_018_427_387_906,
        AtMs = 1_795_000_001_000,
        Clock = ClockQuality.Network,
        Result = SoundTestResult.LineChanged,
        Milliohms = 8_450,
        NominalMilliohms = 4_250,
        Millivolts = 441,
    };

    public static byte[] Seal(Direction direction, MessageType type, byte[] body) => Envelope.Seal(Bench.Key, Bench.KeyEpoch, direction, Bench.Id, type, body);

    private static byte[] Count(int from) => [.. Enumerable.Range(from, 16).Select(i => (byte)i)];
}
