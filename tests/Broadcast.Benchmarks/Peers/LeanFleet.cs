using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Link;

namespace Broadcast.Benchmarks.Peers;

/// <summary>
/// Thousands of clients that do the least a device must: verify the order under the device's key and answer "received". The same class
/// serves both sides of a comparison, so that what it costs falls out: towards the product each says hello first and is done when its
/// receipt is acknowledged, which is after the commit; towards the broker all receipts go to one topic, and one collector takes them.
/// </summary>
internal sealed class LeanFleet : IAsyncDisposable
{
    private const string Receipts = "receipts";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly CancellationTokenSource _stop = new();
    private readonly bool _ofProduct;
    private readonly Lazy<LeanDevice[]> _made;
    private Collector? _collector;
    private readonly List<Task> _running = [];
    private readonly int _port;
    private readonly X509Certificate2? _authority;
    private int _ready, _verified, _settled, _up;

    /// <param name="devices">Who they are.</param>
    /// <param name="port">The endpoint's or the broker's.</param>
    /// <param name="authority">Null for plain.</param>
    /// <param name="ofProduct">Whether it is the product's endpoint, or a broker.</param>
    public LeanFleet(IReadOnlyList<DeviceRow> devices, int port, X509Certificate2? authority, bool ofProduct)
    {
        (_port, _authority, _ofProduct) = (port, authority, ofProduct);
        Verified = new long[devices.Count];
        Settled = new long[devices.Count];
        _made = new(() => [.. devices.Select((d, i) => new LeanDevice(this, d, i, ofProduct))]);
    }

    /// <summary>Whether a broker's receipts are collected; not where nothing is sent.</summary>
    public bool HasCollector { get; init; } = true;

    /// <summary>Longest wait before connecting again.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Clients whose session was accepted and whose subscription was granted.</summary>
    public int Up => Volatile.Read(ref _up);

    private LeanDevice[] Devices => _made.Value;

    /// <summary>When each device had verified its order; 0 where it has not.</summary>
    public long[] Verified { get; }

    /// <summary>When each receipt was where it was to go: on the product's disk, or with the collector (there in the order of coming).</summary>
    public long[] Settled { get; }

    public bool AllVerified => Volatile.Read(ref _verified) == Devices.Length;

    public bool AllSettled => Volatile.Read(ref _settled) == Devices.Length;

    public int Ready => Volatile.Read(ref _ready);

    public static string TopicOf(DeviceRow device) => Topics.Down(device.Device);

    public async Task ConnectAsync(int perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        if (!_ofProduct && HasCollector)
        {
            _collector = new Collector(this);
            _running.Add(_collector.Client.RunAsync(_stop.Token));
        }

        foreach (var group in Devices.Chunk(Math.Max(1, perSecond / 10)))
        {
            _running.AddRange(group.Select(d => d.Client.RunAsync(_stop.Token)));
            await timer.WaitForNextTickAsync();
        }

        await Quiet.UntilAsync(() => Ready == Devices.Length + (_collector is null ? 0 : 1), Patience, "all clients are connected");
    }

    /// <summary>Starts all connections now, and waits for none.</summary>
    public void ConnectAtOnce() => _running.AddRange(Devices.Select(d => d.Client.RunAsync(_stop.Token)));

    /// <summary>Forgets the round before.</summary>
    public void Reset()
    {
        Array.Clear(Verified);
        Array.Clear(Settled);
        Volatile.Write(ref _verified, 0);
        Volatile.Write(ref _settled, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var device in Devices) await device.Client.DisposeAsync();
        if (_collector is not null) await _collector.Client.DisposeAsync();
        _stop.Dispose();
    }

    private LinkClientOptions OptionsOf(string client, string filter, string? secret) => new()
    {
        Host = "127.0.0.1", Port = _port, ClientId = client, Subscribe = [filter], KeepAlive = TimeSpan.FromMinutes(10), BackOffMin = TimeSpan.FromSeconds(Math.Min(1, BackOffMax.TotalSeconds)), BackOffMax = BackOffMax, ConnectTimeout = TimeSpan.FromMinutes(1),
        UserName = secret is null ? null : client, Password = secret is null ? default : Encoding.UTF8.GetBytes(secret),
        Tls = _authority is null ? null : new LinkClientTls([_authority]),
    };

