using System.Text;
using Broadcast.Device;
using Broadcast.Firmware.Link;
using Broadcast.Firmware.Storage;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests;

/// <summary>A whole gateway on a machine, on a clock that is turned by hand, with a cloud that answers over a fake wire.</summary>
internal sealed class BoardBench : IUplink
{
    public const string Device = "fw-1";
    public const long Noon = 1_795_300_000_000;

    private readonly Queue<(long AtMs, Action Act)> _wire = new();
    private long _sequence = Noon;

    public BoardBench(string settings = "", bool start = true, NorSlots? flash = null)
    {
        Machine.Enter();
        Flash = flash ?? new NorSlots(FirmwareLimits.StateSlotBytes, new Random(1));
        Clockwork = new Ds3231Model(() => TrueMs) { HasStopped = true };
        Machine.ConnectI2c(Ds3231Model.Address, Clockwork);
        Chip = new SpeechChipModel(hasCheckByte: true, () => Clock.MonotonicMs);
        Machine.Uart("COM3").Device = Chip;
        Machine.Pin(Hardware.Board.SpeechBusyPin).Connect(() => Chip.IsBusy);
        foreach (var pin in new[] { Hardware.Board.TamperPin, Hardware.Board.MainsPin }) Machine.Pin(pin).Drive(false);
        foreach (var pin in new[] { Hardware.Board.RainPin, Hardware.Board.StopPin }) Machine.Pin(pin).Drive(true);
        SetLevel(12_000);
        SetBattery(12_600);
        Settings = Read(settings);
        if (start) PowerOn();
    }

    public static byte[] Key { get; } = [.. Enumerable.Range(3, 32).Select(i => (byte)i)];

    public ManualBoardClock Clock { get; } = new();

    public BoardMachine Machine { get; } = new();

    public SpeechChipModel Chip { get; }

    public NorSlots Flash { get; }

    public NorSlots JournalFlash { get; } = new(FirmwareLimits.JournalSlotBytes, new Random(3));

    public NorSlots WishesFlash { get; } = new(FirmwareLimits.WishesSlotBytes, new Random(4));

    /// <summary>The battery clock; its cell was never in, unless a test says otherwise.</summary>
    public Ds3231Model Clockwork { get; }

    public Settings Settings { get; }

    public Mailbox Mailbox { get; private set; } = new();

    public Gateway Gateway { get; private set; } = null!;

    public GatewayParts Parts { get; private set; } = null!;

    public CertificateTime Time { get; private set; } = null!;

    public List<Receipt> Receipts { get; } = [];

    public List<Report> Reports { get; } = [];

    public List<Reading> Readings { get; } = [];

    public List<Alarm> Alarms { get; } = [];

    public List<SettingsState> States { get; } = [];

    /// <summary>Answers are lost: the cloud has it, and the board does not know.</summary>
    public bool LosesAcknowledgements { get; set; }

    public bool NetworkUp { get; set; } = true;

    public bool IsLinkOpen { get; private set; }

    public int Connects { get; private set; }

    /// <summary>True time less the monotonic time.</summary>
    public long TrueMs => Noon + Clock.MonotonicMs;

    public bool SirenIsOn => Machine.Pin(Hardware.Board.SirenPin).Level;

    public void PowerOn()
    {
        Mailbox = new Mailbox();
        Parts = new GatewayParts(Settings, Clock);
        var memory = new GatewayMemory(new TwoSlotStore(Flash), new TwoSlotStore(JournalFlash), new TwoSlotStore(WishesFlash), Mark());
        Time = new CertificateTime(Clock, Math.Max(memory.State.WallMs, 1_795_219_200_000));
        Gateway = new Gateway(Settings, Clock, Parts, Mailbox, this, Time, memory);
        Gateway.Start(Clock.MonotonicMs);
    }

    /// <summary>Steps the loop through that much time, as its own waits have it.</summary>
    public void Run(long milliseconds)
    {
        var until = Clock.MonotonicMs + milliseconds;
        while (Clock.MonotonicMs < until)
        {
            while (_wire.TryPeek(out var event1) && event1.AtMs <= Clock.MonotonicMs) _wire.Dequeue().Act();
            Gateway.Step(Clock.MonotonicMs);
            var wait = Math.Min(Gateway.WaitMs(Clock.MonotonicMs), until - Clock.MonotonicMs);
            if (_wire.TryPeek(out var next)) wait = Math.Clamp(next.AtMs - Clock.MonotonicMs, 1, wait);
            Clock.Advance(Math.Max(1, wait));
        }

        Gateway.Step(Clock.MonotonicMs);
    }

