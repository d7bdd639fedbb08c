namespace Broadcast.Fleet;

/// <summary>What goes wrong between a device and the cloud, and in its clock and amplifier.</summary>
public sealed record FaultOptions
{
    /// <summary>Chance that a frame, in either direction, is lost together with its connection, which is how TCP loses things.</summary>
    public double Loss { get; init; }

    /// <summary>Mean one-way delay; each device has its own constant one between half and one and a half of it.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Mean time between two breaks of a device's connection; zero for none.</summary>
    public TimeSpan DisconnectEvery { get; init; }

    /// <summary>Chance that a frame to the device is altered on the way, so that the device must refuse it.</summary>
    public double Refuse { get; init; }

    /// <summary>Chance that a playback ends in a failing amplifier.</summary>
    public double Fail { get; init; }

    /// <summary>Devices have a battery-backed clock that is wrong by up to this, either way; null: no clock at all until the cloud tells the time.</summary>
    public TimeSpan? ClockError { get; init; }

    /// <summary>Seeds every device's faults together with its id.</summary>
    public int Seed { get; init; } = 1;

    internal string? Problem()
    {
        if (Loss is not (>= 0 and < 1)) return $"--loss is {Loss}; expected 0 or more and less than 1.";
        if (Refuse is not (>= 0 and <= 1)) return $"--refuse is {Refuse}; expected 0–1.";
        if (Fail is not (>= 0 and <= 1)) return $"--fail is {Fail}; expected 0–1.";
        if (Latency < TimeSpan.Zero || Latency > TimeSpan.FromMinutes(1)) return $"--latency is {Latency.TotalMilliseconds} ms; expected 0–60000.";
        if (DisconnectEvery < TimeSpan.Zero) return $"--disconnect-every is {DisconnectEvery.TotalSeconds} s; expected 0 or more.";
        return ClockError < TimeSpan.Zero ? $"--clock-error is {ClockError.Value.TotalMilliseconds} ms; expected 0 or more." : null;
    }
}

/// <summary>The dice of one device. Seeded, so that a fleet of the same devices and seed meets the same faults. Not for two threads at once.</summary>
internal sealed class Faults
{
    private readonly FaultOptions _options;
    private ulong _state;

    public Faults(FaultOptions options, string deviceId)
    {
        _options = options;
        _state = StableHash(deviceId) ^ ((ulong)options.Seed * 0x9E3779B97F4A7C15);
        Latency = options.Latency * (0.5 + Roll());
        ClockError = options.ClockError is { } error ? error * (2 * Roll() - 1) : null;
    }

    /// <summary>This device's one-way delay: constant, so that frames keep their order.</summary>
    public TimeSpan Latency { get; }

    public TimeSpan? ClockError { get; }

    public bool LosesFrame() => _options.Loss > 0 && Roll() < _options.Loss;

    public bool AltersFrame() => _options.Refuse > 0 && Roll() < _options.Refuse;

    public bool FailsPlayback() => _options.Fail > 0 && Roll() < _options.Fail;

    /// <summary>Time to the next break of the connection; null for never. Exponential: breaks do not wait for each other.</summary>
    public TimeSpan? NextBreak() => _options.DisconnectEvery > TimeSpan.Zero ? _options.DisconnectEvery * -Math.Log(1 - Roll()) : null;

    /// <summary>A copy of the frame with one bit of its authenticated part turned.</summary>
    public byte[] Alter(byte[] frame)
    {
        var altered = (byte[])frame.Clone();
        altered[(int)(Roll() * altered.Length)] ^= 1;
        return altered;
    }

    // SplitMix64: eight bytes a device, where System.Random keeps a table.
    private double Roll()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL; // FNV-1a; string.GetHashCode differs from run to run.
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
