namespace Broadcast.Device.Tests;

/// <summary>A device on the bench: its core, its body, a cloud's hand to send frames, and a clock to turn.</summary>
internal sealed class Bench
{
    public const string Id = "dev-1";
    public const long Noon = 1_795_000_000_000;
    public const int KeyEpoch = 3;

    private long _sequence = Noon;
    private int _warnings;

    public Bench(bool start = true, bool welcome = true)
    {
        Core = NewCore();
        if (start)
            Core.Start(NowMs, 0, ClockQuality.Unknown, 1);
        if (welcome)
            Connect();
    }

    public static byte[] Key { get; } = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public FakeBody Body { get; } = new();

    public DeviceCore Core { get; private set; }

    /// <summary>Monotonic time of the device.</summary>
    public long NowMs { get; set; } = 5_000;

    /// <summary>True time less the monotonic time.</summary>
    public long WallOffsetMs { get; set; } = Noon - 5_000;

    public long WallMs => NowMs + WallOffsetMs;

    public Order Alert(
        WarningLevel level = WarningLevel.Yellow,
        WarningClass warningClass = WarningClass.Actual,
        RegionLevel issuer = RegionLevel.County,
        long validMs = 3_600_000) => new()
        {
            WarningId = NewId(),
            Revision = 1,
            Class = warningClass,
            Level = level,
            Issuer = issuer,
            Event = "11B03",
            Sequence = ++_sequence,
            NotBeforeMs = WallMs - 1_000,
            ExpiresMs = WallMs + validMs,
            Text = "暴雨红色预警,请立即转移。",
            Repetitions = 2,
            ToneMs = 3_000,
        };

    public Order Update(Order earlier) => Again(earlier, OrderKind.Update, earlier.Revision + 1);

    public Order Cancel(Order earlier) => Again(earlier, OrderKind.Cancel, earlier.Revision + 1);

    public byte[] NewId()
    {
        byte[] id = new byte[16];
        BitConverter.TryWriteBytes(id, ++_warnings);
        return id;
    }

    public static byte[] Frame(Order order) => Frame(MessageType.Order, order.Encode());

    public static byte[] Frame(MessageType type, byte[] body) => Envelope.Seal(Key, KeyEpoch, Direction.Down, Id, type, body);

    public void Send(Order order) => Core.Received(Frame(order), NowMs);

    /// <summary>Link up, hello, welcome.</summary>
    public void Connect(int reportSeconds = 300)
    {
        Core.LinkUp(NowMs);
        Welcome(LastHello(), WallMs, reportSeconds);
    }

    public void Welcome(Hello hello, long wallMs, int reportSeconds = 300) =>
        Core.Received(Frame(MessageType.Welcome, new Welcome { Nonce = hello.Nonce, NowMs = wallMs, ReportSeconds = reportSeconds, Epoch = 7 }.Encode()), NowMs);

    public Hello LastHello() =>
        Hello.Decode(OpenedOf(MessageType.Hello).Last().Body).ShouldNotBeNull();

    public List<Receipt> Receipts() => [.. OpenedOf(MessageType.Receipt).Select(o => Receipt.Decode(o.Body).ShouldNotBeNull())];

    public List<Report> Reports() => [.. OpenedOf(MessageType.Report).Select(o => Report.Decode(o.Body).ShouldNotBeNull())];

    public string StatesOf(Order order) =>
        string.Join(' ', Receipts().Where(r => r.Sequence == order.Sequence).Select(Describe));

    /// <summary>The last word said of it: Played, and what measured it.</summary>
    public string SoundOf(Order order)
    {
        Receipt last = Receipts().Last(r => r.Sequence == order.Sequence);
        return last.Reason == 0 ? $"{last.State}" : $"{last.State}({(SoundCheck)last.Reason})";
    }

    public void Advance(long milliseconds)
    {
        long until = NowMs + milliseconds;
        while (Core.NextWakeMs <= until)
        {
            long wakeMs = Core.NextWakeMs;
            wakeMs.ShouldBeGreaterThanOrEqualTo(NowMs, "a core that asks to be woken in the past would spin");
            NowMs = wakeMs;
            Core.Tick(NowMs);
            if (Core.NextWakeMs == wakeMs)
                throw new ShouldAssertException("the core asks to be woken again at once: it would spin");
        }

        NowMs = until;
        Core.Tick(NowMs);
    }

    public void EndPlayback(Failure failure = Failure.None) => Core.PlaybackEnded(Body.EndPlayback(), failure, NowMs);

    public void AcknowledgeAll()
    {
        // By index, because each acknowledgement makes room for more.
        for (int i = 0; i < Body.Outgoing.Count; i++)
            Core.Published(Body.Outgoing[i].Token, NowMs);
        Body.Outgoing.Clear();
    }

    /// <summary>Keeps what was said, then acknowledges it.</summary>
    public void AcknowledgeAfter(List<Receipt> said)
    {
        said.AddRange(Receipts());
        AcknowledgeAll();
    }

    public void Tick() => Core.Tick(NowMs);

    public void Reboot(long offMs = 1_000, ClockQuality quality = ClockQuality.Unknown)
    {
        PowerOff(offMs);
        Core.Start(NowMs, WallMs, quality, 2);
    }

    public void PowerOff(long offMs)
    {
        long wallMs = WallMs + offMs;
        Body.Reboot();
        NowMs = 100;
        WallOffsetMs = wallMs - NowMs;
        Core = NewCore();
    }

    public static string Describe(Receipt r) => r.State switch
    {
        ReceiptState.Refused => $"Refused({(Refusal)r.Reason})",
        ReceiptState.Stopped => $"Stopped({(StopReason)r.Reason})",
        ReceiptState.Failed => $"Failed({(Failure)r.Reason})",
        ReceiptState.Interrupted when r.Reason != 0 => $"Interrupted({(Failure)r.Reason}){r.Attempt}",
        ReceiptState.Playing or ReceiptState.Interrupted => $"{r.State}{r.Attempt}",
        _ => r.State.ToString(),
    };

    private DeviceCore NewCore() => new(Id, Key, KeyEpoch, Body, Body.Saved) { Firmware = "sim 1.0", Board = "bench" };

    private Order Again(Order earlier, OrderKind kind, int revision) => new()
    {
        WarningId = earlier.WarningId,
        Revision = revision,
        Kind = kind,
        Class = earlier.Class,
        Level = earlier.Level,
        Issuer = earlier.Issuer,
        Event = earlier.Event,
        Sequence = ++_sequence,
        NotBeforeMs = earlier.NotBeforeMs,
        ExpiresMs = earlier.ExpiresMs,
        Text = kind == OrderKind.Cancel ? "" : "更新:" + earlier.Text,
        Repetitions = kind == OrderKind.Cancel ? 0 : earlier.Repetitions,
        ToneMs = kind == OrderKind.Cancel ? 0 : earlier.ToneMs,
    };

    private IEnumerable<Opened> OpenedOf(MessageType type) => Body.Outgoing
        .Select(s => Envelope.Open(s.Frame, Key, Direction.Up, Id))
        .Where(o => o.Refusal == Refusal.None && o.Type == type);
}
