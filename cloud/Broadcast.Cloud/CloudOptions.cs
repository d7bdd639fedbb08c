using System.Net;

namespace Broadcast.Cloud;

/// <summary>What the operator of the service sets. Read once from the command line; checked before anything is opened.</summary>
public sealed record CloudOptions
{
    /// <summary>Folder of everything the process keeps: database, keys, certificates, anchors.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Name of this process in a cluster; the owner of its sessions in the ledger.</summary>
    public string Node { get; init; } = "node-1";

    /// <summary>Address that the HTTPS door and the device link listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>HTTPS port; 0 takes a free one.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>Plain HTTP on loopback only, for the console on the same machine; 0 takes a free one.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>MQTT over TLS; 8883 is its registered port; 0 takes a free one.</summary>
    public int LinkPort { get; init; } = 8883;

    /// <summary>MQTT without TLS, a labelled extra for benchmarks; null leaves it closed, 0 takes a free one.</summary>
    public int? PlainLinkPort { get; init; }

    /// <summary>"sqlite" for the embedded database in the data folder, or "postgres:" and an Npgsql connection string.</summary>
    public string Ledger { get; init; } = "sqlite";

    /// <summary>Fills an empty ledger with the demo prefecture and its people.</summary>
    public bool Demo { get; init; }

    /// <summary>At least so many sites in the demo's prefecture, in villages that have one already; 0 for as many as there are.</summary>
    public int DemoSites { get; init; }

    /// <summary>Gives the demo's people new passwords at this start.</summary>
    public bool ResetPasswords { get; init; }

    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([DataFolder, .. parts]);

    /// <summary>One line a mistake: the setting, its value, the fix.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var mistakes = new List<string>();
        foreach (var (name, port) in new[] { ("--https", HttpsPort), ("--http", HttpPort), ("--link", LinkPort), ("--link-plain", PlainLinkPort ?? 0) })
        {
            if (port is < 0 or > 65535) mistakes.Add($"{name} is {port}; a port is 0 (any free one) to 65535.");
        }

        if (DemoSites is < 0 or > 100_000) mistakes.Add($"--demo-sites is {DemoSites}; expected 0 to 100000.");
        if (Node.Length is 0 or > 32 || !Node.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            mistakes.Add($"--node is '{Node}'; expected 1–32 letters, digits or hyphens.");
        if (Ledger != "sqlite" && !Ledger.StartsWith("postgres:", StringComparison.Ordinal))
            mistakes.Add($"--ledger is '{Ledger}'; expected 'sqlite' or 'postgres:' and a connection string.");
        return mistakes;
    }
}
