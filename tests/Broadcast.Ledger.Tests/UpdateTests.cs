using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class UpdateTests
{
    private static readonly string Package = new('a', 64);

    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_wanted_of_a_gateway_has_revisions_above_all_that_it_heard_of(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(1))[0].Site;
        (await ledger.Store.DesiredUpdateAsync(site)).ShouldBeNull();
        (await ledger.Store.PutUpdateAsync(site, Package, 100, "1.0", TestLedger.Operator))!.Revision.ShouldBe(1);
        (await ledger.Store.PutUpdateAsync(site, Package, 200, "2.0", TestLedger.Operator))!.Revision.ShouldBe(2);
        await ledger.ReopenAsync();
        (await ledger.Store.DesiredUpdateAsync(site)).ShouldBe(new DesiredUpdate(site, 2, Package, 200, "2.0", "person:li-wei", ledger.Now));
        (await ledger.Store.PutUpdateAsync(new SiteId("nowhere"), Package, 1, "1", TestLedger.Operator)).ShouldBeNull();
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 20)).Items.Count(e => e.Act == "put-update" && e.Subject == site.Value).ShouldBe(2);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_gateway_says_of_its_program_is_kept_when_it_is_news(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var place = (await ledger.CountyAsync(1))[0];
        var (site, device) = (place.Site, place.Device);
        var said = new ReportedUpdate(device, 7, 5, "its number is too low", "1.0", 3, "linux-arm64", 0, ledger.Now);
        (await ledger.Store.PutUpdateStateAsync(said)).ShouldBeTrue();
        (await ledger.Store.PutUpdateStateAsync(said)).ShouldBeFalse();
        (await ledger.Store.ReportedUpdateAsync(device)).ShouldBe(said);
        (await ledger.Store.PutUpdateStateAsync(said with { Why = "" })).ShouldBeTrue();
        (await ledger.Store.PutUpdateStateAsync(said with { Device = new DeviceId("nobody") })).ShouldBeFalse();
        (await ledger.Store.PutUpdateAsync(site, Package, 1, "9", TestLedger.Operator))!.Revision.ShouldBe(8, "the gateway has heard of 7 already");
    }
}