    public Order Alert(string text = "请立即转移。", WarningClass warningClass = WarningClass.Actual, bool siren = false, int repetitions = 1, long validMs = 3_600_000)
    {
        var id = new byte[16];
        BitConverter.TryWriteBytes(id, ++_sequence);
        return new Order
        {
            WarningId = id, Revision = 1, Class = warningClass, Level = WarningLevel.Red, Issuer = RegionLevel.County, Event = "11B03", Sequence = _sequence = Math.Max(_sequence, TrueMs),
            NotBeforeMs = TrueMs - 1_000, ExpiresMs = TrueMs + validMs, Text = text, Repetitions = repetitions, ToneMs = 1_000, Siren = siren,
        };
    }

    public void Send(Order order) => SendFrame(Envelope.Seal(Key, 1, Direction.Down, Device, MessageType.Order, order.Encode()));

    public void SendFrame(byte[] frame) => Mailbox.Post(LetterKind.Frame, 0, frame);

    public string StatesOf(Order order) => string.Join(' ', Receipts.Where(r => r.Sequence == order.Sequence).Select(r => r.State + (r.State == ReceiptState.Failed ? $"({(Failure)r.Reason})" : "")));

    /// <summary>The ADC's raw value for a level, through the shunt and the calibration.</summary>
    public void SetLevel(int microamps) => Machine.ConnectAdc(Hardware.Board.LevelChannel, () => Raw(microamps * (long)Hardware.Board.LevelShuntOhms));

    public void SetBattery(int millivolts) => Machine.ConnectAdc(Hardware.Board.BatteryChannel, () =>
        Raw(millivolts * 1_000L * Hardware.Board.BatteryLowerOhms / (Hardware.Board.BatteryUpperOhms + Hardware.Board.BatteryLowerOhms)));

    public void Unplug()
    {
        NetworkUp = false;
        if (IsLinkOpen) Mailbox.Post(LetterKind.LinkDown, 0, null);
        IsLinkOpen = false;
        _wire.Clear();
    }

    void IUplink.Begin()
    {
        Connects++;
        _wire.Enqueue((Clock.MonotonicMs + 300, () =>
        {
            IsLinkOpen = NetworkUp;
            Mailbox.Post(NetworkUp ? LetterKind.LinkUp : LetterKind.LinkDown, 0, null);
        }));
    }

    bool IUplink.Publish(int token, byte[] frame)
    {
        if (!IsLinkOpen) return false;
        var opened = Envelope.Open(frame, Key, 1, Direction.Up, Device);
        opened.Refusal.ShouldBe(Refusal.None);
        _wire.Enqueue((Clock.MonotonicMs + 50, () => Answer(token, opened)));
        return true;
    }

    void IUplink.Close() => IsLinkOpen = false;

    private void Answer(int token, Opened opened)
    {
        switch (opened.Type)
        {
            case MessageType.Hello:
                var welcome = new Welcome { Nonce = Hello.Decode(opened.Body)!.Nonce, NowMs = TrueMs, ReportSeconds = 60, Epoch = Connects };
                SendFrame(Envelope.Seal(Key, 1, Direction.Down, Device, MessageType.Welcome, welcome.Encode()));
                break;
            case MessageType.Receipt: Receipts.Add(Receipt.Decode(opened.Body)!); break;
            case MessageType.Report: Reports.Add(Report.Decode(opened.Body)!); break;
            case MessageType.Reading: Readings.Add(Reading.Decode(opened.Body)!); break;
            case MessageType.Alarm: Alarms.Add(Alarm.Decode(opened.Body)!); break;
            case MessageType.SettingsState: States.Add(SettingsState.Decode(opened.Body)!); break;
        }

        if (!LosesAcknowledgements) Mailbox.Post(LetterKind.Acknowledged, token, null);
    }

    private static RestartMark Mark() => new(Opened(new NorSlots(NorSlots.SectorBytes, new Random(2))));

    private static TwoSlotStore Opened(NorSlots flash) => new(flash);

    private static int Raw(long microvolts) => (int)((microvolts - Hardware.Board.AdcOffsetMicrovolts) / Hardware.Board.AdcMicrovoltsACount);

    private static Settings Read(string more)
    {
        var text = $"device={Device}\nkey={Convert.ToHexString(Key)}\nhost=cloud\nsecret=s\nauthority=3082\n{more}";
        var settings = Settings.Read(Encoding.UTF8.GetBytes(text), out var fault);
        fault.ShouldBe("");
        return settings;
    }
}
