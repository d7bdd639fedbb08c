using System.Diagnostics;
using Broadcast.Device;
using Broadcast.Fleet;

namespace Broadcast.Benchmarks.Product;

/// <summary>Notes for each device when its tone began, and when the first acknowledgement after that came: the receipt "received" is on disk then.</summary>
internal sealed class FleetProbe(IReadOnlyList<DeviceRow> devices) : IFleetObserver
{
    private readonly Dictionary<string, int> _index = devices.Select((d, i) => (d.Device, i)).ToDictionary(d => d.Device, d => d.i, StringComparer.Ordinal);
    private int _sounding;
    private int _acknowledged;

    /// <summary>When the order was verified and its tone began; 0 where it has not.</summary>
    public long[] Sounded { get; } = new long[devices.Count];

    public long[] Committed { get; } = new long[devices.Count];

    public int Sounding => Volatile.Read(ref _sounding);

    public int Acked => Volatile.Read(ref _acknowledged);

    public void Reset()
    {
        Array.Clear(Sounded);
        Array.Clear(Committed);
        Volatile.Write(ref _sounding, 0);
        Volatile.Write(ref _acknowledged, 0);
    }

    void IFleetObserver.SoundBegan(string device, Order order)
    {
        Volatile.Write(ref Sounded[_index[device]], Stopwatch.GetTimestamp());
        Interlocked.Increment(ref _sounding);
    }

    void IFleetObserver.Acknowledged(string device)
    {
        var i = _index[device];
        // Before its order came a device may have an older frame acknowledged: that is not what is looked for.
        if (Volatile.Read(ref Sounded[i]) == 0 || Interlocked.CompareExchange(ref Committed[i], Stopwatch.GetTimestamp(), 0) != 0) return;
        Interlocked.Increment(ref _acknowledged);
    }
}
