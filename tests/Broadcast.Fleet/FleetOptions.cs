using Broadcast.Device;

namespace Broadcast.Fleet;

/// <summary>What a fleet simulates and where it connects. Probabilities are 0 to 1; every fault is seeded by the device's id.</summary>
public sealed record FleetOptions
{
    public required string DevicesFile { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The authority (PEM) that the cloud's certificate must come from; not needed with <see cref="Plain"/>.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>No TLS: a labelled extra for measurements, never the default.</summary>
    public bool Plain { get; init; }

    /// <summary>Only the first so many devices of the file; all of them by default.</summary>
    public int? Take { get; init; }

    /// <summary>Only every n-th device, as "1/4": several processes share one file.</summary>
    public Slice? Slice { get; init; }

    /// <summary>Devices that are not simulated: something else is them.</summary>
    public IReadOnlySet<string> Except { get; init; } = new HashSet<string>();

    /// <summary>Only these devices; all of them when it is empty.</summary>
    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    /// <summary>The township's Pi that the devices connect to, by its device id: they sign in with the secret for it. Null for the cloud.</summary>
    public string? Parent { get; init; }

    /// <summary>A folder with a file by the name of each device that something else is now: looked at once a second; null for none.</summary>
    public string? LentFolder { get; init; }

    /// <summary>Characters spoken a second. Mandarin announcers speak about four.</summary>
    public double SpeechRate { get; init; } = SpeechTime.DefaultCharactersPerSecond;

    public FaultOptions Faults { get; init; } = new();

    /// <summary>Where each device's flash is a file, so that a restart of the fleet is a power cut; in memory without it.</summary>
    public string? StateFolder { get; init; }

    public string? JournalFile { get; init; }

    public string? StatusFile { get; init; }

    /// <summary>First connections a second. TLS handshakes are what a start costs, and both sides often share one machine.</summary>
    public int ConnectsPerSecond { get; init; } = 300;

    /// <summary>Shortest wait before connecting again.</summary>
    public TimeSpan BackOffMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before connecting again; tests that restart the service shorten it.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Hears what devices do; for measurements in this process.</summary>
    public IFleetObserver? Observer { get; init; }

    /// <summary>The first problem with these options, naming the setting and the fix; null where there is none.</summary>
    public string? Problem()
    {
        if (!File.Exists(DevicesFile)) return $"--devices-file {DevicesFile} is not there; `serve --demo` writes it into the data folder as devices.csv.";
        if (Port is < 1 or > 65535) return $"--port is {Port}; expected 1–65535.";
        if (!Plain && AuthorityFile is null) return "--ca FILE is missing; the service writes it into its data folder as tls/ca.pem (or say --plain).";
        if (!Plain && !File.Exists(AuthorityFile)) return $"--ca {AuthorityFile} is not there.";
        if (Take is < 1) return $"--take is {Take}; expected 1 or more.";
        if (SpeechRate is not (> 0 and <= 10_000)) return $"--speech-rate is {SpeechRate}; expected more than 0 and at most 10000 characters a second.";
        if (ConnectsPerSecond is < 1 or > 100_000) return $"--connects-per-second is {ConnectsPerSecond}; expected 1–100000.";
        if (BackOffMax <= TimeSpan.Zero) return $"--back-off-max is {BackOffMax.TotalMilliseconds} ms; expected more than 0.";
        return Faults.Problem();
    }
}

/// <summary>Hears what devices do, on the thread that does it: called by many at once, and may not block.</summary>
public interface IFleetObserver
{
    /// <summary>The device has verified the order, and its tone starts now.</summary>
    void SoundBegan(string device, Order order);

    /// <summary>The cloud has acknowledged a frame of the device: what it said is committed.</summary>
    void Acknowledged(string device);
}

/// <summary>Every <paramref name="Of"/>-th device, beginning with the <paramref name="Index"/>-th (counted from 1).</summary>
public readonly record struct Slice(int Index, int Of)
{
    /// <summary>Reads "1/4"; false where it is no such thing or out of range.</summary>
    public static bool TryParse(string text, out Slice slice)
    {
        slice = default;
        var parts = text.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], out var index) || !int.TryParse(parts[1], out var of)) return false;
        if (of < 1 || index < 1 || index > of) return false;
        slice = new Slice(index, of);
        return true;
    }
}
