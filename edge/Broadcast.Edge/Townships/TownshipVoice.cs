using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Storage;
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

    private readonly EdgeSettings _settings;
    private readonly GatewayStore _store;
    private readonly GatewayLoop _loop;
    private readonly TownshipList _list;
    private readonly ChildRelay _relay;
    private readonly TimeProvider _time;
    private readonly ILogger<TownshipVoice> _logger;

    public TownshipVoice(EdgeSettings settings, GatewayStore store, GatewayLoop loop, TownshipList list, ChildRelay relay, TimeProvider time, ILogger<TownshipVoice> logger)
    {
        (_settings, _store, _loop, _list, _relay, _time, _logger) = (settings, store, loop, list, relay, time, logger);
        loop.TownshipCame += list.Take;
        loop.Spread += Say;
    }

    /// <summary>For the technician: one line; empty where it carries no township.</summary>
    public string Summary => _settings.Township.Listen.Length == 0 ? "" : _list.Current is var now && now.Epoch == 0
        ? $"{_relay.Connected} of {now.Children.Count} 下级 children; 未授权 nothing is delegated"
        : $"{_relay.Connected} of {now.Children.Count} 下级 children; 可发本地报警和通知至 local alarms and notices until {DateTimeOffset.FromUnixTimeMilliseconds(now.ExpiresMs):yyyy-MM-dd HH:mm} UTC";

    private long WallMs => _loop.Clock is { Quality: not ClockQuality.Unknown } clock ? _loop.NowMs + clock.OffsetMs : _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A child listens: what is still valid, in the order in which it was said.</summary>
    public void SpeakTo(LinkSession session)
    {
        var (now, wallMs) = (_list.Current, WallMs);
        if (!now.MaySpeakAt(wallMs) || !now.Children.TryGetValue(session.DeviceId, out var child)) return;
        foreach (var order in _store.TownshipOrders(wallMs)) Send(session, child, now, order);
    }

    // On the loop, and before the alarm counts as raised. On the disk first: what a power cut interrupts goes on after it.
    private void Say(Order order)
    {
        if (_settings.Township.Listen.Length == 0) return;
        var (now, wallMs) = (_list.Current, WallMs);
        if (!now.MaySpeakAt(wallMs))
        {
            LogNotDelegated(order.Class);
            return;
        }

        _store.KeepTownshipOrder(order, wallMs, Limits.DelegatedOrdersMax);
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
        var body = new DelegatedOrder { Parent = _settings.Device.Id, Epoch = now.Epoch, ExpiresMs = now.ExpiresMs, Order = said.Encode() };
        return session.TrySend(Envelope.Seal(child.Key, child.KeyEpoch, Direction.Down, child.Id, MessageType.Delegated, body.Encode()), FromHere) == SendOutcome.Accepted;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Class} {Level} said to the township: {Told} of {Children} children are here")]
    private partial void LogSaid(WarningClass @class, WarningLevel level, int told, int children);

    [LoggerMessage(2, LogLevel.Error, "The {Class} cannot be said to the township: nothing is delegated, or the keys are over")]
    private partial void LogNotDelegated(WarningClass @class);
}
