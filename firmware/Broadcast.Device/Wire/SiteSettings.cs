namespace Broadcast.Device;

/// <summary>The tone before the speech.</summary>
public enum SiteTone : byte
{
    /// <summary>853 and 960 Hz together.</summary>
    TwoTone = 1,
    /// <summary>1050 Hz.</summary>
    Single = 2,
}

/// <summary>Why settings were not taken.</summary>
public enum SettingsRefusal : byte
{
    /// <summary>They were.</summary>
    None = 0,
    /// <summary>Not in our wire format.</summary>
    Malformed = 1,
    /// <summary>A volume outside 0 to 100, or the least of actual warnings above what an hour allows.</summary>
    Volume = 2,
    /// <summary>Quiet hours or a programme time that is no time of day, or ends where it begins.</summary>
    Times = 3,
    /// <summary>A tone that this firmware does not know.</summary>
    Tone = 4,
    /// <summary>A threshold that is not more than 0, a stage below the one before, or a window longer than a day.</summary>
    Threshold = 5,
    /// <summary>A threshold for a sensor that the site does not have.</summary>
    NoSuchSensor = 6,
    /// <summary>The disk did not take them: after a power cut they would be gone.</summary>
    Storage = 7,
}

/// <summary>
/// What the cloud wants of a site: how loud, when quiet, which tone, which thresholds. Complete, never a difference: a revision is
/// applied whole or not at all, and replaces the one before.
/// </summary>
public sealed class SiteSettings
{
    private const int KnownPairs = 9;

    /// <summary>Most thresholds of rain, and of level, and most times of programmes. Windows of 1, 3, 6 and 24 hours are usual.</summary>
    public const int EntriesMax = 8;

    /// <summary>Nothing is wanted: what the device does by itself holds.</summary>
    public const int NoWish = -1;

    // From here on a decoder of before skips what it does not know.
    private const int SelfTestKey = Limits.IgnorableKeyMin;

    /// <summary>Hours of a day.</summary>
    public const int HoursADay = 24;

    /// <summary>Minutes of a day.</summary>
    public const int MinutesADay = 1_440;

    /// <summary>1 or more; only one above what is in force is taken, so that old settings sent again change nothing.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>The most that anything but an actual warning may have, by local hour, in percent.</summary>
    public int[] VolumeByHour { get; set; } = NewVolumes();

    /// <summary>The most that an actual warning may have, in percent.</summary>
    public int ActualVolumeMax { get; set; } = 100;

    /// <summary>The least that an actual warning has, whatever its order says, in percent.</summary>
    public int ActualVolumeMin { get; set; } = 60;

    /// <summary>Local minute of the day at which the quiet begins: only actual warnings begin to play then. The same as its end for none.</summary>
    public int QuietFromMinute { get; set; }

    /// <summary>Local minute of the day at which the quiet ends.</summary>
    public int QuietToMinute { get; set; }

    /// <summary>The tone before the speech.</summary>
    public SiteTone Tone { get; set; } = SiteTone.TwoTone;

    /// <summary>Thresholds of rain: window in minutes, prepare and leave in tenths of a millimetre, three numbers each.</summary>
    public int[] Rain { get; set; } = new int[0];

    /// <summary>Thresholds of level: prepare and leave in millimetres, two numbers each.</summary>
    public int[] Level { get; set; } = new int[0];

    /// <summary>Times at which programmes may begin: local minute from and to, two numbers each; none for always.</summary>
    public int[] Programmes { get; set; } = new int[0];

    /// <summary>Minutes between two tests of amplifier and loudspeakers, 0 for none, at most a day; <see cref="NoWish"/> leaves the device's own.</summary>
    public int SelfTestMinutes { get; set; } = NoWish;

    /// <summary>What is wrong with the values; None when they can be used.</summary>
    public SettingsRefusal Check()
    {
        if (VolumeByHour.Length != HoursADay || !AreWithin(VolumeByHour, 0, 100) || ActualVolumeMax < 1 || ActualVolumeMax > 100 || ActualVolumeMin < 0 || ActualVolumeMin > ActualVolumeMax)
            return SettingsRefusal.Volume;
        if (SelfTestMinutes != NoWish && (SelfTestMinutes < 0 || SelfTestMinutes > MinutesADay))
            return SettingsRefusal.Times;
        if (!IsMinute(QuietFromMinute) || !IsMinute(QuietToMinute) || Programmes.Length % 2 != 0 || Programmes.Length > 2 * EntriesMax || !AreWithin(Programmes, 0, MinutesADay - 1))
            return SettingsRefusal.Times;
        for (int i = 0; i < Programmes.Length; i += 2)
        {
            if (Programmes[i] == Programmes[i + 1])
                return SettingsRefusal.Times;
        }

        if (Tone != SiteTone.TwoTone && Tone != SiteTone.Single)
            return SettingsRefusal.Tone;
        return AreThresholds() ? SettingsRefusal.None : SettingsRefusal.Threshold;
    }

