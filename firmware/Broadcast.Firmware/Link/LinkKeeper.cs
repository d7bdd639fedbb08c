using Broadcast.Device;

namespace Broadcast.Firmware.Link;

/// <summary>
/// When to connect: at once at the start, then after waits that double with every failure and are drawn at random from the
/// upper half, so that a county that loses its mast does not come back in one second. A link that held for a while starts
/// the waits anew.
/// </summary>
public sealed class LinkKeeper
{
    /// <summary>Shortest wait before another attempt, in milliseconds: a broker that restarts is back within seconds.</summary>
    public const long WaitMsMin = 1_000;

    /// <summary>Longest wait, in milliseconds: two minutes after the network is back the site is reachable, or, where an attempt still hangs, <see cref="AttemptMsMax"/> later.</summary>
    public const long WaitMsMax = 120_000;

    /// <summary>An attempt that has not ended by then is given up, in milliseconds. DNS, TCP, TLS on a slow cell and CONNACK take well under a minute.</summary>
    public const long AttemptMsMax = 90_000;

    /// <summary>A link that held this long was a good one, in milliseconds: the next wait is short again.</summary>
    public const long GoodAfterMs = 60_000;

    /// <summary>Attempts in a row that never ended: then the driver hangs, and only a restart helps.</summary>
    public const int HungAttemptsMax = 5;

    private readonly IUplink _uplink;
    private readonly IDeviceBody _random;
    private readonly byte[] _draw = new byte[2];
    private LinkPhase _phase;
    private long _sinceMs;
    private long _dueMs;
    private long _waitMs = WaitMsMin;

    /// <summary>Makes a keeper that connects at its first step.</summary>
    public LinkKeeper(IUplink uplink, IDeviceBody random)
    {
        _uplink = uplink;
        _random = random;
    }

    /// <summary>Where the link stands.</summary>
    public LinkPhase Phase => _phase;

    /// <summary>Attempts begun since the start.</summary>
    public int Attempts { get; private set; }

    /// <summary>Attempts in a row that never ended.</summary>
    public int HungAttempts { get; private set; }

    /// <summary>When <see cref="Step"/> has something to do.</summary>
    public long NextWakeMs => _phase == LinkPhase.Up ? long.MaxValue : _phase == LinkPhase.Connecting ? _sinceMs + AttemptMsMax : _dueMs;

    /// <summary>The link is up.</summary>
    public void Up(long nowMs)
    {
        _phase = LinkPhase.Up;
        _sinceMs = nowMs;
        HungAttempts = 0;
    }

    /// <summary>The link went, or an attempt failed.</summary>
    public void Down(long nowMs)
    {
        if (_phase == LinkPhase.Down)
            return;
        if (_phase == LinkPhase.Up && nowMs - _sinceMs >= GoodAfterMs)
            _waitMs = WaitMsMin;
        HungAttempts = 0;
        Rest(nowMs);
    }

    /// <summary>Time passes: begins what is due, gives up what hangs.</summary>
    public void Step(long nowMs)
    {
        if (_phase == LinkPhase.Connecting && nowMs - _sinceMs >= AttemptMsMax)
        {
            _uplink.Close();
            HungAttempts++;
            Rest(nowMs);
        }

        if (_phase == LinkPhase.Down && nowMs >= _dueMs)
        {
            _phase = LinkPhase.Connecting;
            _sinceMs = nowMs;
            Attempts++;
            _uplink.Begin();
        }
    }

    private void Rest(long nowMs)
    {
        _phase = LinkPhase.Down;
        _random.Random(_draw);
        int share = _draw[0] + (256 * _draw[1]);
        _dueMs = nowMs + (_waitMs / 2) + (_waitMs * share / 131_072);
        _waitMs = _waitMs * 2 > WaitMsMax ? WaitMsMax : _waitMs * 2;
    }
}

/// <summary>Where the link stands.</summary>
public enum LinkPhase : byte
{
    /// <summary>No connection; the next attempt waits.</summary>
    Down = 0,
    /// <summary>An attempt is under way.</summary>
    Connecting = 1,
    /// <summary>Connected and subscribed.</summary>
    Up = 2,
}
