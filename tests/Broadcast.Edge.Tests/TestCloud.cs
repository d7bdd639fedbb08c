using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Device;
using Broadcast.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests;

/// <summary>A cloud of one device on the real endpoint, over TLS: says welcome, sends orders, keeps what the device says.</summary>
internal sealed class TestCloud : ILinkAuthority, IAsyncDisposable
{
    public const string Device = "gateway-1";
    public const string Secret = "a-link-secret";
    public const int KeyEpoch = 1;

    private readonly ConcurrentQueue<Receipt> _receipts = new();
    private readonly ConcurrentQueue<Report> _reports = new();
    private readonly ConcurrentQueue<Alarm> _alarms = new();
    private readonly ConcurrentQueue<Reading> _readings = new();
    private readonly ConcurrentQueue<SettingsState> _states = new();
    private readonly ConcurrentQueue<SoundTest> _soundTests = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly LinkEndpoint _endpoint;
    private readonly TestCa _ca;
    private WebApplication? _app;
    private LinkSession? _session;
    private long _epoch;
    private long _sequence;
    private int _warnings;

    private TestCloud(string folder)
    {
        _ca = new TestCa(folder);
        _endpoint = new LinkEndpoint(this, new LinkLimits(), _time, NullLogger<LinkEndpoint>.Instance);
    }

    public static byte[] OrderKey { get; } = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    public string CaFile => _ca.RootFile;

    public int Port => new Uri(_app!.Urls.First()).Port;

    /// <summary>The HTTPS door for recordings.</summary>
    public AudioDoor Audio { get; } = new();

    /// <summary>The door for live speech.</summary>
    public Func<HttpContext, Task> Live { get; set; } = _ => Task.CompletedTask;

    /// <summary>The doors for the gateway's program.</summary>
    public Update.UpdateDoor Updates { get; } = new();

    public string AudioAddress => $"https://127.0.0.1:{new Uri(_app!.Urls.Last()).Port}";

    public bool IsOnline => _session is { IsOpen: true, IsSubscribed: true };

    public int Welcomes { get; private set; }

    /// <summary>While true the uplink is as good as gone: nobody is let in.</summary>
    public bool IsAway { get; set; }

    public IReadOnlyList<Receipt> Receipts => [.. _receipts];

    public IReadOnlyList<Report> Reports => [.. _reports];

    /// <summary>As they came: one that came twice is in it twice.</summary>
    public IReadOnlyList<Alarm> Alarms => [.. _alarms];

    public IReadOnlyList<SoundTest> SoundTests => [.. _soundTests];

    public IReadOnlyList<Reading> Readings => [.. _readings];

