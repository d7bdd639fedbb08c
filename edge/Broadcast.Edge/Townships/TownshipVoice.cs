using Broadcast.Device;
using Broadcast.Link;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Townships;

/// <summary>
/// Says this site's local alarms and notices to the children, each sealed under the key that the cloud delegated for that child. It needs no cloud. What is
/// still valid is on the disk, and is said again to a child that comes back: the child knows a repeat and stays silent.
/// </summary>
internal sealed partial class TownshipVoice
{
    private const long FromHere = 1;

    /// <summary>
    /// How much longer an alarm is good at the children while nobody has told this gateway the time: after a power cut its own may be behind by an hour and the
    /// length of the cut, the children's is not, and an alarm that they take for over is silence in a flood.
    /// </summary>
    private const long ClockBehindMsMax = 86_400_000;

    /// <summary>By a clock that nobody vouches for nothing is over: the child judges by its own.</summary>
    private const long NoTime = 0;

    private readonly TownshipPi _pi;
    private readonly ITownshipStore _store;
    private readonly TownshipList _list;
    private readonly ChildRelay _relay;
    private readonly Func<(long WallMs, bool IsTrue)> _clock;
    private readonly ILogger<TownshipVoice> _logger;

    /// <param name="pi">This gateway.</param>
    /// <param name="store">Where what was said is kept while it is valid.</param>
    /// <param name="list">Who the children are, and with which keys they may be spoken to.</param>
    /// <param name="relay">Who of them is here.</param>
    /// <param name="clock">The best time there is, UTC milliseconds, and whether the cloud told it.</param>
    /// <param name="logger">Hears what was said, and what could not be.</param>
    public TownshipVoice(TownshipPi pi, ITownshipStore store, TownshipList list, ChildRelay relay, Func<(long WallMs, bool IsTrue)> clock, ILogger<TownshipVoice> logger)
    {
        (_pi, _store, _list, _relay, _clock, _logger) = (pi, store, list, relay, clock, logger);
        // A child that has just started does not know the time, and takes no notice before its welcome.
        relay.Welcomed += SpeakTo;
    }

    /// <summary>For the technician: one line; empty where it carries no township.</summary>
    public string Summary => !_pi.CarriesTownship ? "" : _list.Current is var now && now.Epoch == 0
        ? $"{_relay.Connected} of {now.Children.Count} 下级 children; 未授权 nothing is delegated"
        : $"{_relay.Connected} of {now.Children.Count} 下级 children; 可发本地报警和通知至 local alarms and notices until {DateTimeOffset.FromUnixTimeMilliseconds(now.ExpiresMs):yyyy-MM-dd HH:mm} UTC";

    /// <summary>A child listens: what is still valid, in the order in which it was said.</summary>
    public void SpeakTo(LinkSession session)
    {
        var (now, (wallMs, isTrue)) = (_list.Current, _clock());
        if (!now.MaySpeakAt(wallMs) || !now.Children.TryGetValue(session.DeviceId, out var child)) return;
        foreach (var order in _store.TownshipOrders(isTrue ? wallMs : NoTime)) Send(session, child, now, order);
    }

    /// <summary>Says a local alarm or notice of this site to every child that is here. On the loop, and before the alarm counts as raised: what a power cut interrupts goes on after it.</summary>
    public void Say(Order order)
    {
        if (!_pi.CarriesTownship) return;
        var (now, (wallMs, isTrue)) = (_list.Current, _clock());
        if (!now.MaySpeakAt(wallMs))
        {
            LogNotDelegated(order.Class);
            return;
        }

        var untilMs = order.ExpiresMs;
        order = Order.Decode(order.Encode())!; // The site's own keeps its own validity.
        // Decided once: said again with another end, it would be new to a child that has forgotten it.
        if (!isTrue && order.Class == WarningClass.LocalAlarm) order.ExpiresMs += ClockBehindMsMax;
        _store.KeepTownshipOrder(order, untilMs, isTrue ? wallMs : NoTime, Limits.DelegatedOrdersMax);
        var told = 0;
        foreach (var session in _relay.Sessions)
        {
            if (now.Children.TryGetValue(session.DeviceId, out var child) && Send(session, child, now, order)) told++;
        }

        LogSaid(order.Class, order.Level, told, now.Children.Count);
    }

    private bool Send(LinkSession session, Child child, TownshipView now, Order order)
    {
        // No order outlives the key that it goes under; the child would refuse it.
        var said = Order.Decode(order.Encode())!;
        said.ExpiresMs = Math.Min(order.ExpiresMs, now.ExpiresMs);
        var body = new DelegatedOrder { Parent = _pi.Id, Epoch = now.Epoch, ExpiresMs = now.ExpiresMs, Order = said.Encode() };
        return session.TrySend(Envelope.Seal(child.Key, child.KeyEpoch, Direction.Down, child.Id, MessageType.Delegated, body.Encode()), FromHere) == SendOutcome.Accepted;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Class} {Level} said to the township: {Told} of {Children} children are here")]
    private partial void LogSaid(WarningClass @class, WarningLevel level, int told, int children);

    [LoggerMessage(2, LogLevel.Error, "The {Class} cannot be said to the township: nothing is delegated, or the keys are over")]
    private partial void LogNotDelegated(WarningClass @class);
}
