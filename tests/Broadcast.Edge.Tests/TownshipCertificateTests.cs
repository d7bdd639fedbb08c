using System.Security.Cryptography.X509Certificates;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Townships;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

public sealed class TownshipCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Today = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new("certificate");
    private DateTimeOffset? _core;

    [Fact]
    public void None_is_made_before_the_time_is_known_and_it_bears_the_time_of_the_core()
    {
        var certificate = Certificate(new ManualClock(DateTimeOffset.UnixEpoch));
        Should.Throw<InvalidDataException>(() => certificate.Show());
        File.Exists(_folder["township/ca.pem"]).ShouldBeFalse("an authority of 1970 would have to be trusted for ever");
        _core = Today;
        ValidFrom(certificate).ShouldBe(Today.UtcDateTime.AddDays(-1));
    }

    [Fact]
    public void It_is_renewed_while_the_gateway_runs()
    {
        var clock = new ManualClock(Today);
        var certificate = Certificate(clock);
        var first = certificate.Show();
        certificate.Show().ShouldBeSameAs(first);
        clock.Advance(TimeSpan.FromDays(390));
        ValidFrom(certificate).ShouldBe(Today.UtcDateTime.AddDays(389));
    }

    public void Dispose() => _folder.Dispose();

    private TownshipCertificate Certificate(TimeProvider machine) => new(_folder["township"], ["192.168.1.20"], new SiteClock(() => _core?.ToUnixTimeMilliseconds(), machine));

    private static DateTime ValidFrom(TownshipCertificate certificate) => certificate.Show().ServerCertificateContext!.TargetCertificate.NotBefore.ToUniversalTime();
}
