using System.Threading;
using Broadcast.Firmware.Hardware;
using nanoFramework.Runtime.Native;

namespace Broadcast.Firmware;

/// <summary>
/// The watchdog as far as the platform has one. nanoFramework offers none to managed code; below it the chip's own watchdogs
/// restart a stuck interpreter. What they cannot see is a loop of ours that no longer comes round: a timer looks at its
/// heartbeat, closes the siren and restarts the board.
/// </summary>
public sealed class LoopGuard
{
    private const int LookMs = 5_000;

    private readonly IClock _clock;
    private readonly Siren _siren;
    private readonly RestartMark _mark;
    private readonly Timer _timer;
    private long _beatMs;

    /// <summary>Begins to watch.</summary>
    public LoopGuard(IClock clock, Siren siren, RestartMark mark)
    {
        _clock = clock;
        _siren = siren;
        _mark = mark;
        _beatMs = clock.MonotonicMs;
        _timer = new Timer(Look, null, LookMs, LookMs);
    }

    /// <summary>The loop came round.</summary>
    public void Beat(long nowMs) => _beatMs = nowMs;

    /// <summary>Looks; the timer does, and tests.</summary>
    public void Look(object? state)
    {
        if (_clock.MonotonicMs - _beatMs < FirmwareLimits.LoopHungMs)
            return;
        _beatMs = _clock.MonotonicMs;
        _siren.ForceOff();
        _mark.Leave(ResetReason.LoopHung);
        Power.RebootDevice();
    }

    /// <summary>Ends watching.</summary>
    public void End() => _timer.Dispose();
}
