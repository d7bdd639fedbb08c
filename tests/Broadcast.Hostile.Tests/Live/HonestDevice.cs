using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Broadcast.Device;
using Broadcast.Fleet;
using Broadcast.Link;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>A device as it should be: the real core, the real client. Its speech is over at once; what it did is there to look at.</summary>
internal sealed class HonestDevice : IDeviceBody, ILinkClientHandler, IAsyncDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(20);

    private readonly Channel<Action> _events = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _off = new();
    private readonly LinkClient _client;
    private readonly DeviceCore _core;
    private readonly DeviceRow _row;
    private readonly Task _running;
    private readonly ConcurrentDictionary<string, int> _heard = new(StringComparer.Ordinal);
    private int _soundings;
    private int _failures;

    public HonestDevice(DeviceRow row, IPEndPoint door, X509Certificate2? authority = null)
    {
        _row = row;
        _core = new DeviceCore(row.Device, row.OrderKey, row.KeyEpoch, this, null) { Firmware = "honest", Board = "test" };
        _core.Start(NowMs, 0, ClockQuality.Unknown, 0);
        _client = new LinkClient(new LinkClientOptions
        {
            Host = "127.0.0.1", Port = door.Port, Tls = authority is null ? null : new LinkClientTls([authority]), ClientId = row.Device, UserName = row.Device,
            Password = Encoding.UTF8.GetBytes(row.LinkSecret), Subscribe = [Topics.Down(row.Device)], BackOffMin = TimeSpan.FromMilliseconds(100), BackOffMax = TimeSpan.FromMilliseconds(500),
        }, this);
        _running = Task.WhenAll(_client.RunAsync(_off.Token), LoopAsync(), TickAsync());
    }

    public int Soundings => Volatile.Read(ref _soundings);

    /// <summary>How often a warning sounded, by its id: in a cloud that tests share, others may warn the same site.</summary>
    public int SoundingsOf(string warning) => _heard.GetValueOrDefault(warning);

    /// <summary>Attempts to connect that came to nothing.</summary>
    public int Failures => Volatile.Read(ref _failures);

    public bool IsOnline => _core.IsSessionUp;

    public int Repeats => _core.Repeats;

    /// <summary>Greatest sequence that it took.</summary>
    public long HighWater => _core.HighWater;

    public long WallMs => _core.WallMs(NowMs);

    public int Refused(Refusal refusal) => _core.RefusalCount(refusal);

    private static long NowMs => Environment.TickCount64;

    void IDeviceBody.Play(int playId, Order order, int attempt)
    {
        Interlocked.Increment(ref _soundings);
        _heard.AddOrUpdate(Convert.ToHexStringLower(order.WarningId), 1, (_, before) => before + 1);
        _events.Writer.TryWrite(() => _core.PlaybackEnded(playId, Failure.None, NowMs));
    }

    void IDeviceBody.Stop(int playId)
    {
    }

    void IDeviceBody.Siren(bool on)
    {
    }

    bool IDeviceBody.Publish(int token, byte[] frame) => _client.TryPublish(Topics.Up(_row.Device), frame, token) == SendOutcome.Accepted;

    bool IDeviceBody.Save(byte[] state) => true;

    void IDeviceBody.FillReport(Report report) => report.Mains = true;

    void IDeviceBody.Random(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    void ILinkClientHandler.Up(LinkClient client) => _events.Writer.TryWrite(() => _core.LinkUp(NowMs));

    void ILinkClientHandler.Down(LinkClient client, LinkDown why) => _events.Writer.TryWrite(() => _core.LinkDown(NowMs));

    void ILinkClientHandler.Failed(LinkClient client, LinkDown why) => Interlocked.Increment(ref _failures);

    void ILinkClientHandler.Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
    {
        var frame = payload.ToArray();
        _events.Writer.TryWrite(() => _core.Received(frame, NowMs));
    }

    void ILinkClientHandler.Acknowledged(LinkClient client, int token) => _events.Writer.TryWrite(() => _core.Published(token, NowMs));

    public async ValueTask DisposeAsync()
    {
        await _off.CancelAsync();
        _events.Writer.TryComplete();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _client.DisposeAsync();
        _off.Dispose();
    }

    private async Task LoopAsync()
    {
        await foreach (var happened in _events.Reader.ReadAllAsync()) happened();
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickEvery);
        while (await timer.WaitForNextTickAsync(_off.Token)) _events.Writer.TryWrite(() => _core.Tick(NowMs));
    }
}
