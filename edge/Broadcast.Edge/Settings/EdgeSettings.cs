using Broadcast.Edge.Audio;
using Broadcast.Edge.Telemetry;
using Broadcast.Edge.Update;

namespace Broadcast.Edge;

/// <summary>Every setting of a gateway. Read from a JSON file and the command line, checked once at the start (<see cref="SettingsCheck"/>).</summary>
internal sealed class EdgeSettings
{
    public DeviceSettings Device { get; init; } = new();

    public LinkSettings Link { get; init; } = new();

    public SoundSettings Sound { get; init; } = new();

    public SpeechSettings Speech { get; init; } = new();

    public RecordingSettings Recordings { get; init; } = new();

    public WatchSettings Watch { get; init; } = new();

    public PageSettings Page { get; init; } = new();

    public TownshipSettings Township { get; init; } = new();

    public LineSettings Line { get; init; } = new();

    public UpdateSettings Update { get; init; } = new();

    public TelemetrySettings Telemetry { get; init; } = new();

    public MicrophoneSettings Microphone { get; init; } = new();

    /// <summary>Folder of everything that outlives a power cut.</summary>
    public string Data { get; init; } = "/var/lib/broadcast-edge";

    /// <summary>The board file; empty for a machine without pins.</summary>
    public string Board { get; init; } = "";
}

/// <summary>Who this gateway is.</summary>
internal sealed class DeviceSettings
{
    /// <summary>The device id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The order key, 64 hexadecimal digits.</summary>
    public string OrderKey { get; init; } = "";

    /// <summary>Epoch of the order key. 1 by default, as the cloud begins.</summary>
    public int KeyEpoch { get; init; } = 1;
}

/// <summary>How it reaches the cloud.</summary>
internal sealed class LinkSettings
{
    public string Host { get; init; } = "";

    /// <summary>8883: MQTT over TLS.</summary>
    public int Port { get; init; } = 8883;

    /// <summary>PEM file of the authority that vouches for the cloud.</summary>
    public string Ca { get; init; } = "";

    /// <summary>Without TLS: the secret can then be read by everyone on the way. False by default.</summary>
    public bool Plain { get; init; }

    /// <summary>What the device signs in with.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Seconds of silence before a ping, 4 to 3600; 60 by default, and the cloud notices a dead gateway after 90.</summary>
    public int KeepAliveSeconds { get; init; } = 60;

    /// <summary>The ways to the cloud, where there is more than one; empty for the system's own.</summary>
    public UplinkSettings[] Uplinks { get; init; } = [];

    /// <summary>Seconds between two looks at a cheaper way while a dearer one is used, 2 to 3600.</summary>
    public int ProbeSeconds { get; init; } = 20;

    /// <summary>Seconds of readings in one message on a metered way, 60 to 86400; an hour by default. Alarms, receipts and orders never wait.</summary>
    public int MeteredSendSeconds { get; init; } = 3_600;
}

/// <summary>One way to the cloud.</summary>
internal sealed class UplinkSettings
{
    /// <summary>What it is called on the page and in the cloud.</summary>
    public string Name { get; init; } = "";

    /// <summary>The network interface to leave by, such as <c>wwan0</c>; empty for any.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The address to leave from; empty for any.</summary>
    public string Address { get; init; } = "";

    /// <summary>The cloud's address on this way; empty for <c>link:host</c>. The certificate bears the name of <c>link:host</c> all the same.</summary>
    public string Host { get; init; } = "";

    /// <summary>The lowest that works is used, 0 to 100.</summary>
    public int Cost { get; init; }

    /// <summary>Whether each byte is paid for.</summary>
    public bool Metered { get; init; }

    /// <summary>Seconds of silence before a ping, 4 to 3600; 0 for 15 where bytes are free, so that a dead line is noticed in half a minute, and for <c>link:keepAliveSeconds</c> where not.</summary>
    public int KeepAliveSeconds { get; init; }
}

/// <summary>Where sound goes, and how loud it may be.</summary>
internal sealed class SoundSettings
{
    /// <summary><c>auto</c> (ALSA where there is a sound card, else WAV), <c>alsa</c> or <c>wav</c>.</summary>
    public string Output { get; init; } = "auto";

    /// <summary>Folder of the WAV files; empty for <c>wav</c> in the data folder.</summary>
    public string WavFolder { get; init; } = "";

    /// <summary>Debian's player.</summary>
    public string Player { get; init; } = "aplay";

    /// <summary>ALSA's name of the sound card.</summary>
    public string AlsaDevice { get; init; } = "default";

    /// <summary>The most that any broadcast may have by day, percent.</summary>
    public int VolumeMax { get; init; } = 100;

    /// <summary>The most that anything but an actual warning may have by night, percent. An actual warning is to wake people.</summary>
    public int NightVolumeMax { get; init; } = 40;

