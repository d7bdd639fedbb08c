using Broadcast.Device;
using Broadcast.Edge.Townships;
using Broadcast.Link;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Simulation.Devices;

/// <summary>
/// What makes a device a township's Pi. Relay, voice and list are the edge's own files, the door is the product's link endpoint; TLS, sockets and database are
/// the simulation's. A power cut ends its process; its card holds the list and what was said, as the gateway's database does.
/// </summary>
internal sealed class SimulatedTownship(SimulatedDevice pi, Agenda agenda, Func<long> strideMs) : ILinkAuthority, ITownshipStore
{
    private static readonly LinkLimits DoorLimits = new() { ConnectionsMax = 96, ConnectionsPerSecond = 20, MessagesPerSecond = 50 }; // As the edge's door has them.

    private readonly Dictionary<string, (Order Order, long UntilMs)> _said = new(StringComparer.Ordinal);
    private IReadOnlyList<byte[]> _parts = [];
    private SimulatedProcess? _process;
    private LinkEndpoint? _endpoint;
    private TownshipList? _list;
    private ChildRelay? _relay;
    private TownshipVoice? _voice;
    private long _epoch;

    public List<(Exchange Exchange, SimulatedDevice Child)> Exchanges { get; } = [];

    /// <summary>The delegation that it has; 0 for none, or while its power is off.</summary>
    public long DelegatedEpoch => _list?.Current.Epoch ?? 0;

    /// <summary>Whom it carries, and the keys that it has for them; null while its power is off.</summary>
    public TownshipView? Current => _list?.Current;

    /// <summary>It carries nothing any more, either way, and keeps its children's connections open: it is in the wrong hands.</summary>
    public bool Withholds { get; set; }

    private long WallMs => pi.Core is { } core && core.WallMs(pi.MonotonicMs) is > 0 and var wallMs ? wallMs : pi.MachineWallMs;

    public void PowerOn()
    {
        _process = new SimulatedProcess();
        var clock = new SimulatedTime(agenda, _process, () => pi.MachineWallMs - agenda.NowMs, strideMs);
        var self = new TownshipPi(pi.Id, pi.Key, pi.KeyEpoch, CarriesTownship: true);
        _list = new TownshipList(self, this, NullLogger<TownshipList>.Instance);
        _relay = new ChildRelay(self, pi.Uplink.TryPublish, _list, NullLogger<ChildRelay>.Instance);
        _voice = new TownshipVoice(self, this, _list, _relay, () => (WallMs, pi.Core is { Clock: ClockQuality.Cloud }), NullLogger<TownshipVoice>.Instance);
        _endpoint = new LinkEndpoint(this, DoorLimits, clock, NullLogger<LinkEndpoint>.Instance) { Aside = _process.Aside };
    }

    public void PowerOff()
    {
        _process!.Kill();
        foreach (var (exchange, _) in Exchanges) exchange.Die();
        Exchanges.Clear();
        (_process, _endpoint, _list, _relay, _voice) = (null, null, null, null, null);
    }

    /// <summary>The card is lost, and everything on it.</summary>
    public void LoseCard()
    {
        _parts = [];
        _said.Clear();
    }

    /// <summary>After each call of its core, as the gateway's loop does it.</summary>
    public void Look(DeviceCore core) => Inside(() =>
    {
        if (core.TakeTownship() is { } part) _list!.Take(part);
        _relay!.LookAtSession(core.IsSessionUp);
    });

    /// <summary>From the cloud: true where the frame is a child's.</summary>
    public bool Deliver(byte[] frame)
    {
        if (Withholds && Envelope.TryPeek(frame, out var id, out _, out _) && id != pi.Id) return true;
        var delivered = false;
        Inside(() => delivered = _relay!.Deliver(frame));
        return delivered;
    }

    public void Acknowledged(int token)
    {
        if (!Withholds) Inside(() => _relay!.Acknowledged(token));
    }

