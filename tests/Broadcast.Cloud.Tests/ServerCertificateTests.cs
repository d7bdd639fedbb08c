using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Link;
using Broadcast.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>What a service must notice that runs for years: its certificate ends, its clock is set.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly TempFolder _folder = new("certificate");
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_certificate_that_is_about_to_end_is_renewed_while_the_service_runs()
    {
        using var certificate = New();
        var first = certificate.Current.Thumbprint;
        var shown = certificate.Web;
        await certificate.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => _clock.TimersArmed > 0, Patience);
        _clock.Advance(TimeSpan.FromDays(300));
        certificate.Current.Thumbprint.ShouldBe(first, "there is time");
        certificate.Web.ShouldBeSameAs(shown, "what is kept with it must not be made anew");

        _clock.Advance(TimeSpan.FromDays(70));
        await Eventually.HoldsAsync(() => certificate.Current.Thumbprint != first, Patience);
        certificate.Current.NotAfter.ToUniversalTime().ShouldBeGreaterThan(_clock.GetUtcNow().UtcDateTime.AddDays(300));
        await certificate.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_cannot_be_renewed_serves_on()
    {
        using var certificate = New();
        var first = certificate.Current.Thumbprint;
        await certificate.StartAsync(CancellationToken.None);
        File.Delete(_folder["tls/ca.key"]);
        File.Delete(_folder["tls/server.pem"]);
        await Eventually.HoldsAsync(() => _clock.TimersArmed > 0, Patience);
        _clock.Advance(ServerCertificate.LookEvery * 2);
        certificate.Current.Thumbprint.ShouldBe(first);
        certificate.ExecuteTask!.IsCompleted.ShouldBeFalse("the next look tries again");
        await certificate.StopAsync(CancellationToken.None);
    }

    /// <summary>The authority is made for ten years, and no certificate of its can outlive it.</summary>
    [Fact]
    public async Task A_service_whose_authority_is_at_its_end_serves_on()
    {
        using var certificate = New();
        var first = certificate.Current.Thumbprint;
        _clock.StepWallClock(TimeSpan.FromDays(3_700));
        await certificate.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => _clock.TimersArmed > 0, Patience);
        _clock.Advance(ServerCertificate.LookEvery * 2);
        await Eventually.HoldsAsync(() => _clock.TimersArmed > 0 || certificate.ExecuteTask!.IsCompleted, Patience);
        certificate.ExecuteTask!.IsCompleted.ShouldBeFalse("what ends a background service ends the whole process");
        certificate.Current.Thumbprint.ShouldBe(first);
        Should.Throw<InvalidDataException>(certificate.Look).Message.ShouldContain("ca.pem");
        await certificate.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_new_connection_is_shown_the_new_certificate_and_an_old_one_lives_on()
    {
        using var certificate = new ServerCertificate(_folder["tls"], ["localhost"], TimeProvider.System, NullLogger<ServerCertificate>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
            l.UseHttps(new Microsoft.AspNetCore.Server.Kestrel.Https.TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Web) })));
        await using var app = builder.Build();
        app.Run(http => http.Response.WriteAsync("here"));
        await app.StartAsync();
        var port = new Uri(app.Urls.Single()).Port;

        await using var old = await DialAsync(port);
        var first = old.RemoteCertificate!.GetCertHashString();
        first.ShouldBe(certificate.Current.GetCertHashString());
        File.Delete(_folder["tls/server.pem"]);
        certificate.Look();

        await using var next = await DialAsync(port);
        next.RemoteCertificate!.GetCertHashString().ShouldBe(certificate.Current.GetCertHashString());
        next.RemoteCertificate.GetCertHashString().ShouldNotBe(first);
        await old.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await old.ReadAsync(new byte[64]).AsTask().WaitAsync(Patience)).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(59, false)]
    [InlineData(60, true)]
    [InlineData(-3_600, true)]
    public void A_clock_that_was_set_by_a_minute_is_noticed(int seconds, bool noticed)
    {
        var start = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromHours(1));
        _clock.StepWallClock(TimeSpan.FromSeconds(seconds));
        (ClockWatch.Step(start, _clock.GetUtcNow(), _clock.Elapsed).Duration() >= ClockWatch.StepMin).ShouldBe(noticed);
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private ServerCertificate New() => new(_folder["tls"], ["localhost"], _clock, NullLogger<ServerCertificate>.Instance);

    private static async Task<SslStream> DialAsync(int port)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        // Who it is does not matter here, only that it changes.
        var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }
}
