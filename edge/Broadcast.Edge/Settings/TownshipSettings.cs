using System.Net;

namespace Broadcast.Edge;

/// <summary>Whether, and where, this gateway carries the other devices of its township.</summary>
internal sealed class TownshipSettings
{
    /// <summary><c>address:port</c> of MQTT over TLS for the township's devices, such as <c>192.168.1.20:8883</c>; empty for none.</summary>
    public string Listen { get; init; } = "";

    /// <summary>Further names by which they reach it: its certificate bears them.</summary>
    public string[] Names { get; init; } = [];

    public void Check(Action<bool, string, object, string> need)
    {
        need(Listen.Length == 0 || IPEndPoint.TryParse(Listen, out _), "township:listen (--township)", Listen, "give address:port, such as 192.168.1.20:8883");
        foreach (var name in Names) need(Uri.CheckHostName(name) != UriHostNameType.Unknown, "township:names", name, "give names or addresses of this machine");
    }
}