    /// <summary>Whether it is quiet at a local minute of the day.</summary>
    public bool IsQuietAt(int minute) => IsWithin(minute, QuietFromMinute, QuietToMinute);

    /// <summary>Whether programmes may begin at a local minute of the day.</summary>
    public bool MayBeginProgrammeAt(int minute)
    {
        for (int i = 0; i < Programmes.Length; i += 2)
        {
            if (IsWithin(minute, Programmes[i], Programmes[i + 1]))
                return true;
        }

        return Programmes.Length == 0;
    }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(160);
        writer.Map(SelfTestMinutes == NoWish ? KnownPairs : KnownPairs + 1);
        writer.Pair(0, Revision);
        Write(writer, 1, VolumeByHour);
        writer.Pair(2, ActualVolumeMin);
        Write(writer, 3, new int[] { QuietFromMinute, QuietToMinute });
        writer.Pair(4, (int)Tone);
        Write(writer, 5, Rain);
        Write(writer, 6, Level);
        Write(writer, 7, Programmes);
        writer.Pair(8, ActualVolumeMax);
        if (SelfTestMinutes != NoWish)
            writer.Pair(SelfTestKey, SelfTestMinutes);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes; the values are not judged, see <see cref="Check"/>.</summary>
    public static SiteSettings? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        SiteSettings settings = new SiteSettings();
        settings.Revision = (int)reader.Pair(0, 1, int.MaxValue);
        settings.VolumeByHour = Read(reader, 1, HoursADay);
        settings.ActualVolumeMin = (int)reader.Pair(2, 0, 255);
        int[] quiet = Read(reader, 3, 2);
        settings.Tone = (SiteTone)reader.Pair(4, 0, 255);
        settings.Rain = Read(reader, 5, 3 * EntriesMax);
        settings.Level = Read(reader, 6, 2 * EntriesMax);
        settings.Programmes = Read(reader, 7, 2 * EntriesMax);
        settings.ActualVolumeMax = (int)reader.Pair(8, 0, 255);
        if (reader.TakeKey(SelfTestKey))
        {
            settings.SelfTestMinutes = (int)reader.Int(0, int.MaxValue);
            reader.Rest(pairs, KnownPairs + 1, SelfTestKey);
        }
        else
        {
            reader.Rest(pairs, KnownPairs);
        }

        if (!reader.Complete || quiet.Length != 2)
            return null;
        settings.QuietFromMinute = quiet[0];
        settings.QuietToMinute = quiet[1];
        return settings;
    }

    private bool AreThresholds()
    {
        if (Rain.Length % 3 != 0 || Rain.Length > 3 * EntriesMax || Level.Length % 2 != 0 || Level.Length > 2 * EntriesMax)
            return false;
        for (int i = 0; i < Rain.Length; i += 3)
        {
            if (Rain[i] < 1 || Rain[i] > Sensing.RainWindows.MinutesMax || !AreStages(Rain[i + 1], Rain[i + 2]))
                return false;
        }

        for (int i = 0; i < Level.Length; i += 2)
        {
            if (!AreStages(Level[i], Level[i + 1]))
                return false;
        }

        return true;
    }

    private static bool AreStages(int prepare, int leave) => prepare > 0 && leave >= prepare && leave <= Limits.SensorValueMax;

    private static bool IsMinute(int minute) => minute >= 0 && minute < MinutesADay;

    private static bool IsWithin(int minute, int from, int to) => from <= to ? minute >= from && minute < to : minute >= from || minute < to;

    private static bool AreWithin(int[] values, int least, int most)
    {
        foreach (int value in values)
        {
            if (value < least || value > most)
                return false;
        }

        return true;
    }

    private static int[] NewVolumes()
    {
        int[] volumes = new int[HoursADay];
        for (int i = 0; i < HoursADay; i++)
            volumes[i] = 100;
        return volumes;
    }

    private static void Write(CborWriter writer, int key, int[] values)
    {
        writer.Int(key);
        writer.Array(values.Length);
        foreach (int value in values)
            writer.Int(value);
    }

    private static int[] Read(CborReader reader, int key, int most)
    {
        reader.Key(key);
        int[] values = new int[reader.Array(most)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (int)reader.Int(-Limits.SensorValueMax, Limits.SensorValueMax);
        return values;
    }
}