    /// <summary>Says what was raised here to the children too; true where it may, and it is kept for those who are away.</summary>
    public bool Say(Order order)
    {
        if (_list is not { } list || !list.Current.MaySpeakAt(WallMs)) return false;
        Inside(() => _voice!.Say(order));
        return _said.ContainsKey(Convert.ToHexString(order.WarningId));
    }

    /// <summary>A child connects; null where nobody answers.</summary>
    public Exchange? Accept(SimulatedDevice child, SimulatedUplink uplink, Func<long> delayMs)
    {
        if (_process is not { } process || _endpoint is not { } endpoint) return null;
        var exchange = new Exchange(agenda, new SimulatedConnection(process, child.Id), uplink, delayMs, static () => { });
        Exchanges.Add((exchange, child));
        _ = process.Begin(async () =>
        {
            await endpoint.OnConnectedAsync(exchange.Server);
            exchange.ServerEnded();
            return 0;
        });
        return exchange;
    }

    /// <summary>Runs what is ready, and puts on the wire what was flushed.</summary>
    /// <param name="left">Told of each frame that goes to a child.</param>
    public void Run(Action<SimulatedDevice, byte[]> left)
    {
        if (_process is not { } process) return;
        do
        {
            process.Run();
            foreach (var (exchange, child) in Exchanges)
            {
                if (exchange.Server.Take() is not { } bytes) continue;
                foreach (var frame in Mqtt.Publishes(bytes)) left(child, frame);
                exchange.Down(bytes);
            }

            Exchanges.RemoveAll(e => e.Exchange.IsServerOver);
        }
        while (!process.IsIdle);
    }

    ValueTask<ConnectVerdict> ILinkAuthority.AuthenticateAsync(ConnectRequest request, CancellationToken ct)
    {
        var isKnown = request.UserName == request.ClientId && _list!.Current.Children.TryGetValue(request.ClientId, out var child) && child.Knows(request.Password.Span);
        return ValueTask.FromResult(isKnown
            ? ConnectVerdict.Accept(request.ClientId, ++_epoch, Topics.UpPrefix(request.ClientId), Topics.Down(request.ClientId))
            : ConnectVerdict.Refuse(ConnectCode.BadCredentials));
    }

    void ILinkAuthority.Opened(LinkSession session) => _relay!.Opened(session);

    void ILinkAuthority.Subscribed(LinkSession session) => _voice!.SpeakTo(session);

    ValueTask ILinkAuthority.ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload) => _relay!.SendAsync(session, payload.ToArray());

    void ILinkAuthority.Delivered(LinkSession session, long tag)
    {
        // As at the edge's door: the child's receipts tell.
    }

    void ILinkAuthority.Closed(LinkSession session, LinkClosed why) => _relay!.Closed(session, DateTimeOffset.FromUnixTimeMilliseconds(pi.MachineWallMs) - why.LastHeard);

    IReadOnlyList<byte[]> ITownshipStore.LoadTownship() => _parts;

    bool ITownshipStore.SaveTownship(IReadOnlyList<byte[]> parts)
    {
        if (pi.FlashFails) return false;
        _parts = parts;
        return true;
    }

    IReadOnlyList<Order> ITownshipStore.TownshipOrders(long nowMs) => [.. _said.Values.Where(s => s.UntilMs > nowMs).Select(s => s.Order)];

    bool ITownshipStore.KeepTownshipOrder(Order order, long untilMs, long nowMs, int most)
    {
        if (pi.FlashFails) return false;
        foreach (var over in _said.Where(s => s.Value.UntilMs <= nowMs).Select(s => s.Key).ToArray()) _said.Remove(over);
        _said.TryAdd(Convert.ToHexString(order.WarningId), (order, untilMs));
        while (_said.Count > most) _said.Remove(_said.Keys.First());
        return true;
    }

    // What goes on in its process is awaited on its thread.
    private void Inside(Action act)
    {
        if (_process is not { IsDead: false } process) return;
        _ = process.Begin(() =>
        {
            act();
            return Task.FromResult(0);
        });
    }
}
