using System.Net;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Keys;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

public sealed class KeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_belongs_to_one_device_and_one_epoch_and_comes_back_the_same()
    {
        var (a, b) = (new DeviceId("a"), new DeviceId("b"));
        var ring = KeyRing.OpenOrCreate(_folder);
        var keys = new[] { ring.OrderKey(a, 1), ring.OrderKey(a, 2), ring.OrderKey(b, 1), ring.AuditKey, ring.TokenKey };
        keys.Select(Convert.ToHexString).Distinct().Count().ShouldBe(keys.Length);
        KeyRing.OpenOrCreate(_folder).OrderKey(a, 1).ShouldBe(keys[0]);
    }

    [Fact]
    public void A_damaged_master_is_never_replaced_in_silence()
    {
        File.WriteAllBytes(Path.Combine(_folder, "master.key"), new byte[31]);
        Should.Throw<InvalidDataException>(() => KeyRing.OpenOrCreate(_folder));
        new FileInfo(Path.Combine(_folder, "master.key")).Length.ShouldBe(31);
    }

    [Fact]
    public void A_master_that_is_missing_beside_a_ledger_is_not_made_anew()
    {
        Should.Throw<InvalidDataException>(() => KeyRing.OpenOrCreate(_folder, mayCreate: false)).Message.ShouldContain("master.key");
        File.Exists(Path.Combine(_folder, "master.key")).ShouldBeFalse();
    }

    /// <summary>A service that moves to another machine and leaves its keys behind would speak to no device, and nobody would see why.</summary>
    [Fact]
    public async Task A_master_that_is_missing_beside_a_ledger_on_PostgreSQL_is_not_made_anew_either()
    {
        await using var server = await PostgresServer.StartAsync();
        var ledger = "postgres:" + await server.CreateDatabaseAsync();
        await using (var before = await LedgerStore.OpenAsync(new LedgerOptions(ledger, "node-1", Path.Combine(_folder, "anchor"), new byte[32]), TimeProvider.System, NullLogger.Instance, CancellationToken.None))
        {
            await before.PutDevicesAsync([new DeviceRecord(new DeviceId("d1"), new SiteId("s1"), 1, new byte[32], ServiceState.InService)]);
        }

        var data = Path.Combine(_folder, "moved");
        await using var cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", data, "--https", "0", "--http", "0", "--link", "0", "--ledger", ledger]);
        await cloud.WaitForExitAsync(TimeSpan.FromSeconds(60));

        cloud.ExitCode.ShouldBe(2);
        cloud.Output.ShouldContain("master.key");
        File.Exists(Path.Combine(data, "keys", "master.key")).ShouldBeFalse();
    }

    [Fact]
    public void A_bureaus_own_certificates_without_the_key_of_its_ca_are_left_as_they_are()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock).Dispose();
        File.Delete(Path.Combine(_folder, "ca.key"));
        var pinned = File.ReadAllText(Path.Combine(_folder, "ca.pem"));

        GeneratedCa.OpenOrCreate(_folder, ["cloud.example"], clock).Dispose();
        File.Delete(Path.Combine(_folder, "server.pem"));
        Should.Throw<InvalidDataException>(() => GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock)).Message.ShouldContain("ca.key");
        File.ReadAllText(Path.Combine(_folder, "ca.pem")).ShouldBe(pinned, "devices pin it");
    }

    /// <summary>From the ninth year on a server's certificate of a year would outlive the authority; and who set the clock back has one of tomorrow.</summary>
    [Theory]
    [InlineData(3_300)]
    [InlineData(-2)]
    public void An_authority_signs_for_as_long_as_it_lives_itself(int days)
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock).Dispose();
        clock.StepWallClock(TimeSpan.FromDays(days));
        using var renewed = GeneratedCa.OpenOrCreate(_folder, ["localhost", "192.0.2.10"], clock);
        using var ca = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "ca.pem"));
        renewed.NotAfter.ShouldBeLessThanOrEqualTo(ca.NotAfter);
        renewed.NotBefore.ShouldBeGreaterThanOrEqualTo(ca.NotBefore);
        renewed.MatchesHostname("192.0.2.10").ShouldBeTrue();
    }

    [Fact]
    public void A_new_address_to_listen_on_gets_a_certificate_that_names_it()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock).Dispose();
        using var moved = GeneratedCa.OpenOrCreate(_folder, ["localhost", "192.0.2.10"], clock);
        moved.MatchesHostname("192.0.2.10").ShouldBeTrue();
    }

    [Fact]
    public void Only_the_owner_reads_the_master()
    {
        if (OperatingSystem.IsWindows()) return; // Windows has no file modes.
        KeyRing.OpenOrCreate(_folder);
        File.GetUnixFileMode(Path.Combine(_folder, "master.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void The_server_certificate_chains_to_the_generated_ca_and_is_kept_until_it_is_old()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        using var first = GeneratedCa.OpenOrCreate(_folder, ["localhost", "127.0.0.1"], clock);
        using var ca = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "ca.pem"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().DateTime;
        chain.Build(first).ShouldBeTrue();
        first.MatchesHostname("127.0.0.1").ShouldBeTrue();
        first.HasPrivateKey.ShouldBeTrue();

        using var same = GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock);
        same.Thumbprint.ShouldBe(first.Thumbprint);
        clock.Advance(TimeSpan.FromDays(380));
        using var renewed = GeneratedCa.OpenOrCreate(_folder, ["localhost"], clock);
        renewed.Thumbprint.ShouldNotBe(first.Thumbprint);
    }

    [Fact]
    public void A_token_ends_with_its_time_with_a_new_password_and_with_any_change_to_it()
    {
        var clock = new ManualClock(new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        var tokens = new Tokens(new byte[32], clock);
        byte[] verifier = [1, 2, 3];
        var (token, _) = tokens.Issue(new PersonId("op-city"), verifier);
        tokens.Read(token).ShouldBe((new PersonId("op-city"), Tokens.Mark(verifier)));
        Tokens.Mark([1, 2, 4]).ShouldNotBe(Tokens.Mark(verifier));
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            // The last character may carry bits that no byte holds; then it is the same token.
            if (tokens.Read(changed) is { } read) (i, read.Person.Value).ShouldBe((token.Length - 1, "op-city"));
        }

        new Tokens([.. Enumerable.Repeat((byte)1, 32)], clock).Read(token).ShouldBeNull();
        clock.Advance(Tokens.Life);
        tokens.Read(token).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64 !")]
    [InlineData("AAAA")]
    public void Garbage_is_no_token(string text) => new Tokens(new byte[32], TimeProvider.System).Read(text).ShouldBeNull();

    [Fact]
    public void A_password_is_known_by_its_verifier_alone()
    {
        var verifier = Passwords.MakeVerifier("correct horse");
        Passwords.Verify("correct horse", verifier).ShouldBeTrue();
        Passwords.Verify("correct horsf", verifier).ShouldBeFalse();
        Passwords.Verify("correct horse", verifier.AsSpan(1)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("127.0.0.1", "https://127.0.0.1:8443/")]
    [InlineData("::1", "https://[::1]:8443/")]
    [InlineData("::", "https://[::]:8443/")]
    public void The_door_that_is_announced_is_an_address_that_others_can_read(string bind, string url) =>
        new Uri("https://" + CloudHost.AddressOf(IPAddress.Parse(bind), 8443)).AbsoluteUri.ShouldBe(url);

    [Fact]
    public void Options_that_cannot_work_are_named_with_their_fix()
    {
        var options = new CloudOptions { DataFolder = _folder, HttpsPort = 70_000, Node = "a b", Ledger = "oracle", Bind = IPAddress.Any };
        options.Mistakes().Count.ShouldBe(3);
        options.Mistakes().ShouldContain(m => m.StartsWith("--https is 70000", StringComparison.Ordinal));
        new CloudOptions { DataFolder = _folder }.Mistakes().ShouldBeEmpty();
    }
}
