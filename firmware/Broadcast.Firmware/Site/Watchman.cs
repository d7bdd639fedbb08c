using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Firmware.Hardware;

namespace Broadcast.Firmware.Site;

/// <summary>
/// Looks after the site with no cloud: has the sensors read, tells people when a stage rises, and writes into the journal what the cloud is to
/// have. A stage is compared with what people were told last, also before a restart: water that stays high is not said
/// again at each power cut, and an alarm that was kept and not yet said when the power went is said after it.
/// </summary>
public sealed class Watchman
{
    private readonly SiteSensors _sensors;
    private readonly Settings _settings;
    private readonly Journal _journal;
    private readonly DeviceCore _core;
    private readonly IDeviceBody _random;
    private int _tips;
    private long _sinceMs;

    /// <summary>Nothing happens before <see cref="Start"/>.</summary>
    public Watchman(SiteSensors sensors, Settings settings, Journal journal, DeviceCore core, IDeviceBody random)
    {
        _sensors = sensors;
        _settings = settings;
        _journal = journal;
        _core = core;
        _random = random;
    }

    /// <summary>Begins, after the core: goes on from what lies in flash, and says what a power cut kept from being said.</summary>
    public void Start(long nowMs)
    {
        _sinceMs = nowMs;
        byte[] draw = new byte[4];
        _random.Random(draw);
        long wallMs = _core.WallMs(nowMs);
        _journal.Load(_sensors.Watch.Windows, wallMs, draw);
        bool isOld = wallMs > 0 && _journal.UnsaidMs > 0 && wallMs - _journal.UnsaidMs >= LocalAlarm.ValidMs;
        if (_journal.Unsaid.Length == Limits.WarningIdBytes && _journal.Told != AlarmStage.None && !isOld)
            Say(_journal.Unsaid, nowMs);
    }

    /// <summary>Looks, tells, writes down.</summary>
    public void Step(long nowMs)
    {
        _sensors.Step(nowMs);
        int tips = _sensors.TakeTips();
        _tips += tips;
        // Also without a tip: what fell hours ago must not lie in the current half hour when it is saved, or a power cut makes it rain of now.
        _journal.Rain.Add(tips, nowMs);

        bool told = Tell(nowMs);
        if (told || _tips >= FirmwareLimits.ReadingTipsMax || nowMs - _sinceMs >= FirmwareLimits.ReadingMs)
            Sum(nowMs);
    }

    private bool Tell(long nowMs)
    {
        AlarmStage stage = _sensors.Watch.Stage;
        // Over only when every sensor has spoken.
        if (stage == _journal.Told || (stage < _journal.Told && _sensors.UsesLevel && !_sensors.HasLevel))
            return false;
        bool rises = stage > _journal.Told;
        byte[] id = new byte[Limits.WarningIdBytes];
        if (rises)
            _random.Random(id);
        SiteThreshold? cause = _sensors.Watch.Cause;
        _journal.Told = stage;
        _journal.Unsaid = rises ? id : new byte[0];
        _journal.UnsaidMs = _core.WallMs(nowMs);
        _journal.Add(
            new Alarm
            {
                AtMs = _core.WallMs(nowMs), Clock = _core.Clock, Stage = stage, WarningId = id,
                Cause = cause == null ? AlarmCause.None : cause.WindowMinutes > 0 ? AlarmCause.Rain : AlarmCause.Level,
                WindowMinutes = cause == null ? 0 : cause.WindowMinutes,
                Value = cause == null ? 0 : InRange(cause.Value),
                Threshold = cause == null ? 0 : InRange(cause.LimitOf(stage)),
            }, nowMs);
        // Kept first, then said: what the power cuts off between the two is said after it. Flash that fails keeps nobody from hearing it.
        Keep(nowMs);
        if (rises)
            Say(id, nowMs);
        return true;
    }

    private void Say(byte[] id, long nowMs)
    {
        bool leave = _journal.Told == AlarmStage.Leave;
        Order order = LocalAlarm.For(_journal.Told, _settings.Phrases[leave ? 1 : 0], leave && _settings.SirenOnLeave);
        order.WarningId = id;
        _core.RaiseLocalAlarm(order, LocalAlarm.ValidMs, nowMs);
        _journal.Unsaid = new byte[0];
        Keep(nowMs);
    }

    private void Sum(long nowMs)
    {
        long seconds = (nowMs - _sinceMs) / 1_000;
        _journal.Add(
            new Reading
            {
                AtMs = _core.WallMs(nowMs), Clock = _core.Clock,
                Seconds = seconds > Limits.ReadingSecondsMax ? Limits.ReadingSecondsMax : (int)seconds,
                RainTenths = InRange(_tips * Board.RainTenthsATip), RainFault = _sensors.RainFault,
                LevelMillimetres = InRange(_sensors.Watch.LevelMillimetres), LevelFault = _sensors.LevelFault,
                BatteryMillivolts = _sensors.BatteryMillivolts > Limits.BatteryMillivoltsMax ? Limits.BatteryMillivoltsMax : _sensors.BatteryMillivolts,
            }, nowMs);
        _sinceMs = nowMs;
        _tips = 0;
        Keep(nowMs);
    }

    // With the session up all of it goes out next: flash is told so now, and not once more.
    private void Keep(long nowMs)
    {
        for (int i = 0; _core.IsSessionUp && i < _journal.Count; i++)
            _journal.At(i).WasOffered = true;
        _journal.Save(_core.WallMs(nowMs));
    }

    private static int InRange(int value) => value > Limits.SensorValueMax ? Limits.SensorValueMax : value < -Limits.SensorValueMax ? -Limits.SensorValueMax : value;
}
