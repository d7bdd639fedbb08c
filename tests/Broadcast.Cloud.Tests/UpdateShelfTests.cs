using System.Globalization;
using System.Security.Cryptography;
using Broadcast.Cloud.Updates;
using Broadcast.Ledger;
using Broadcast.Link.Update;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

/// <summary>What is on the shelf, and what goes from it.</summary>
public sealed class UpdateShelfTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-shelf-").FullName;

    [Fact]
    public async Task What_a_site_wants_stays_and_what_comes_and_goes_is_audited()
    {
        await using var bench = await DeskBench.OpenAsync();
        var shelf = new UpdateShelf(new CloudOptions { DataFolder = _folder }, bench.Ledger);
        var wanted = await BringAsync(shelf, 1);
        await bench.Ledger.PutUpdateAsync(bench.Places.Current.Sites[0].Id, wanted.Hash, wanted.Bytes, wanted.Manifest.Version, Actor.System("test"));
        var others = new List<ShelvedPackage>();
        for (var number = 2; number <= UpdateShelf.PackagesMax + 2; number++) others.Add(await BringAsync(shelf, number));

        shelf.Find(wanted.Hash).ShouldNotBeNull();
        others.Select(o => shelf.Find(o.Hash) is not null).ShouldBe([false, false, .. Enumerable.Repeat(true, others.Count - 2)]);
        var acts = (await bench.Ledger.AuditEntriesAsync("node-1", 0, 100)).Items;
        acts.Count(a => a.Act == "bring-update").ShouldBe(others.Count + 1);
        acts.Where(a => a.Act == "drop-update").Select(a => a.Subject).ShouldBe([others[0].Hash, others[1].Hash]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<ShelvedPackage> BringAsync(UpdateShelf shelf, int number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (payload, file) = (Path.Combine(_folder, "payload"), Path.Combine(_folder, "package"));
        await File.WriteAllTextAsync(payload, number.ToString(CultureInfo.InvariantCulture));
        UpdatePackage.Write(payload, $"1.{number}", number, "linux-x64", key, file);
        await using var content = File.OpenRead(file);
        var package = (await shelf.BringAsync(content, Actor.System("test"), CancellationToken.None)).ShouldNotBeNull();
        File.SetLastWriteTimeUtc(shelf.PathOf(package.Hash), DateTime.UnixEpoch.AddDays(number)); // The order of their coming, whatever the disk's clock can tell apart.
        return package;
    }
}
