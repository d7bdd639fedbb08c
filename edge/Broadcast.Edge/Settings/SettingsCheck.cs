using System.Net;
using Broadcast.Device;

namespace Broadcast.Edge;

/// <summary>Checks all settings at the start and names every wrong one: the setting, its value and the fix. Secrets are never shown.</summary>
internal static class SettingsCheck
{
    private const int OrderKeyDigits = 64;
    private const int UplinksMax = 4;

    public static IReadOnlyList<string> Problems(EdgeSettings settings)
    {
        var problems = new List<string>();
        void Need(bool holds, string setting, object value, string fix)
        {
            if (!holds) problems.Add($"{setting} is '{value}': {fix}.");
        }

        Need(Utf8.IsDeviceId(settings.Device.Id), "device:id (--device)", settings.Device.Id, $"give the device's id, at most {Limits.DeviceIdCharsMax} letters, digits, '-', '_' or '.'");
        Need(IsKey(settings.Device.OrderKey), "device:orderKey (--order-key)", Hidden(settings.Device.OrderKey), $"give the order key as {OrderKeyDigits} hexadecimal digits");
        Need(settings.Device.KeyEpoch >= 0, "device:keyEpoch (--key-epoch)", settings.Device.KeyEpoch, "give 0 or more");
        CheckLink(settings.Link, Need);
        CheckSound(settings.Sound, Need);
        CheckRecordings(settings, Need);
        settings.Watch.Check(Need);
        Need(settings.Line.SuperviseSeconds is 0 or (>= 10 and <= 80), "line:superviseSeconds", settings.Line.SuperviseSeconds, "give 10 to 80, or 0 for none");
        Need(settings.Line.SelfTestMinutes is >= 0 and <= SiteSettings.MinutesADay, "line:selfTestMinutes", settings.Line.SelfTestMinutes, "give 1 to 1440, or 0 for none");
        Need(settings.Microphone.WavFile.Length == 0 || File.Exists(settings.Microphone.WavFile), "microphone:wavFile", settings.Microphone.WavFile, "name a WAV file that is there, or none");
        Need(settings.Microphone.TalkSecondsMax is >= 5 and <= 600, "microphone:talkSecondsMax", settings.Microphone.TalkSecondsMax, "give 5 to 600");
        Need(settings.Line.FirstSeconds is >= 1 and <= 600, "line:firstSeconds", settings.Line.FirstSeconds, "give 1 to 600");
        settings.Update.Check(Need);
        settings.Telemetry.Check(Need);
        Need(settings.Speech.Engine.Length > 0, "speech:engine", settings.Speech.Engine, "name a synthesizer, such as espeak-ng");
        Need(settings.Speech.WordsPerMinute is >= 80 and <= 300, "speech:wordsPerMinute", settings.Speech.WordsPerMinute, "give 80 to 300");
        Need(settings.Speech.StallSeconds is >= 1 and <= 60, "speech:stallSeconds", settings.Speech.StallSeconds, "give 1 to 60");
        Need(settings.Data.Length > 0, "data (--data)", settings.Data, "name a folder");
        Need(settings.Board.Length == 0 || File.Exists(settings.Board), "board (--board)", settings.Board, "name a board file that is there, or none");
        Need(settings.Page.Listen.Length == 0 || IPEndPoint.TryParse(settings.Page.Listen, out _), "page:listen (--page)", settings.Page.Listen, "give address:port, such as 192.168.1.20:8090");
        settings.Township.Check(Need);
        return problems;
    }

    private static void CheckLink(LinkSettings link, Action<bool, string, object, string> need)
    {
        need(IsHost(link.Host), "link:host (--host)", link.Host, "name the cloud's host, without a port");
        need(link.Port is > 0 and <= ushort.MaxValue, "link:port (--port)", link.Port, "give 1 to 65535");
        need(link.Secret.Length > 0, "link:secret (--link-secret)", Hidden(link.Secret), "give the link secret that the cloud issued");
        need(link.Plain || File.Exists(link.Ca), "link:ca (--ca)", link.Ca, "name the PEM file of the cloud's authority, or ask for --plain");
        need(link.KeepAliveSeconds is >= 4 and <= 3600, "link:keepAliveSeconds", link.KeepAliveSeconds, "give 4 to 3600");
        need(link.ProbeSeconds is >= 2 and <= 3600, "link:probeSeconds", link.ProbeSeconds, "give 2 to 3600");
        need(link.MeteredSendSeconds is >= 60 and <= 86_400, "link:meteredSendSeconds", link.MeteredSendSeconds, "give 60 to 86400");
        need(link.Uplinks.Length <= UplinksMax, "link:uplinks", link.Uplinks.Length, $"give at most {UplinksMax}");
        for (var i = 0; i < link.Uplinks.Length; i++) CheckUplink(link.Uplinks, i, need);
    }

