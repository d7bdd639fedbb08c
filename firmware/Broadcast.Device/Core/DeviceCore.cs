using System;

namespace Broadcast.Device;

/// <summary>
/// The one brain of every body: it takes frames and the time, and tells the body what to play, stop, publish and save.
/// It holds no thread, no clock and no I/O; all times are arguments. Monotonic milliseconds drive what elapses; wall time
/// is the core's own, from <see cref="Start"/> and then from authenticated welcomes.
/// </summary>
/// <remarks>
/// <para>Each call works the event through and ends in one place, <c>Settle</c>: what must sound sounds, then the state is
/// saved once, then receipts are offered. An actual warning sounds before it is saved: a power cut between the two may say
/// it again, and silence would be worse. Everything else is saved before it sounds, because a test or programme that a
/// power cut broke off must not play again.</para>
/// <para>Calls come from one thread at a time, never from within the body's methods. Monotonic time that runs backwards is
/// taken as standing still.</para>
/// </remarks>
public sealed partial class DeviceCore
{
    private readonly string _deviceId;
    private readonly byte[] _key;
    private readonly int _keyEpoch;
    private readonly IDeviceBody _body;
    private readonly DeviceClock _clock = new DeviceClock();
    private readonly OrderMemory _memory = new OrderMemory();
    private readonly PlayQueue _queue = new PlayQueue();
    private readonly Outbox _outbox = new Outbox();
    private readonly int[] _refusals = new int[Report.RefusalCounters];
    private byte[]? _savedState;
    private bool _started;
    private bool _inside;
    private long _startedMs;
    private long _nowMs;

    /// <summary>Makes the core of one device; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="deviceId">The device's id (<see cref="Utf8.IsDeviceId"/>).</param>
    /// <param name="key">Its order key of that epoch, 32 bytes; both directions use it.</param>
    /// <param name="keyEpoch">Epoch of the key, 0 or more.</param>
    /// <param name="body">The machine it lives in.</param>
    /// <param name="savedState">What the body last saved, or null when it never did. What cannot be read counts as lost and is reported.</param>
    /// <exception cref="ArgumentException">The id, key or epoch cannot be one.</exception>
    public DeviceCore(string deviceId, byte[] key, int keyEpoch, IDeviceBody body, byte[]? savedState)
    {
        if (!Utf8.IsDeviceId(deviceId) || key.Length == 0 || keyEpoch < 0)
            throw new ArgumentException("A device id of allowed characters, a key and an epoch of 0 or more are needed.");
        _deviceId = deviceId;
        _key = key;
        _keyEpoch = keyEpoch;
        _body = body;
        _savedState = savedState;
    }

    /// <summary>Firmware and version that hello and report tell; set it before <see cref="Start"/>. ASCII, at most <see cref="Limits.NameCharsMax"/> characters.</summary>
    public string Firmware { get; set; } = "";

    /// <summary>Board and revision that the hello tells; set it before <see cref="Start"/>. ASCII, at most <see cref="Limits.NameCharsMax"/> characters.</summary>
    public string Board { get; set; } = "";

    /// <summary>Monotonic milliseconds at which the core next wants <see cref="Tick"/>; <c>long.MaxValue</c> when only an event can change anything.</summary>
    public long NextWakeMs { get; private set; } = long.MaxValue;

    /// <summary>How far the core's wall time can be believed.</summary>
    public ClockQuality Clock => _clock.Quality;

    /// <summary>Whether a welcome was taken since the link came up.</summary>
    public bool IsSessionUp => _welcomed;

    /// <summary>Fencing epoch that the last welcome named.</summary>
    public long SessionEpoch { get; private set; }

    /// <summary>Greatest sequence ever taken.</summary>
    public long HighWater => _memory.HighWater;

    /// <summary>Sequences up to this are refused unless remembered.</summary>
    public long SequenceFloor => _memory.FloorSequence;

    /// <summary>Orders that the core knows one by one.</summary>
    public int RememberedOrders => _memory.Count;

    /// <summary>The playback that runs, or 0.</summary>
    public int PlayingId => _queue.Current == null ? 0 : _queue.Current.PlayId;

    /// <summary>Orders that wait.</summary>
    public int WaitingOrders => _queue.WaitingCount;

    /// <summary>Receipts not acknowledged yet.</summary>
    public int OutboxReceipts => _outbox.Count;

    /// <summary>Starts of this device with its saved state, this one included.</summary>
    public int Boot { get; private set; }

    /// <summary>Orders that came again and were answered with their last receipt, since the start.</summary>
    public int Repeats { get; private set; }

    /// <summary>What the core itself knows to be wrong.</summary>
    public FaultFlags Faults { get; private set; }

    /// <summary>Frames and orders refused for this reason since the start.</summary>
    public int RefusalCount(Refusal refusal) => _refusals[(int)refusal];

    /// <summary>The core's wall time in UTC milliseconds at that monotonic time, or 0 when unknown.</summary>
    public long WallMs(long nowMs) => _clock.WallMs(nowMs);

    /// <summary>
    /// Begins: restores the saved state, counts the boot, and starts an actual warning again that was broken off and is still
    /// valid, now or as soon as the time is known. Once, before any other call.
    /// </summary>
    /// <param name="monotonicMs">Monotonic milliseconds, from any origin.</param>
    /// <param name="wallMs">UTC milliseconds by the body's clock; not looked at when <paramref name="quality"/> is Unknown.</param>
    /// <param name="quality">Where the body has it from; Cloud counts as Network, because only a welcome vouches.</param>
    /// <param name="resetReason">Why the body started, told in the hello.</param>
    public void Start(long monotonicMs, long wallMs, ClockQuality quality, byte resetReason)
    {
        if (_started)
            throw new InvalidOperationException("The core has started already.");
        _started = true;
        _nowMs = monotonicMs;
        _startedMs = monotonicMs;
        _resetReason = resetReason;
        _inside = true;
        long floorMs = RestoreState();
        _clock.Start(floorMs, monotonicMs, wallMs, quality);
        Boot++;
        Changed();
        JudgeBrokenOff();
        for (int i = 0; i < _queue.Count; i++)
            FetchRecording(_queue.At(i).Order);
        Settle();
    }

