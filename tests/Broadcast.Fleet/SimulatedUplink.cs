using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broadcast.Device;
using Broadcast.Link;

namespace Broadcast.Fleet;

/// <summary>
/// The link of one device, with the faults put in where the real ones are: between the core and the client. A frame that is
/// lost is lost together with its connection; one that is late is late by the device's own constant delay.
/// </summary>
internal sealed class SimulatedUplink : ILinkClientHandler, IAsyncDisposable
{
    private readonly FleetShared _shared;
    private readonly Faults _faults;
    private readonly SimulatedDevice _device;
    private readonly DeviceRow _row;
    private readonly LinkClient _client;
    private readonly string _topic;
    private readonly BreakAlarm? _break;
    private Task _running = Task.CompletedTask;
    private int _session; // Counts connections: what a delay held back from an earlier one is gone with it.

    public SimulatedUplink(DeviceRow row, FleetShared shared, Faults faults, SimulatedDevice device)
    {
        _shared = shared;
        _faults = faults;
        _device = device;
        _row = row;
        _topic = Topics.Up(row.Device);
        _break = shared.Options.Faults.DisconnectEvery > TimeSpan.Zero ? new BreakAlarm(this) : null;
        _client = new LinkClient(OptionsOf(row, shared), this);
    }

    /// <summary>Connects, and connects again, until the power goes.</summary>
    public void Run(CancellationToken powerOff) => _running = _client.RunAsync(powerOff);

    /// <summary>False: no link, or its window is full; the core offers the frame again.</summary>
    public bool TryPublish(int token, byte[] frame)
    {
        if (!_client.IsUp) return false;
        if (Loses()) return true;
        if (_faults.Latency == TimeSpan.Zero) return _client.TryPublish(_topic, frame, token) == SendOutcome.Accepted;
        Later(() =>
        {
            // The core believes it gone out; a full window behind a delay is a broken uplink.
            if (_client.TryPublish(_topic, frame, token) != SendOutcome.Accepted) _client.Cut();
        });
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_break is not null) _shared.Wheel.Clear(_break);
        await _client.DisposeAsync();
        await _running;
    }

    void ILinkClientHandler.Up(LinkClient client)
    {
        Interlocked.Increment(ref _session);
        _device.Post(new Letter(LetterKind.LinkUp));
        if (_break is not null && _faults.NextBreak() is { } after) _shared.Wheel.Set(_break, after);
    }

    void ILinkClientHandler.Down(LinkClient client, LinkDown why)
    {
        Interlocked.Increment(ref _session);
        _device.Post(new Letter(LetterKind.LinkDown));
    }

    void ILinkClientHandler.Failed(LinkClient client, LinkDown why) => _shared.Counts.ConnectFailed(why);

    void ILinkClientHandler.Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
    {
        var frame = payload.ToArray();
        if (Envelope.TryPeek(frame, out _, out _, out var type) && type == MessageType.Order) _shared.Counts.OrderCame();
        if (Loses()) return;
        if (_faults.AltersFrame()) frame = _faults.Alter(frame);
        if (_faults.Latency == TimeSpan.Zero) _device.Post(new Letter(LetterKind.Frame, frame));
        else Later(() => _device.Post(new Letter(LetterKind.Frame, frame)));
    }

    void ILinkClientHandler.Acknowledged(LinkClient client, int token)
    {
        _shared.Options.Observer?.Acknowledged(_row.Device);
        _device.Post(new Letter(LetterKind.Published, Number: token));
    }

    private bool Loses()
    {
        if (!_faults.LosesFrame()) return false;
        _client.Cut();
        return true;
    }

    private void Later(Action act)
    {
        var session = Volatile.Read(ref _session);
        _shared.Wheel.Set(new DelayAlarm(() =>
        {
            if (session == Volatile.Read(ref _session)) act();
        }), _faults.Latency);
    }

    private static LinkClientOptions OptionsOf(DeviceRow row, FleetShared shared) => new()
    {
        Host = shared.Options.Host,
        Port = shared.Options.Port,
        Tls = shared.Authority is { } authority ? new LinkClientTls(new X509Certificate2Collection(authority)) : null,
        ClientId = row.Device,
        UserName = row.Device,
        Password = Encoding.UTF8.GetBytes(row.LinkSecret),
        Subscribe = [Topics.Down(row.Device)],
        BackOffMin = shared.Options.BackOffMin,
        BackOffMax = shared.Options.BackOffMax,
        Time = shared.Clock,
    };

    private sealed class BreakAlarm(SimulatedUplink uplink) : Alarm
    {
        protected internal override void Ring() => uplink._client.Cut();
    }

    private sealed class DelayAlarm(Action act) : Alarm
    {
        protected internal override void Ring() => act();
    }
}
