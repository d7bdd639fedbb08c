using System;
using System.Collections;
using System.Text;
using Broadcast.Device;
using Broadcast.Device.Sensing;

namespace Broadcast.Firmware;

/// <summary>
/// What a device is told when it is provisioned: lines of <c>name=value</c>, kept in flash as they came. Checked as a whole before it
/// counts; the fault names the line, its value and the fix.
/// </summary>
public sealed class Settings
{
    /// <summary>Windows and thresholds of rain, and of the level, each.</summary>
    public const int ThresholdsMax = 4;

    private readonly ArrayList _rain = new ArrayList();
    private readonly ArrayList _level = new ArrayList();

    /// <summary>Device id.</summary>
    public string Device { get; private set; } = "";

    /// <summary>Order key, 32 bytes.</summary>
    public byte[] OrderKey { get; private set; } = new byte[0];

    /// <summary>Epoch of the key.</summary>
    public int KeyEpoch { get; private set; } = 1;

    /// <summary>Host of the cloud's link.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Its port.</summary>
    public int Port { get; private set; } = 8883;

    /// <summary>Secret of the link.</summary>
    public string Secret { get; private set; } = "";

    /// <summary>Certificate of the one authority that is believed, DER.</summary>
    public byte[] Authority { get; private set; } = new byte[0];

    /// <summary>Name of the Wi-Fi network; not needed with Ethernet.</summary>
    public string WifiNetwork { get; private set; } = "";

    /// <summary>Its password.</summary>
    public string WifiPassword { get; private set; } = "";

    /// <summary>Loudest volume of the site in percent, 1 to 100.</summary>
    public int VolumeMax { get; private set; } = 100;

    /// <summary>Lowest volume of an actual warning in percent, 0 to <see cref="VolumeMax"/>.</summary>
    public int VolumeActualMin { get; private set; } = 60;

    /// <summary>Whether the siren sounds with the alarm 立即转移.</summary>
    public bool SirenOnLeave { get; private set; } = true;

    /// <summary>Local time less UTC in minutes, -720 to 840: for quiet hours and volumes by the hour.</summary>
    public int UtcOffsetMinutes { get; private set; } = 480;

    /// <summary>When the device was provisioned, in UTC milliseconds: one of the floors of its clock.</summary>
    public long ProvisionedMs { get; private set; }

    /// <summary>Stored phrases by number, 1 to <see cref="FirmwareLimits.PhrasesMax"/>; empty where there is none. 1 is 准备转移, 2 is 立即转移.</summary>
    public string[] Phrases { get; } = NoPhrases();

    /// <summary>Thresholds of rain.</summary>
    public SiteThreshold[] Rain => Thresholds(_rain);

    /// <summary>Thresholds of the level.</summary>
    public SiteThreshold[] Level => Thresholds(_level);

    /// <summary>Reads settings. The fault is empty when they can be used.</summary>
    public static Settings Read(byte[] text, out string fault)
    {
        Settings settings = new Settings();
        fault = text.Length > FirmwareLimits.SettingsBytesMax ? "settings: too long" : "";
        if (fault.Length > 0 || !Utf8.IsText(text, 0, text.Length))
        {
            fault = fault.Length > 0 ? fault : "settings: not UTF-8";
            return settings;
        }

        string[] lines = Encoding.UTF8.GetString(text, 0, text.Length).Split('\n');
        for (int i = 0; i < lines.Length && fault.Length == 0; i++)
        {
            int equals = lines[i].IndexOf('=');
            if (lines[i].Length > 0)
                fault = equals <= 0 ? Fault(lines[i], "give name=value") : settings.Take(lines[i].Substring(0, equals), lines[i].Substring(equals + 1));
        }

        if (fault.Length == 0)
            fault = settings.FindMissing();
        return settings;
    }

    private string Take(string name, string value)
    {
        switch (name)
        {
            case "device":
                Device = value;
                return Utf8.IsDeviceId(value) ? "" : Fault(name, "give 1 to 32 of letters, digits, - _ . :");
            case "key":
                OrderKey = Hex.Decode(value);
                return OrderKey.Length == 32 ? "" : Fault(name, "give 64 hexadecimal digits");
            case "epoch":
                KeyEpoch = Number(value);
                return KeyEpoch >= 0 ? "" : Fault(name, "give 0 or more");
            case "host":
                Host = value;
                return value.Length > 0 && value.Length <= 64 ? "" : Fault(name, "give a host of 1 to 64 characters");
            case "port":
                Port = Number(value);
                return Port >= 1 && Port <= 65_535 ? "" : Fault(name, "give 1 to 65535");
            case "secret":
                Secret = value;
                return value.Length > 0 && value.Length <= 64 ? "" : Fault(name, "give 1 to 64 characters");
            case "authority":
                Authority = Hex.Decode(value);
                return Authority.Length > 0 && Authority.Length <= FirmwareLimits.AuthorityBytesMax ? "" : Fault(name, "give the certificate in hexadecimal digits, at most 2048 bytes");
            default:
                return TakeSite(name, value);
        }
    }

