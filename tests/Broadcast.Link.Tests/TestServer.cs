using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Link.Tests;

/// <summary>An endpoint on Kestrel, on two ports of the loopback: one with TLS, one plain.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come; only a failing test waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly WebApplication _app;

    private TestServer(WebApplication app, LinkEndpoint endpoint, TestAuthority authority, ServerErrors errors)
    {
        _app = app;
        Errors = errors.Said;
        Endpoint = endpoint;
        Authority = authority;
    }

    public LinkEndpoint Endpoint { get; }

    public TestAuthority Authority { get; }

    /// <summary>What the server under the endpoint has logged as errors: what one device does is none.</summary>
    public ConcurrentQueue<string> Errors { get; }

    public int TlsPort => new Uri(_app.Urls.First(url => url.StartsWith("https", StringComparison.Ordinal))).Port;

    public int PlainPort => new Uri(_app.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal))).Port;

    /// <summary>Lets others run until something holds that nobody announces, such as a count; fails when patience is over.</summary>
    public static async Task UntilAsync(Func<bool> holds, Action? meanwhile = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(Patience);
            meanwhile?.Invoke();
            await Task.Yield();
        }
    }

    public static async Task<TestServer> StartAsync(TestAuthority? authority = null, LinkLimits? limits = null, TimeProvider? time = null)
    {
        authority ??= new TestAuthority();
        // What is just being written has hardly left when a test's clock leaps: that is no slow reader.
        limits ??= time is null ? new LinkLimits() : new LinkLimits { WriteStallMax = TimeSpan.FromMinutes(10) };
        var endpoint = new LinkEndpoint(authority, limits, time ?? TimeProvider.System, NullLogger<LinkEndpoint>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        var errors = new ServerErrors();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.UseKestrelHttpsConfiguration().UseEagerListening();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(new LinkAddress(IPAddress.Loopback, 0), listen => listen.UseLink(endpoint, TestCa.Instance.Server));
            kestrel.Listen(new LinkAddress(IPAddress.Loopback, 0), listen => listen.UseLink(endpoint, null));
        });
        var app = builder.Build();
        await app.StartAsync();
        return new TestServer(app, endpoint, authority, errors);
    }

    public LinkClientOptions Device(string device) => new()
    {
        Host = "localhost", Port = TlsPort, Tls = TestCa.Instance.Trust, ClientId = device, UserName = device,
        Password = System.Text.Encoding.UTF8.GetBytes(TestAuthority.Password), Subscribe = [TestAuthority.Down(device)],
        BackOffMin = TimeSpan.FromMilliseconds(10), BackOffMax = TimeSpan.FromMilliseconds(50), Random = new Random(1),
    };

    /// <summary>Stops Kestrel alone, as a host does that nobody told of the endpoint.</summary>
    public Task StopHostAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await Endpoint.StopAsync(CancellationToken.None).WaitAsync(Patience);
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class ServerErrors : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Said { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Said.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
            // What it holds is the test's.
        }
    }
}
