using Broadcast.Device;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge;

/// <summary>
/// The settings that the cloud wants of this site, once it has sent any: judged, saved, and then in force, whole or not at all. The
/// machine's own settings hold for what they do not speak of, and for everything before the first revision.
/// </summary>
internal sealed partial class SiteConfig
{
    private readonly GatewayStore _store;
    private readonly SiteHardware _hardware;
    private readonly ILogger<SiteConfig> _logger;
    private volatile SiteSettings? _current;
    private int _judged;
    private SettingsRefusal _refusal;

    public SiteConfig(GatewayStore store, SiteHardware hardware, ILogger<SiteConfig> logger)
    {
        (_store, _hardware, _logger) = (store, hardware, logger);
        var (body, judged, refusal) = store.LoadSettings();
        _current = body is not null && SiteSettings.Decode(body) is { } kept && kept.Check() == SettingsRefusal.None ? kept : null;
        var isLost = body is not null && _current is null; // A worn card: the cloud sends them again.
        (_judged, _refusal) = isLost ? (0, SettingsRefusal.None) : (Math.Max(judged, _current?.Revision ?? 0), refusal);
    }

    /// <summary>Told after a new revision is in force. On the loop.</summary>
    public event Action<SiteSettings>? Changed;

    /// <summary>What is in force; null while the machine goes by its own settings. Any thread.</summary>
    public SiteSettings? Current => _current;

    /// <summary>Whether the cloud, authenticated, said what is no settings: a fault of it, or of its version.</summary>
    public bool HasHeardNonsense { get; private set; }

    public SettingsState State => new() { InForce = _current?.Revision ?? 0, Judged = _judged, Refusal = _refusal };

    /// <summary>For the technician: one line.</summary>
    public string Summary => _current is not { } s
        ? _judged == 0 ? "本机设置 the machine's own" : $"本机设置 the machine's own; revision {_judged} was refused: {_refusal}"
        : $"revision {s.Revision}: {s.Tone}, by day {s.VolumeByHour[12]} %, at night {s.VolumeByHour[0]} %, quiet {Time(s.QuietFromMinute)}–{Time(s.QuietToMinute)}, {s.Rain.Length / 3} rain and {s.Level.Length / 2} level thresholds"
            + (_judged > s.Revision ? $"; revision {_judged} was refused: {_refusal}" : "");

    /// <summary>Settings came, authenticated. True when there is something new to report. On the loop.</summary>
    public bool Take(byte[] body)
    {
        if (SiteSettings.Decode(body) is not { } wanted)
        {
            HasHeardNonsense = true;
            LogNonsense(body.Length);
            return false;
        }
        // Old ones sent again change nothing, and one that was judged is not judged again: the answer is the same.
        if (wanted.Revision <= _judged) return false;
        var refusal = Judge(wanted);
        if (refusal != SettingsRefusal.None) return Refuse(wanted.Revision, refusal);
        if (!_store.SaveSettings(body, wanted.Revision, SettingsRefusal.None))
        {
            // Not remembered as judged: when the disk takes it again, so does the site.
            _refusal = SettingsRefusal.Storage;
            LogRefused(wanted.Revision, SettingsRefusal.Storage);
            return true;
        }
        (_current, _judged, _refusal) = (wanted, wanted.Revision, SettingsRefusal.None);
        LogApplied(wanted.Revision);
        Changed?.Invoke(wanted);
        return true;
    }

    private SettingsRefusal Judge(SiteSettings wanted)
    {
        var refusal = wanted.Check();
        if (refusal != SettingsRefusal.None) return refusal;
        var lacks = (wanted.Rain.Length > 0 && _hardware.Rain is null) || (wanted.Level.Length > 0 && _hardware.Level is null);
        return lacks ? SettingsRefusal.NoSuchSensor : SettingsRefusal.None;
    }

    private bool Refuse(int revision, SettingsRefusal refusal)
    {
        (_judged, _refusal) = (revision, refusal);
        _store.SaveSettings(null, revision, refusal); // If it is forgotten, the cloud sends them again and is told the same.
        LogRefused(revision, refusal);
        return true;
    }

    [LoggerMessage(3, LogLevel.Error, "The cloud sent {Bytes} bytes that are no settings")]
    private partial void LogNonsense(int bytes);

    private static string Time(int minute) => $"{minute / 60:00}:{minute % 60:00}";

    [LoggerMessage(1, LogLevel.Information, "settings {Revision} are in force")]
    private partial void LogApplied(int revision);

    [LoggerMessage(2, LogLevel.Warning, "settings {Revision} are refused: {Refusal}")]
    private partial void LogRefused(int revision, SettingsRefusal refusal);
}