    public IReadOnlyList<(int InForce, int Judged, SettingsRefusal Refusal)> SettingsStates => [.. _states.Select(s => (s.InForce, s.Judged, s.Refusal))];

    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <param name="addresses">Addresses of this machine beside the loopback; none by default.</param>
    public static async Task<TestCloud> StartAsync(string folder, params IPAddress[] addresses)
    {
        var cloud = new TestCloud(folder);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(addresses.Length > 0 ? IPAddress.Any : IPAddress.Loopback, 0, listen => listen.UseLink(cloud._endpoint, cloud._ca.Server));
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(cloud._ca.Server));
        });
        cloud._app = builder.Build();
        cloud._app.MapGet("/api/audio/{hash}", cloud.Audio.AnswerAsync);
        cloud._app.MapGet("/api/live/{id}", (Delegate)((HttpContext http) => cloud.Live(http)));
        cloud.Updates.Map(cloud._app);
        await cloud._app.StartAsync();
        return cloud;
    }

    public Order Alert(string text, WarningClass warningClass = WarningClass.Actual, WarningLevel level = WarningLevel.Yellow) => new()
    {
        WarningId = NewId(),
        Revision = 1,
        Class = warningClass,
        Level = level,
        Issuer = RegionLevel.County,
        Event = "11B03",
        Sequence = NextSequence(),
        NotBeforeMs = NowMs - 1_000,
        ExpiresMs = NowMs + 3_600_000,
        Text = text,
        Repetitions = 2,
        ToneMs = 1_000,
    };

    public Order CancelOf(Order order) => new()
    {
        WarningId = order.WarningId,
        Revision = order.Revision + 1,
        Kind = OrderKind.Cancel,
        Class = order.Class,
        Level = order.Level,
        Issuer = order.Issuer,
        Event = order.Event,
        Sequence = NextSequence(),
        ExpiresMs = order.ExpiresMs,
        Repetitions = 0,
    };

    public void Send(Order order) => Send(MessageType.Order, order.Encode());

    public void Send(SiteSettings settings) => Send(MessageType.Settings, settings.Encode());

    public void SendRaw(MessageType type, byte[] body) => Send(type, body);

    public IEnumerable<ReceiptState> StatesOf(Order order) => _receipts.Where(r => r.Sequence == order.Sequence).Select(r => r.State);

    public ValueTask<ConnectVerdict> AuthenticateAsync(ConnectRequest request, CancellationToken ct)
    {
        if (IsAway) return ValueTask.FromResult(ConnectVerdict.Refuse(ConnectCode.ServerUnavailable));
        var knows = request.UserName == Device && request.Password.Span.SequenceEqual(Encoding.UTF8.GetBytes(Secret));
        return ValueTask.FromResult(knows
            ? ConnectVerdict.Accept(Device, Interlocked.Increment(ref _epoch), Topics.UpPrefix(Device), Topics.Down(Device))
            : ConnectVerdict.Refuse(ConnectCode.BadCredentials));
    }

    public void Opened(LinkSession session) => _session = session;

    public void Subscribed(LinkSession session)
    {
    }

    public ValueTask ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload)
    {
        var opened = Envelope.Open(payload.ToArray(), OrderKey, KeyEpoch, Direction.Up, Device);
        opened.Refusal.ShouldBe(Refusal.None);
        switch (opened.Type)
        {
            case MessageType.Hello: Welcome(Hello.Decode(opened.Body)!, session.Epoch); break;
            case MessageType.Receipt: _receipts.Enqueue(Receipt.Decode(opened.Body)!); break;
            case MessageType.Alarm: _alarms.Enqueue(Alarm.Decode(opened.Body)!); break;
            case MessageType.Reading: _readings.Enqueue(Reading.Decode(opened.Body)!); break;
            case MessageType.SoundTest: _soundTests.Enqueue(SoundTest.Decode(opened.Body)!); break;
            case MessageType.SettingsState: _states.Enqueue(SettingsState.Decode(opened.Body)!); break;
            case MessageType.Report: _reports.Enqueue(Report.Decode(opened.Body)!); break;
        }
        return ValueTask.CompletedTask;
    }

    public void Delivered(LinkSession session, long tag)
    {
    }

    public void Closed(LinkSession session, LinkClosed why)
    {
        if (_session == session) _session = null;
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.StopAsync(CancellationToken.None);
        if (_app is not null) await _app.DisposeAsync();
    }

    private void Welcome(Hello hello, long epoch)
    {
        Send(MessageType.Welcome, new Welcome { Nonce = hello.Nonce, NowMs = NowMs, ReportSeconds = 10, Epoch = epoch }.Encode());
        Welcomes++;
    }

    private void Send(MessageType type, byte[] body) =>
        _session!.TrySend(Envelope.Seal(OrderKey, KeyEpoch, Direction.Down, Device, type, body), 0).ShouldBe(SendOutcome.Accepted);

    private long NextSequence() => _sequence = Math.Max(_sequence + 1, NowMs);

    private byte[] NewId()
    {
        var id = RandomNumberGenerator.GetBytes(16);
        id[0] = (byte)++_warnings;
        return id;
    }
}
