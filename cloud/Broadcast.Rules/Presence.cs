namespace Broadcast.Rules;

/// <summary>Why a session ended, as far as it is known. The numbers are the ledger's.</summary>
public enum SessionEnd : byte { Open = 0, LinkLost = 1, MainsLost = 2, TakenOver = 3, Refused = 4, CloudStopped = 5, Disconnected = 6, ParentLost = 7 }

/// <summary>When a device counts as online: never from a stored flag, always from its newest session and the last word heard.</summary>
public static class Presence
{
    /// <summary>What devices are asked for. Mobile networks drop silent mappings after a few minutes; a minute keeps them and costs about 3 MB a month.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);

    /// <summary>The silence after which a session no longer counts: what MQTT itself allows a silent client [MQTT-3.1.2-24].</summary>
    public static readonly TimeSpan SilenceMax = KeepAlive * 1.5;

    /// <summary>Whether the newest session counts as online.</summary>
    /// <param name="end">How that session ended; <see cref="SessionEnd.Open"/> while it has not.</param>
    public static bool IsOnline(SessionEnd end, DateTimeOffset lastHeard, DateTimeOffset now) =>
        end == SessionEnd.Open && now - lastHeard <= SilenceMax;
}