    private static void CheckUplink(UplinkSettings[] all, int i, Action<bool, string, object, string> need)
    {
        var (uplink, name) = (all[i], $"link:uplinks:{i}");
        need(uplink.Name.Length is > 0 and <= Limits.NameCharsMax && uplink.Name.All(c => c is > ' ' and <= '~'), name + ":name", uplink.Name, $"give 1 to {Limits.NameCharsMax} ASCII characters without spaces");
        need(all.Count(other => other.Name == uplink.Name) == 1, name + ":name", uplink.Name, "give each its own");
        need(uplink.Address.Length == 0 || IPAddress.TryParse(uplink.Address, out _), name + ":address", uplink.Address, "give an IP address of this machine, or none");
        need(uplink.Host.Length == 0 || IsHost(uplink.Host), name + ":host", uplink.Host, "give the cloud's name or address on this way, or none");
        need(uplink.Interface.Length <= 15 && uplink.Interface.All(c => c is > ' ' and <= '~'), name + ":interface", uplink.Interface, "give an interface's name, at most 15 characters");
        need(uplink.Cost is >= 0 and <= 100, name + ":cost", uplink.Cost, "give 0 to 100");
        need(uplink.KeepAliveSeconds is 0 or (>= 4 and <= 3600), name + ":keepAliveSeconds", uplink.KeepAliveSeconds, "give 4 to 3600, or 0");
    }

    private static void CheckSound(SoundSettings sound, Action<bool, string, object, string> need)
    {
        need(sound.Output is "auto" or "alsa" or "wav", "sound:output (--output)", sound.Output, "give auto, alsa or wav");
        need(sound.VolumeMax is >= 1 and <= 100, "sound:volumeMax", sound.VolumeMax, "give 1 to 100 percent");
        need(sound.NightVolumeMax is >= 0 and <= 100, "sound:nightVolumeMax", sound.NightVolumeMax, "give 0 to 100 percent");
        need(sound.ActualVolumeMin >= 0 && sound.ActualVolumeMin <= sound.VolumeMax, "sound:actualVolumeMin", sound.ActualVolumeMin, "give 0 percent to sound:volumeMax");
        need(sound.NightFromHour is >= 0 and <= 23, "sound:nightFromHour", sound.NightFromHour, "give an hour from 0 to 23");
        need(sound.NightToHour is >= 0 and <= 23, "sound:nightToHour", sound.NightToHour, "give an hour from 0 to 23");
        need(TimeZoneInfo.TryFindSystemTimeZoneById(sound.TimeZone, out _), "sound:timeZone", sound.TimeZone, "give a zone's name, such as Asia/Shanghai (Debian package tzdata)");
        need(sound.PauseMs is >= 0 and <= 30_000, "sound:pauseMs", sound.PauseMs, "give 0 to 30000 milliseconds");
    }

    private static void CheckRecordings(EdgeSettings settings, Action<bool, string, object, string> need)
    {
        var (from, isPlain) = (settings.Recordings.From, settings.Link.Plain);
        need(from.Length == 0 || (Uri.TryCreate(from, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (isPlain && uri.Scheme == "http"))),
            "recordings:from (--audio)", from, "give the cloud's door, such as https://broadcast.example:8443");
        need(settings.Recordings.CacheMegabytesMax is >= 32 and <= 16_384, "recordings:cacheMegabytesMax", settings.Recordings.CacheMegabytesMax, "give 32 to 16384");
    }

    private static bool IsHost(string host) => Uri.CheckHostName(host) != UriHostNameType.Unknown;

    private static bool IsKey(string key) => key.Length == OrderKeyDigits && key.All(char.IsAsciiHexDigit);

    private static string Hidden(string secret) => secret.Length == 0 ? "" : $"({secret.Length} characters)";
}
