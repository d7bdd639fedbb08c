using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Link;
using Broadcast.Testing;

namespace Broadcast.Benchmarks.Peers;

/// <summary>
/// What the broker is compared with the product by: one subscriber a device, which verifies the same order under the device's key and sends
/// the same receipt back, and one collector that takes all receipts. Nothing is kept, queued, retried or decided.
/// </summary>
internal sealed class PeerFleet : IAsyncDisposable
{
    private const string Receipts = "receipts";
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Subscriber> _subscribers = [];
    private readonly Collector _collector;
    private readonly List<Task> _running = [];
    private int _up;

    public PeerFleet(IReadOnlyList<DeviceRow> devices, int port, X509Certificate2? authority)
    {
        Port = port;
        Authority = authority;
        _collector = new Collector(this);
        _subscribers.AddRange(devices.Select(d => new Subscriber(this, d)));
        Verified = new long[devices.Count];
        Collected = new long[devices.Count];
        for (var i = 0; i < devices.Count; i++) _subscribers[i].Index = i;
    }

    public int Port { get; }

    public X509Certificate2? Authority { get; }

    /// <summary>When each subscriber had verified its order; 0 where it has not.</summary>
    public long[] Verified { get; }

    /// <summary>When the collector had the receipts, in the order of their coming.</summary>
    public long[] Collected { get; }

    private int _collected;

    public async Task ConnectAsync(int perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        _running.Add(_collector.Client.RunAsync(_stop.Token));
        foreach (var group in _subscribers.Chunk(Math.Max(1, perSecond / 10)))
        {
            _running.AddRange(group.Select(s => s.Client.RunAsync(_stop.Token)));
            await timer.WaitForNextTickAsync();
        }

        await Eventually.HoldsAsync(() => Volatile.Read(ref _up) == _subscribers.Count + 1, TimeSpan.FromMinutes(3), "the peer's subscribers are connected");
    }

    public void Reset()
    {
        Array.Clear(Verified);
        Array.Clear(Collected);
        Volatile.Write(ref _collected, 0);
    }

    public bool IsDone => Volatile.Read(ref _collected) == _subscribers.Count;

    public static string TopicOf(DeviceRow device) => Topics.Down(device.Device);

    public LinkClientOptions OptionsOf(string client, string filter) => new()
    {
        Host = "127.0.0.1", Port = Port, ClientId = client, Subscribe = [filter], KeepAlive = TimeSpan.FromMinutes(10),
        Tls = Authority is null ? null : new LinkClientTls([Authority]),
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var subscriber in _subscribers) await subscriber.Client.DisposeAsync();
        await _collector.Client.DisposeAsync();
        _stop.Dispose();
    }

    private sealed class Subscriber : ILinkClientHandler
    {
        private readonly PeerFleet _fleet;
        private readonly DeviceRow _device;

        public Subscriber(PeerFleet fleet, DeviceRow device)
        {
            (_fleet, _device) = (fleet, device);
            Client = new LinkClient(fleet.OptionsOf("peer-" + device.Device, TopicOf(device)), this);
        }

        public LinkClient Client { get; }

        public int Index { get; set; }

        public void Up(LinkClient client) => Interlocked.Increment(ref _fleet._up);

        public void Down(LinkClient client, LinkDown why) => Interlocked.Decrement(ref _fleet._up);

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
            var opened = Envelope.Open(payload.ToArray(), _device.OrderKey, _device.KeyEpoch, Direction.Down, _device.Device);
            if (opened.Refusal != Refusal.None || Order.Decode(opened.Body) is not { } order) return; // Then the round never ends, which is seen.
            _fleet.Verified[Index] = Stopwatch.GetTimestamp();
            var receipt = new Receipt { WarningId = order.WarningId, Revision = order.Revision, Sequence = order.Sequence, State = ReceiptState.Received, Number = 1, Clock = ClockQuality.Cloud, AtMs = order.NotBeforeMs };
            client.TryPublish(Receipts, Envelope.Seal(_device.OrderKey, _device.KeyEpoch, Direction.Up, _device.Device, MessageType.Receipt, receipt.Encode()), Index);
        }

        public void Acknowledged(LinkClient client, int token)
        {
            // The broker has it; what counts here is when the collector does.
        }
    }

    private sealed class Collector : ILinkClientHandler
    {
        private readonly PeerFleet _fleet;

        public Collector(PeerFleet fleet)
        {
            _fleet = fleet;
            Client = new LinkClient(fleet.OptionsOf("peer-collector-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)), Receipts), this);
        }

        public LinkClient Client { get; }

        public void Up(LinkClient client) => Interlocked.Increment(ref _fleet._up);

        public void Down(LinkClient client, LinkDown why) => Interlocked.Decrement(ref _fleet._up);

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
            _fleet.Collected[Volatile.Read(ref _fleet._collected)] = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _fleet._collected);
        }

        public void Acknowledged(LinkClient client, int token)
        {
            // It publishes nothing.
        }
    }
}
