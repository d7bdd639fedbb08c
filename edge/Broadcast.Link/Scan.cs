using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Broadcast.Link;

/// <summary>Something whose time can run out.</summary>
internal interface IScanned
{
    /// <summary>Its place in the scan's order, given by the scan; 0 while nobody watches it.</summary>
    long ScanTicket { get; set; }

    /// <summary>Looks at its own deadlines. <paramref name="now"/> is a timestamp of the scan's clock.</summary>
    void Look(long now);
}

/// <summary>
/// One timer for thousands of connections: every second each of them looks at its own deadlines, which costs nothing beside a timer each.
/// The deadlines of the link are tens of seconds, so a second more is never felt. The timer runs only while there is someone to look at.
/// </summary>
internal sealed class Scan(TimeProvider time) : IDisposable
{
    /// <summary>How late a deadline may be seen.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly ConditionalWeakTable<TimeProvider, Scan> Shared = [];

    private readonly ConcurrentDictionary<long, IScanned> _watched = new(); // By ticket, so that nothing depends on where an object lies.
    private readonly object _gate = new();
    private ITimer? _timer;
    private int _looking;
    private long _tickets;

    /// <summary>The scan that all clients on one clock share.</summary>
    public static Scan For(TimeProvider time) => Shared.GetValue(time, static clock => new Scan(clock));

    public void Add(IScanned watched)
    {
        _watched[watched.ScanTicket = Interlocked.Increment(ref _tickets)] = watched;
        if (Volatile.Read(ref _timer) is not null) return;
        lock (_gate) _timer ??= time.CreateTimer(static scan => ((Scan)scan!).LookAtAll(), this, Period, Period);
    }

    public void Remove(IScanned watched) => _watched.TryRemove(watched.ScanTicket, out _);

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>Looks at everyone, a tick or not.</summary>
    public void LookAtAll()
    {
        // A tick that comes while the last one is still looking adds nothing.
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        var now = time.GetTimestamp();
        foreach (var (_, watched) in _watched) watched.Look(now);
        Volatile.Write(ref _looking, 0);
        if (!_watched.IsEmpty) return;
        Dispose();
        // Someone may have come between the look and the stop, and have seen a timer that was about to go.
        if (!_watched.IsEmpty) lock (_gate) _timer ??= time.CreateTimer(static scan => ((Scan)scan!).LookAtAll(), this, Period, Period);
    }
}