    private string TakeSite(string name, string value)
    {
        switch (name)
        {
            case "wifi":
                WifiNetwork = value;
                return value.Length <= 32 ? "" : Fault(name, "give at most 32 characters");
            case "wifi-password":
                WifiPassword = value;
                return value.Length <= 64 ? "" : Fault(name, "give at most 64 characters");
            case "volume":
                VolumeMax = Number(value);
                return VolumeMax >= 1 && VolumeMax <= 100 ? "" : Fault(name, "give 1 to 100");
            case "volume-actual":
                VolumeActualMin = Number(value);
                return VolumeActualMin >= 0 && VolumeActualMin <= 100 ? "" : Fault(name, "give 0 to 100");
            case "siren-on-leave":
                SirenOnLeave = value == "yes";
                return value == "yes" || value == "no" ? "" : Fault(name, "give yes or no");
            case "utc-offset":
                bool isOffset = int.TryParse(value, out int offset);
                UtcOffsetMinutes = offset;
                return isOffset && offset >= -720 && offset <= 840 ? "" : Fault(name, "give minutes, -720 to 840");
            case "provisioned":
                ProvisionedMs = long.TryParse(value, out long seconds) && seconds < Limits.WallMsMax / 1_000 ? seconds * 1_000 : -1;
                return ProvisionedMs >= 0 ? "" : Fault(name, "give UTC seconds");
            case "rain":
                return TakeThreshold(_rain, 1, name, value);
            case "level":
                return TakeThreshold(_level, 0, name, "0:" + value);
            default:
                return name.StartsWith("phrase.") ? TakePhrase(name, value) : Fault(name, "there is no such setting");
        }
    }

    // minutes:prepare:leave, in tenths of a millimetre of rain or millimetres of level.
    private static string TakeThreshold(ArrayList thresholds, int minutesMin, string name, string value)
    {
        string[] parts = value.Split(':');
        int minutes = parts.Length == 3 ? Number(parts[0]) : -1;
        int prepare = parts.Length == 3 ? Number(parts[1]) : -1;
        int leave = parts.Length == 3 ? Number(parts[2]) : -1;
        bool inRange = minutes >= minutesMin && minutes <= RainWindows.MinutesMax && prepare > 0 && leave >= prepare && thresholds.Count < ThresholdsMax;
        if (inRange)
            thresholds.Add(new SiteThreshold(minutes, prepare, leave));
        return inRange ? "" : Fault(name, "give rain=minutes:prepare:leave or level=prepare:leave, each more than the one before, at most 4 of each");
    }

    private string TakePhrase(string name, string value)
    {
        int number = Number(name.Substring(7));
        if (number < 1 || number > FirmwareLimits.PhrasesMax || value.Length > FirmwareLimits.PhraseCharsMax)
            return Fault(name, "give phrase.1 to phrase.8 of at most 100 characters");
        Phrases[number - 1] = value;
        return "";
    }

    private string FindMissing()
    {
        string missing = Device.Length == 0 ? "device" : OrderKey.Length == 0 ? "key" : Host.Length == 0 ? "host"
            : Secret.Length == 0 ? "secret" : Authority.Length == 0 ? "authority" : "";
        if (missing.Length > 0)
            return Fault(missing, "is missing");
        return VolumeActualMin > VolumeMax ? Fault("volume-actual", "give at most volume") : "";
    }

    private static string Fault(string name, string fix) => name + ": " + fix;

    private static int Number(string text) => text.Length > 0 && text.Length <= 10 && int.TryParse(text, out int number) ? number : -1;

    private static string[] NoPhrases()
    {
        string[] phrases = new string[FirmwareLimits.PhrasesMax];
        for (int i = 0; i < phrases.Length; i++)
            phrases[i] = "";
        return phrases;
    }

    private static SiteThreshold[] Thresholds(ArrayList from)
    {
        SiteThreshold[] thresholds = new SiteThreshold[from.Count];
        for (int i = 0; i < thresholds.Length; i++)
            thresholds[i] = (SiteThreshold)from[i]!;
        return thresholds;
    }
}
