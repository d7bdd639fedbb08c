using System.Net.Sockets;
using System.Text;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Service;

/// <summary>
/// Tells systemd that the gateway is ready, and that it is alive, at half of the unit's <c>WatchdogSec</c>, and only while the loop
/// and the sound thread both answer: a gateway that hangs is started anew. Without systemd (no <c>NOTIFY_SOCKET</c>) it does nothing.
/// </summary>
internal sealed partial class ServiceNotice(GatewayLoop loop, SoundLoop sound, TimeProvider time, ILogger<ServiceNotice> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } address) return;
        Tell(address, "READY=1");
        if (!long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), out var microseconds) || microseconds <= 0) return;
        using var half = new PeriodicTimer(TimeSpan.FromMicroseconds(microseconds / 2.0), time);
        try
        {
            while (await half.WaitForNextTickAsync(stoppingToken))
            {
                if (await IsAliveAsync(TimeSpan.FromMicroseconds(microseconds / 4.0), stoppingToken)) Tell(address, "WATCHDOG=1");
                else LogHangs();
            }
        }
        catch (OperationCanceledException)
        {
            Tell(address, "STOPPING=1");
        }
    }

    /// <summary>Whether the loop takes a letter and the sound thread a turn within the time.</summary>
    internal async Task<bool> IsAliveAsync(TimeSpan within, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            await Task.WhenAll(loop.AnswerAsync(), sound.AnswerAsync()).WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    // An address that begins with @ is in the abstract namespace: a NUL byte stands for it on the wire.
    private void Tell(string address, string what)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(what), new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (SocketException failed)
        {
            LogUnheard(what, failed.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The loop or the sound thread hangs: the watchdog is not told")]
    private partial void LogHangs();

    [LoggerMessage(2, LogLevel.Warning, "systemd did not hear {What}: {Why}")]
    private partial void LogUnheard(string what, string why);
}
