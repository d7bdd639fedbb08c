using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Broadcast.Link;

/// <summary>
/// A certificate authority of the installation's own, made at the first start, and the server certificate it signs.
/// Devices and the command line trust `ca.pem` and nothing else. A bureau with its own PKI puts its files in its place.
/// </summary>
public static class GeneratedCa
{
    private static readonly TimeSpan CaLife = TimeSpan.FromDays(3650); // Devices pin it; ten years is a device's life in the field.
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(397); // What browsers accept at most is 398 days.
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSlack = TimeSpan.FromDays(1); // A device whose clock runs behind must still accept a new certificate.

    /// <summary>Gives the server certificate for <paramref name="hosts"/>, making or renewing what is missing in <paramref name="folder"/>.</summary>
    public static X509Certificate2 OpenOrCreate(string folder, IReadOnlyList<string> hosts, TimeProvider clock)
    {
        PrivateFiles.CreateFolder(folder);
        var now = clock.GetUtcNow();
        var caPath = Path.Combine(folder, "ca.pem");
        var caKeyPath = Path.Combine(folder, "ca.key");
        var pem = Path.Combine(folder, "server.pem");
        var key = Path.Combine(folder, "server.key");
        if (!File.Exists(caPath)) CreateCa(caPath, caKeyPath, now);
        if (File.Exists(caKeyPath))
        {
            if (!File.Exists(pem) || !File.Exists(key) || !StillServes(pem, hosts, now)) CreateServer(caPath, caKeyPath, pem, key, hosts, now);
        }
        else if (!File.Exists(pem) || !File.Exists(key))
        {
            // Devices pin ca.pem: a new one would shut every device out. A bureau's own PKI keeps its key elsewhere and brings the server's files.
            throw new InvalidDataException($"{caKeyPath} is missing, so no server certificate can be made; put it back, or put server.pem and server.key of your own PKI beside {caPath}.");
        }

        // Through PKCS #12, since a certificate with an ephemeral key cannot serve on every platform.
        using var ephemeral = X509Certificate2.CreateFromPemFile(pem, key);
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Whether the certificate is not old and names every host: who listens on another address than last time needs another.</summary>
    private static bool StillServes(string pem, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(pem);
        return certificate.NotAfter.ToUniversalTime() >= now.UtcDateTime + RenewBefore && hosts.All(h => certificate.MatchesHostname(h, allowCommonName: false));
    }

    private static void CreateCa(string path, string keyPath, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Broadcast installation CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - ClockSlack, now + CaLife);
        PrivateFiles.Write(keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        PrivateFiles.Write(path, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }

    private static void CreateServer(string caPath, string caKeyPath, string path, string keyPath, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var ca = X509Certificate2.CreateFromPemFile(caPath, caKeyPath);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Broadcast server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // id-kp-serverAuth
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        // Within the authority's own life: nobody believes more of it, and the framework signs no more.
        var (from, to) = (now - ClockSlack, now + ServerLife);
        if (from < ca.NotBefore.ToUniversalTime()) from = ca.NotBefore.ToUniversalTime();
        if (to > ca.NotAfter.ToUniversalTime()) to = ca.NotAfter.ToUniversalTime();
        using var certificate = request.Create(ca, from, to, RandomNumberGenerator.GetBytes(16));
        PrivateFiles.Write(keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        PrivateFiles.Write(path, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }
}
