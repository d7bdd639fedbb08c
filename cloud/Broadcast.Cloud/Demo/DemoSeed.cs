using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Demo;

/// <summary>Fills an empty ledger with the demo: places, one device a site, people. Writes what a technician and the people would be handed, owner-only.</summary>
public sealed class DemoSeed(LedgerStore ledger, KeyRing keys, CloudOptions options)
{
    private const int LinkSecretBytes = 24; // 192 bits: nothing to guess, so a plain hash verifies it.
    private const int FirstKeyEpoch = 1;

    private sealed record DemoPerson(string Name, string Password, IReadOnlyList<string> Duties, string Region, string RegionLevel, string Display);

    public async Task SeedAsync(CancellationToken ct)
    {
        if ((await ledger.RegionsAsync(ct)).Count == 0) await SeedPlacesAsync(ct);
        if (options.ResetPasswords || !File.Exists(PeopleFile)) await SeedPeopleAsync(ct);
    }

    private string PeopleFile => options.PathOf("people.json");

    private async Task SeedPlacesAsync(CancellationToken ct)
    {
        var places = DemoPlaces.Read(Path.Combine(AppContext.BaseDirectory, "Demo", "xianning"));
        var devices = new List<DeviceRecord>();
        var handedOut = new StringBuilder("device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude\n");
        var sites = places.AtLeast(options.DemoSites);
        foreach (var site in sites)
        {
            var id = new DeviceId(FormattableString.Invariant($"xn-{devices.Count + 1:D5}"));
            var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LinkSecretBytes));
            devices.Add(new DeviceRecord(id, site.Id, FirstKeyEpoch, CloudAuthority.VerifierOf(secret), ServiceState.InService));
            handedOut.Append(CultureInfo.InvariantCulture, $"{id},{site.Id},{site.Village.Code},{secret},{Convert.ToHexStringLower(keys.OrderKey(id, FirstKeyEpoch))},{FirstKeyEpoch},{site.Latitude},{site.Longitude}\n");
        }

        // The file first: devices that nobody can provision any more would be worse than a file without devices.
        PrivateFiles.Write(options.PathOf("devices.csv"), Encoding.UTF8.GetBytes(handedOut.ToString()));
        await ledger.PutSitesAsync(sites, ct);
        await ledger.PutDevicesAsync(devices, ct);
        await ledger.PutRegionsAsync(places.Regions, ct); // Last: their presence says that the seed is whole.
    }

    private async Task SeedPeopleAsync(CancellationToken ct)
    {
        var people = new List<DemoPerson>();
        foreach (var (person, password) in Cast(await ledger.RegionsAsync(ct)).Select(p => (p, Passwords.Generate())))
        {
            await ledger.PutPersonAsync(person, Passwords.MakeVerifier(password), oneTime: false, Actor.System("demo"), ct);
            people.Add(new DemoPerson(
                person.Id.Value, password, PersonView.Of(person).Duties, person.Region.Code, Http.Wording.Camel(person.Region.Level), person.Name));
        }

        PrivateFiles.Write(PeopleFile, JsonSerializer.SerializeToUtf8Bytes(people, JsonSerializerOptions.Web));
    }

    private static IEnumerable<Person> Cast(IReadOnlyList<NamedRegion> regions)
    {
        var city = regions.Single(r => r.Region.Level == RegionLevel.City);
        yield return Of("op-city", $"{city.Name}值班员", Duties.Operator, city);
        yield return Of("appr-city", $"{city.Name}带班领导", Duties.Approver, city);
        yield return Of("monitor", $"{city.Name}监测员", Duties.Monitor, city);
        yield return Of("admin", "系统管理员", Duties.Administrator | Duties.Technician, city);
        foreach (var county in regions.Where(r => r.Region.Level == RegionLevel.County))
        {
            var short_ = county.Region.Code[..6];
            yield return Of($"op-{short_}", $"{county.Name}值班员", Duties.Operator, county);
            yield return Of($"appr-{short_}", $"{county.Name}带班领导", Duties.Approver, county);
        }

        // A small bureau gives one person both duties; the rule of two holds for them too.
        var county1 = regions.First(r => r.Region.Level == RegionLevel.County);
        yield return Of($"duty-{county1.Region.Code[..6]}", $"{county1.Name}总值班", Duties.Operator | Duties.Approver, county1);
        var township = regions.First(r => r.Region.Level == RegionLevel.Township);
        yield return Of($"op-{township.Region.Code[..9]}", $"{township.Name}广播员", Duties.Operator, township);
    }

    private static Person Of(string id, string name, Duties duties, NamedRegion region) => new(new PersonId(id), name, duties, region.Region);
}
