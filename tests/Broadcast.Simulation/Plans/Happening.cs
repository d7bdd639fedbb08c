using System.Globalization;

namespace Broadcast.Simulation.Plans;

/// <summary>What people, the weather and bad luck do.</summary>
internal enum Deed
{
    Say, Update, Cancel, OperatorStop, LocalAlarm,
    PowerCut, PowerCutInside, Outage, LoseFlash, FlashFails, PlaybackFails, BatteryClock, Drift,
    LinkBreaks, LinkCut, LinkDies, SlowLink, HandOnLost,
    CloudDies, CloudPowerCut, CloudCrashAtOperation, CloudCrashAtSend, DiskGlitch, DiskFull, CloudClock,
    Backup, Restore, Replay, Alter, Misaddress, Forge,

    // Drawn apart (Plan.Extra), so that what the seeds of before draw stays what it was.
    LostUpdate, Barrage, OldOrder,

    // Of worlds that have what they are about (Stories).
    TownshipSpeaks, ChildMoves, Revoke, Delegate, UplinkCut, StolenPi, Rekey,
}

/// <summary>One thing of a plan. Its numbers are drawn when the plan is made, so that leaving another one out changes nothing of it.</summary>
/// <param name="A">The first of three numbers whose meaning is the deed's: who, what, how long.</param>
internal readonly record struct Happening(long AtMs, Deed Deed, int A, int B, int C)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(AtMs):d\\.hh\\:mm\\:ss\\.fff} {Deed} {A} {B} {C}");
}

/// <summary>A time of trouble, and the time after it in which everything works and must come right.</summary>
internal readonly record struct Episode(long FromMs, long TroubleMs, long HealMs)
{
    public long HealAtMs => FromMs + TroubleMs;

    public long CheckAtMs => HealAtMs + HealMs;
}