    /// <summary>The link is up: says hello. Receipts wait for the welcome.</summary>
    public void LinkUp(long nowMs)
    {
        Enter(nowMs);
        EndSession();
        _linkUp = true;
        _helloIntervalMs = Limits.HelloRetryMs;
        _helloDueMs = _nowMs;
        Settle();
    }

    /// <summary>The link is down: what it had and did not acknowledge will be offered again.</summary>
    public void LinkDown(long nowMs)
    {
        Enter(nowMs);
        EndSession();
        Settle();
    }

    /// <summary>A frame came. Whatever it holds, the core neither throws nor believes it before its authenticator fits.</summary>
    public void Received(byte[] frame, long nowMs)
    {
        Enter(nowMs);
        Opened opened = Envelope.Open(frame, _key, _keyEpoch, Direction.Down, _deviceId);
        if (opened.Refusal != Refusal.None)
            Count(opened.Refusal);
        else if (opened.Type == MessageType.Order)
            TakeOrder(opened.Body);
        else if (opened.Type == MessageType.Welcome)
            TakeWelcome(opened.Body);
        else if (opened.Type == MessageType.Ping)
            TakePing(opened.Body);
        else if (opened.Type == MessageType.Settings)
            _settings = opened.Body;
        else if (opened.Type == MessageType.Delegated)
            TakeDelegated(opened.Body);
        else if (opened.Type == MessageType.Revocation)
            TakeRevocation(opened.Body);
        else if (opened.Type == MessageType.Township)
            TakeTownship(opened.Body);
        else
            Count(Refusal.Unsupported);
        Settle();
    }

    /// <summary>The other side acknowledged what was published under this token. An unknown token changes nothing.</summary>
    public void Published(int token, long nowMs)
    {
        Enter(nowMs);
        // There is room in the window again, so what the link did not take a moment ago is offered at once.
        _outbox.Acknowledged(token);
        _retryMs = _nowMs;
        Settle();
    }

    /// <summary>A playback ended by itself. One that was stopped, or is not known, changes nothing.</summary>
    /// <param name="playId">What <see cref="IDeviceBody.Play"/> named it.</param>
    /// <param name="failure">None when all of it was said.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void PlaybackEnded(int playId, Failure failure, long nowMs) => PlaybackEnded(playId, failure, SoundCheck.NotMeasured, nowMs);

    /// <summary>As <see cref="PlaybackEnded(int, Failure, long)"/>, by a body that measures its sound.</summary>
    /// <param name="playId">What <see cref="IDeviceBody.Play"/> named it.</param>
    /// <param name="failure">None when all of it was said.</param>
    /// <param name="check">What was measured while it played; told with Played, and with nothing else.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void PlaybackEnded(int playId, Failure failure, SoundCheck check, long nowMs)
    {
        Enter(nowMs);
        EndPlayback(playId, failure, check);
        Settle();
    }

    /// <summary>Something that reports tell changed at the body (mains, a fault, the volume): the next report comes early.</summary>
    public void BodyChanged(long nowMs)
    {
        Enter(nowMs);
        _reportEarly = true;
        Settle();
    }

    /// <summary>
    /// Someone at the site presses the stop button: what plays is stopped, reported so, and does not come back. Not an actual warning of the
    /// cloud: who released that can cancel it, and nobody at a cabinet shall silence it for a village. The site's own alarm can be stopped
    /// there: its sensors may be wrong, and people stand before them.
    /// </summary>
    /// <returns>Whether something was stopped.</returns>
    public bool OperatorStop(long nowMs)
    {
        Enter(nowMs);
        QueuedOrder? current = _queue.Current;
        bool stops = current != null && current.Order.Class != WarningClass.Actual;
        if (stops)
            StopOrder(current!, StopReason.Operator);
        Settle();
        return stops;
    }

    /// <summary>Time passes: not-before, expiry, reports, hellos and offers that are due. Calling it more often than <see cref="NextWakeMs"/> asks does no harm.</summary>
    public void Tick(long nowMs)
    {
        Enter(nowMs);
        Settle();
    }

    private void Enter(long nowMs)
    {
        if (!_started || _inside)
            throw new InvalidOperationException("The core is called after Start, one call at a time, and never from within its body.");
        _inside = true;
        if (nowMs > _nowMs)
            _nowMs = nowMs;
    }

    // The one end of every call. The order of these lines is the promise of the class's remarks.
    private void Settle()
    {
        ExpireWaiting();
        QueuedOrder? sounding = Schedule();
        SaveWhenDue();
        if (sounding != null)
            StartSound(sounding);
        Publish();
        NextWakeMs = FindNextWake();
        _inside = false;
    }

    private void Count(Refusal refusal)
    {
        if (_refusals[(int)refusal] < int.MaxValue)
            _refusals[(int)refusal]++;
        _reportEarly = true;
    }

    private void SetFault(FaultFlags fault, bool present)
    {
        FaultFlags before = Faults;
        Faults = present ? before | fault : before & ~fault;
        if (Faults != before)
            _reportEarly = true;
    }
}
