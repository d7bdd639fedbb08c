using Broadcast.Device;

namespace Broadcast.Firmware.Site;

/// <summary>An alarm or a reading that the cloud does not have yet.</summary>
public sealed class JournalEntry
{
    /// <summary>Of an earlier boot: its monotonic time means nothing any more.</summary>
    public const long EarlierBoot = -1;

    /// <summary>An alarm.</summary>
    public JournalEntry(Alarm alarm, long monotonicMs)
    {
        Alarm = alarm;
        MonotonicMs = monotonicMs;
    }

    /// <summary>A reading.</summary>
    public JournalEntry(Reading reading, long monotonicMs)
    {
        Reading = reading;
        MonotonicMs = monotonicMs;
    }

    /// <summary>The alarm; null for a reading.</summary>
    public Alarm? Alarm { get; }

    /// <summary>The reading; null for an alarm.</summary>
    public Reading? Reading { get; }

    /// <summary>When it was, or <see cref="EarlierBoot"/>.</summary>
    public long MonotonicMs { get; }

    /// <summary>Whether the cloud may have it: then it is never put together with another, whose rain would count twice.</summary>
    public bool WasOffered { get; set; }

    /// <summary>Token under which the link has it now; 0 for none.</summary>
    public int Token { get; set; }

    /// <summary>What it is on the wire.</summary>
    public MessageType Type => Alarm != null ? MessageType.Alarm : MessageType.Reading;

    /// <summary>Its body.</summary>
    public byte[] Encode() => Alarm != null ? Alarm.Encode() : Reading!.Encode();

    /// <summary>What was of this boot and of unknown time gets its true time. True when it did.</summary>
    public bool Complete(DeviceCore core)
    {
        if (MonotonicMs == EarlierBoot || core.Clock == ClockQuality.Unknown)
            return false;
        if (Alarm != null && Alarm.Clock == ClockQuality.Unknown)
        {
            Alarm.AtMs = core.WallMs(MonotonicMs);
            Alarm.Clock = core.Clock;
            return true;
        }

        if (Reading != null && Reading.Clock == ClockQuality.Unknown)
        {
            Reading.AtMs = core.WallMs(MonotonicMs);
            Reading.Clock = core.Clock;
            return true;
        }

        return false;
    }
}
