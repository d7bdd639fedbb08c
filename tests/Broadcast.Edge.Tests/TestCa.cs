using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Edge.Tests;

/// <summary>A certificate authority of one test, and its certificate for the loopback.</summary>
internal sealed class TestCa
{
    public TestCa(string folder)
    {
        var from = TimeProvider.System.GetUtcNow().AddHours(-1);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Broadcast test CA", rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var root = request.CreateSelfSigned(from, from.AddDays(2));
        RootFile = Path.Combine(folder, "ca.pem");
        File.WriteAllText(RootFile, root.ExportCertificatePem());
        Server = Issue(root, from);
    }

    public string RootFile { get; }

    public X509Certificate2 Server { get; }

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
}
