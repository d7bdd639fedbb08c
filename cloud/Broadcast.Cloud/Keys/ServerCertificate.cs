using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Link;

namespace Broadcast.Cloud.Keys;

/// <summary>
/// The certificate that both TLS doors show now. It is looked at again while the service runs: what is about to end is renewed, and what
/// a bureau's own PKI has put in its place is taken up, without a restart and without breaking a connection.
/// </summary>
public sealed partial class ServerCertificate(string folder, IReadOnlyList<string> hosts, TimeProvider clock, ILogger<ServerCertificate> log) : BackgroundService
{
    /// <summary>A certificate is renewed a month ahead, so that a day's chances are thirty.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromHours(12);

    private volatile Shown? _shown;

    /// <summary>What the device link shows.</summary>
    public SslServerAuthenticationOptions Link => (_shown ?? Open()).Link;

    /// <summary>What the HTTPS door shows.</summary>
    public SslServerAuthenticationOptions Web => (_shown ?? Open()).Web;

    public X509Certificate2 Current => (_shown ?? Open()).Certificate;

    /// <summary>Reads what is in the folder, and makes or renews what has to be.</summary>
    /// <exception cref="InvalidDataException">Only a person can put it right; the message says how.</exception>
    public void Look()
    {
        var found = Made();
        if (_shown is { } shown && shown.Certificate.Thumbprint == found.Thumbprint) found.Dispose();
        else _shown = new Shown(found);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var before = Current.Thumbprint;
            try
            {
                Look();
                if (Current.Thumbprint != before) LogRenewed(log, Current.Thumbprint, Current.NotAfter.ToUniversalTime());
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogFailed(log, folder, Current.NotAfter.ToUniversalTime(), e); // The old one serves on; the next look tries again.
            }
        }
    }

    private X509Certificate2 Made()
    {
        try
        {
            return GeneratedCa.OpenOrCreate(folder, hosts, clock);
        }
        catch (ArgumentException e) // No certificate may outlive the authority that signs it.
        {
            throw new InvalidDataException($"{Path.Combine(folder, "ca.pem")} signs nothing for these days: {e.Message} Devices pin it, so none is made in its place; bring server.pem and server.key of your own PKI, or give the devices another.", e);
        }
    }

    private Shown Open()
    {
        Look();
        return _shown!;
    }

    // The options are kept with the certificate: made anew for each connection, they would cost each its own context.
    private sealed class Shown
    {
        public Shown(X509Certificate2 certificate)
        {
            Certificate = certificate;
            var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
            Link = new SslServerAuthenticationOptions { ServerCertificateContext = context };
            Web = new SslServerAuthenticationOptions { ServerCertificateContext = context, ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] };
        }

        public X509Certificate2 Certificate { get; }

        public SslServerAuthenticationOptions Link { get; }

        public SslServerAuthenticationOptions Web { get; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The server certificate is now {Thumbprint}, valid until {End:u}.")]
    private static partial void LogRenewed(ILogger log, string thumbprint, DateTime end);

    [LoggerMessage(Level = LogLevel.Error, Message = "The certificates in {Folder} cannot be used; the old one serves on until {End:u}.")]
    private static partial void LogFailed(ILogger log, string folder, DateTime end, Exception e);
}