    private sealed class LeanDevice : ILinkClientHandler
    {
        private const int HelloToken = 0, ReceiptToken = 1;
        private readonly LeanFleet _fleet;
        private readonly DeviceRow _row;
        private readonly int _index;
        private readonly bool _ofProduct;
        private readonly string _topic;
        private long _numbers;
        private long _sequence;
        private bool _ready;

        public LeanDevice(LeanFleet fleet, DeviceRow row, int index, bool ofProduct)
        {
            (_fleet, _row, _index, _ofProduct) = (fleet, row, index, ofProduct);
            _topic = ofProduct ? Topics.Up(row.Device) : Receipts;
            Client = new LinkClient(fleet.OptionsOf(row.Device, TopicOf(row), ofProduct ? row.LinkSecret : null), this);
        }

        public LinkClient Client { get; }

        public void Up(LinkClient client)
        {
            Interlocked.Increment(ref _fleet._up);
            if (!_ofProduct) BecomeReady();
            else Publish(client, MessageType.Hello, new Hello { Nonce = RandomNumberGenerator.GetBytes(16), Firmware = "lean", Board = "bench", Boot = 1 }.Encode(), HelloToken);
        }

        public void Down(LinkClient client, LinkDown why)
        {
            Interlocked.Decrement(ref _fleet._up);
            if (_ready) Interlocked.Decrement(ref _fleet._ready);
            _ready = false;
        }

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
            var opened = Envelope.Open(payload.ToArray(), _row.OrderKey, _row.KeyEpoch, Direction.Down, _row.Device);
            if (opened.Refusal != Refusal.None) return; // Then the round never ends, which is seen.
            if (opened.Type == MessageType.Welcome) BecomeReady();
            if (opened.Type != MessageType.Order || Order.Decode(opened.Body) is not { } order || _fleet.Verified[_index] != 0) return;
            if (_ofProduct && order.Sequence <= _sequence) return; // One of the round before, handed over again because its receipt was on the way: it is none of this round's.
            _sequence = order.Sequence;
            _fleet.Verified[_index] = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _fleet._verified);
            var receipt = new Receipt
            {
                WarningId = order.WarningId, Revision = order.Revision, Sequence = order.Sequence, State = ReceiptState.Received, Number = ++_numbers, Clock = ClockQuality.Cloud, AtMs = order.NotBeforeMs,
            };
            Publish(client, MessageType.Receipt, receipt.Encode(), ReceiptToken);
        }

        public void Acknowledged(LinkClient client, int token)
        {
            if (!_ofProduct || token != ReceiptToken) return;
            _fleet.Settled[_index] = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _fleet._settled);
        }

        private void Publish(LinkClient client, MessageType type, byte[] body, int token) =>
            client.TryPublish(_topic, Envelope.Seal(_row.OrderKey, _row.KeyEpoch, Direction.Up, _row.Device, type, body), token);

        private void BecomeReady()
        {
            if (_ready) return;
            _ready = true;
            Interlocked.Increment(ref _fleet._ready);
        }
    }

    private sealed class Collector : ILinkClientHandler
    {
        private readonly LeanFleet _fleet;

        public Collector(LeanFleet fleet)
        {
            _fleet = fleet;
            Client = new LinkClient(fleet.OptionsOf("collector", Receipts, null), this);
        }

        public LinkClient Client { get; }

        public void Up(LinkClient client) => Interlocked.Increment(ref _fleet._ready);

        public void Down(LinkClient client, LinkDown why) => Interlocked.Decrement(ref _fleet._ready);

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
            _fleet.Settled[Volatile.Read(ref _fleet._settled)] = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _fleet._settled);
        }

        public void Acknowledged(LinkClient client, int token)
        {
            // It publishes nothing.
        }
    }
}
