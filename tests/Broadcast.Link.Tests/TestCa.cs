using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Link.Tests;

/// <summary>A certificate authority of one test run, and a certificate for this machine's loopback.</summary>
internal sealed class TestCa
{
    public static TestCa Instance { get; } = new();

    private TestCa()
    {
        var from = TimeProvider.System.GetUtcNow().AddHours(-1);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Broadcast test CA", rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var root = request.CreateSelfSigned(from, from.AddDays(2));
        Root = X509CertificateLoader.LoadCertificate(root.RawData);
        Server = Issue(root, from);
        RootFile = Write("ca.pem", root.ExportCertificatePem());
        ServerFile = Write("server.pem", Server.ExportCertificatePem());
        KeyFile = Write("server.key", Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Server { get; }

    public string RootFile { get; }

    public string ServerFile { get; }

    public string KeyFile { get; }

    public LinkClientTls Trust => new([Root], "localhost");

    private static X509Certificate2 Issue(X509Certificate2 root, DateTimeOffset from)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        using var bare = request.Create(root, from, from.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private static string Write(string name, string pem)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("link-ca").FullName, name);
        File.WriteAllText(path, pem);
        return path;
    }
}