    /// <summary>The least that an actual warning has, whatever its order says, percent.</summary>
    public int ActualVolumeMin { get; init; } = 60;

    /// <summary>Local hour at which the night begins.</summary>
    public int NightFromHour { get; init; } = 22;

    /// <summary>Local hour at which the night ends.</summary>
    public int NightToHour { get; init; } = 6;

    /// <summary>Zone of the site.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>The tone before the speech.</summary>
    public ToneKind Tone { get; init; } = ToneKind.TwoTone;

    /// <summary>Silence between two repetitions, milliseconds, 0 to 30,000. Two seconds: an echo from the next hill is over by then.</summary>
    public int PauseMs { get; init; } = 2_000;
}

/// <summary>The local synthesizer.</summary>
internal sealed class SpeechSettings
{
    /// <summary>The program. Takes text on its standard input, writes WAV (22,050 Hz, mono, 16 bit) to its standard output.</summary>
    public string Engine { get; init; } = "espeak-ng";

    /// <summary>Its arguments; <c>{voice}</c> and <c>{rate}</c> are filled in. Given in the settings, they replace these.</summary>
    public string[] Arguments { get; set; } = [];

    /// <summary>Voice by language tag; the longest tag that fits wins, <c>zh</c> for all of Chinese. Given in the settings, they are added to these.</summary>
    public Dictionary<string, string> Voices { get; init; } = new(StringComparer.OrdinalIgnoreCase) { ["zh"] = "cmn", ["yue"] = "yue", ["en"] = "en" };

    /// <summary>Rate in the engine's words a minute, 80 to 300. 160 is slow enough for a loudspeaker across a valley.</summary>
    public int WordsPerMinute { get; init; } = 160;

    /// <summary>Seconds of silence after which the synthesizer is killed, 1 to 60.</summary>
    public double StallSeconds { get; init; } = 5;

    public TimeSpan StallMax => TimeSpan.FromSeconds(StallSeconds);

    /// <summary>The voice for a language tag; Mandarin where none is named for it, because that is what a village here understands.</summary>
    public string VoiceOf(string language)
    {
        for (var tag = language; tag.Length > 0; tag = tag.LastIndexOf('-') is var dash and > 0 ? tag[..dash] : "")
            if (Voices.TryGetValue(tag, out var voice)) return voice;
        return Voices.GetValueOrDefault("zh", "cmn");
    }
}

/// <summary>Recordings that orders name.</summary>
internal sealed class RecordingSettings
{
    /// <summary>The cloud's HTTPS door, such as <c>https://broadcast.example:8443</c>; empty for port 8443 of the link's host.</summary>
    public string From { get; init; } = "";

    /// <summary>Disk for decoded recordings, megabytes, 32 to 16,384. Ten minutes are 26 MB.</summary>
    public int CacheMegabytesMax { get; init; } = 256;

    public Uri AddressOf(LinkSettings link) => From.Length > 0 ? new Uri(From.TrimEnd('/') + "/") : new UriBuilder(Uri.UriSchemeHttps, link.Host, 8443).Uri;
}

/// <summary>The site's own microphone, with its talk button on the board.</summary>
internal sealed class MicrophoneSettings
{
    /// <summary>Debian's recorder.</summary>
    public string Recorder { get; init; } = "arecord";

    /// <summary>ALSA's name of the sound card.</summary>
    public string AlsaDevice { get; init; } = "default";

    /// <summary>A WAV file (22,050 Hz, mono, 16 bit) that is played in the microphone's place; empty for the microphone.</summary>
    public string WavFile { get; init; } = "";

    /// <summary>Longest time that one may speak without letting go, seconds, 5 to 600. Three minutes: a button that hangs must not hold the village's loudspeakers.</summary>
    public int TalkSecondsMax { get; init; } = 180;
}

/// <summary>How amplifier and loudspeakers are watched, where the board measures them.</summary>
internal sealed class LineSettings
{
    /// <summary>Seconds between two looks at the line while mains power is there, 10 to 80, or 0 for none. 60: with its confirmation a fault is known within the 100 s of EN 54-16.</summary>
    public int SuperviseSeconds { get; init; } = 60;

    /// <summary>Minutes between two self-tests, 0 for none; what the cloud wants wins. A day.</summary>
    public int SelfTestMinutes { get; init; } = 1_440;

    /// <summary>Seconds after the start before the first of both, 1 to 600: everything else comes first.</summary>
    public int FirstSeconds { get; init; } = 30;
}

/// <summary>The technician's page.</summary>
internal sealed class PageSettings
{
    /// <summary><c>address:port</c> to listen on, such as <c>192.168.1.20:8090</c>; empty for no page.</summary>
    public string Listen { get; init; } = "";
}
