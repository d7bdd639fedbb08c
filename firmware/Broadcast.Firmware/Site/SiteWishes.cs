using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Site;

/// <summary>
/// What the cloud wants of this site, once it has sent any: judged, saved, and then in force, whole or not at all. The board's own settings
/// hold for what it does not speak of, and for everything before the first revision.
/// </summary>
public sealed class SiteWishes
{
    private const int RecordVersion = 1;

    private readonly TwoSlotStore _store;
    private int _judged;
    private SettingsRefusal _refusal;

    /// <summary>Reads what lies in flash; what cannot be read counts as none, and the cloud sends it again.</summary>
    public SiteWishes(TwoSlotStore store)
    {
        _store = store;
        byte[]? record = store.Load();
        if (record != null)
            Read(record);
    }

    /// <summary>What is in force; null while the board goes by its own settings.</summary>
    public SiteSettings? Current { get; private set; }

    /// <summary>Whether the cloud, authenticated, sent what is no settings.</summary>
    public bool HasHeardNonsense { get; private set; }

    /// <summary>For the cloud.</summary>
    public SettingsState State => new SettingsState { InForce = Current == null ? 0 : Current.Revision, Judged = _judged, Refusal = _refusal };

    /// <summary>Thresholds of rain that are wanted; call only with <see cref="Current"/>.</summary>
    public SiteThreshold[] Rain()
    {
        int[] wanted = Current!.Rain;
        SiteThreshold[] thresholds = new SiteThreshold[wanted.Length / 3];
        for (int i = 0; i < thresholds.Length; i++)
            thresholds[i] = new SiteThreshold(wanted[3 * i], wanted[(3 * i) + 1], wanted[(3 * i) + 2]);
        return thresholds;
    }

    /// <summary>Thresholds of the level that are wanted; call only with <see cref="Current"/>.</summary>
    public SiteThreshold[] Level()
    {
        int[] wanted = Current!.Level;
        SiteThreshold[] thresholds = new SiteThreshold[wanted.Length / 2];
        for (int i = 0; i < thresholds.Length; i++)
            thresholds[i] = new SiteThreshold(0, wanted[2 * i], wanted[(2 * i) + 1]);
        return thresholds;
    }

    /// <summary>Settings came, authenticated. True when there is something new to say of them.</summary>
    /// <param name="body">Their body.</param>
    /// <param name="hasLevelGauge">Whether a gauge is on the level loop.</param>
    /// <param name="wallMs">UTC milliseconds.</param>
    public bool Take(byte[] body, bool hasLevelGauge, long wallMs)
    {
        SiteSettings? wanted = SiteSettings.Decode(body);
        if (wanted == null)
        {
            HasHeardNonsense = true;
            return false;
        }

        // Old ones sent again change nothing, and one that was judged is not judged again: the answer is the same.
        if (wanted.Revision <= _judged)
            return false;
        SettingsRefusal refusal = Judge(wanted, hasLevelGauge);
        SiteSettings? inForce = refusal == SettingsRefusal.None ? wanted : Current;
        if (!_store.Save(Write(wanted.Revision, refusal, inForce), wallMs))
        {
            // Not remembered as judged: when the flash takes it again, so does the site.
            _refusal = SettingsRefusal.Storage;
            return true;
        }

        _judged = wanted.Revision;
        _refusal = refusal;
        Current = inForce;
        return true;
    }

    /// <summary>The volume of an order in percent, by what is wanted; call only with <see cref="Current"/>.</summary>
    /// <param name="order">What is to be said.</param>
    /// <param name="localMinute">Local minute of the day; -1 when the time is not known, and the loudest hour counts.</param>
    public int Percent(Order order, int localMinute)
    {
        SiteSettings wanted = Current!;
        int most = order.IsActual ? wanted.ActualVolumeMax : localMinute < 0 ? Loudest(wanted) : wanted.VolumeByHour[localMinute / 60];
        int asked = order.IsActual && order.Volume < wanted.ActualVolumeMin ? wanted.ActualVolumeMin : order.Volume;
        return asked > most ? most : asked;
    }

    private static SettingsRefusal Judge(SiteSettings wanted, bool hasLevelGauge)
    {
        SettingsRefusal refusal = wanted.Check();
        if (refusal != SettingsRefusal.None)
            return refusal;
        // The chip has one alarm tone of its own, and it is no single one.
        if (wanted.Tone != SiteTone.TwoTone)
            return SettingsRefusal.Tone;
        return wanted.Level.Length > 0 && !hasLevelGauge ? SettingsRefusal.NoSuchSensor : SettingsRefusal.None;
    }

    private static int Loudest(SiteSettings wanted)
    {
        int loudest = 0;
        foreach (int percent in wanted.VolumeByHour)
            loudest = percent > loudest ? percent : loudest;
        return loudest;
    }

    private static byte[] Write(int judged, SettingsRefusal refusal, SiteSettings? inForce)
    {
        CborWriter writer = new CborWriter(256);
        writer.Int(RecordVersion);
        writer.Int(judged);
        writer.Int((int)refusal);
        writer.Bytes(inForce == null ? new byte[0] : inForce.Encode());
        return writer.ToArray();
    }

    private void Read(byte[] record)
    {
        CborReader reader = new CborReader(record, 0, record.Length);
        int version = (int)reader.Int(0, int.MaxValue);
        int judged = (int)reader.Int(0, int.MaxValue);
        SettingsRefusal refusal = (SettingsRefusal)reader.Int((int)SettingsRefusal.None, (int)SettingsRefusal.Storage);
        byte[] body = reader.Bytes(0, Limits.FrameBytesMax);
        if (!reader.Complete || version != RecordVersion)
            return;
        SiteSettings? wanted = body.Length > 0 ? SiteSettings.Decode(body) : null;
        if (body.Length > 0 && (wanted == null || wanted.Revision > judged || wanted.Check() != SettingsRefusal.None))
            return;
        Current = wanted;
        _judged = judged;
        _refusal = refusal;
    }
}
