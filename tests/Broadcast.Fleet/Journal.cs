using Broadcast.Device;

namespace Broadcast.Fleet;

/// <summary>
/// What the devices really did, for tests to hold against what the service says: a line each,
/// <c>monoMs device play|ended|failed|stopped warning revision attempt</c> or <c>monoMs device siren on|off</c>. Every line
/// is handed to the system at once, so that nothing is lost when the fleet is killed. monoMs is the machine's monotonic
/// clock, the same in every process.
/// </summary>
public sealed class Journal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter? _writer;
    private readonly TimeProvider _clock;

    public Journal(string? path, TimeProvider clock)
    {
        _clock = clock;
        if (path is not null) _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true, NewLine = "\n" };
    }

    public void Dispose() => _writer?.Dispose();

    internal void Sound(string device, string what, Order order, int attempt)
    {
        if (_writer is not null) Write($"{device} {what} {Convert.ToHexStringLower(order.WarningId)} {order.Revision} {attempt}");
    }

    internal void Siren(string device, bool on)
    {
        if (_writer is not null) Write($"{device} siren {(on ? "on" : "off")}");
    }

    private void Write(string line)
    {
        var ms = _clock.GetTimestamp() / (_clock.TimestampFrequency / 1000);
        lock (_gate) _writer!.WriteLine($"{ms} {line}");
    }
}
