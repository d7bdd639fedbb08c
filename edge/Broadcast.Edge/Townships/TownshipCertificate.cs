using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Edge.Gateway;
using Broadcast.Link;

namespace Broadcast.Edge.Townships;

/// <summary>
/// What this gateway shows its township's devices. It runs for years: the certificate is looked at again while it does, when somebody connects,
/// and none is made before there is a time, because its authority would bear 1970 for ever.
/// </summary>
internal sealed class TownshipCertificate(string folder, IReadOnlyList<string> names, SiteClock clock)
{
    /// <summary>Far below the month that a certificate is renewed ahead; an hour, since the clock may be put right soon after the start.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private string _thumbprint = "";
    private SslServerAuthenticationOptions? _shown;
    private long _lookedAt;

    /// <summary>For one connection; the same object as long as the certificate is the same.</summary>
    public SslServerAuthenticationOptions Show()
    {
        lock (_gate)
        {
            if (_shown is null) Look();
            else if (clock.GetElapsedTime(_lookedAt) >= LookEvery) LookAgain();
            return _shown!;
        }
    }

    /// <summary>Reads what is there, and makes or renews what has to be.</summary>
    /// <exception cref="InvalidDataException">There is no time yet, or only a person can put it right.</exception>
    private void Look()
    {
        _lookedAt = clock.GetTimestamp();
        if (!clock.IsKnown) throw new InvalidDataException("the time is not known yet, and certificates are dated");
        var found = GeneratedCa.OpenOrCreate(folder, names, clock);
        if (_thumbprint == found.Thumbprint) found.Dispose();
        else (_thumbprint, _shown) = (found.Thumbprint, new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(found, additionalCertificates: null, offline: true) });
    }

    private void LookAgain()
    {
        try
        {
            Look();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException)
        {
            return; // The old one serves on; the next look tries again.
        }
    }
}
