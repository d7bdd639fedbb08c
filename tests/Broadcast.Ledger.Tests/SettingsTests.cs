using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class SettingsTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Settings_of_a_site_have_revisions_and_whoever_saw_an_older_one_changes_nothing(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(1))[0].Site;
        (await ledger.Store.DesiredSettingsAsync(site)).ShouldBeNull();
        (await ledger.Store.PutSettingsAsync(site, 0, new SiteSettings { QuietFromMinute = 1_300 }, TestLedger.Operator))!.Revision.ShouldBe(1);
        (await ledger.Store.PutSettingsAsync(site, 0, new SiteSettings(), TestLedger.Operator)).ShouldBeNull();
        (await ledger.Store.PutSettingsAsync(site, 1, new SiteSettings { Level = [2_000, 3_000] }, TestLedger.Operator))!.Revision.ShouldBe(2);
        await ledger.ReopenAsync();
        var desired = (await ledger.Store.DesiredSettingsAsync(site))!;
        (desired.Revision, desired.Author, desired.At).ShouldBe((2, "person:li-wei", ledger.Now));
        var settings = SiteSettings.Decode(desired.Body)!;
        settings.Level.ShouldBe([2_000, 3_000]);
        (settings.Revision, settings.QuietFromMinute).ShouldBe((2, 0), "a revision is complete");
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 10)).Items.Count(e => e.Act == "put-settings" && e.Subject == site.Value).ShouldBe(2);
        (await ledger.Store.PutSettingsAsync(new SiteId("nowhere"), 0, new SiteSettings(), TestLedger.Operator)).ShouldBeNull();
        await Should.ThrowAsync<ArgumentException>(ledger.Store.PutSettingsAsync(site, 2, new SiteSettings { Level = [2, 1] }, TestLedger.Operator));
    }

    /// <summary>Said by whoever has the keys of a stolen device; it counts even when another device serves the site.</summary>
    [Theory, MemberData(nameof(Both))]
    public async Task A_device_that_says_it_has_judged_the_last_revision_there_can_be_does_not_end_all_settings(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var target = (await ledger.CountyAsync(1))[0];
        await ledger.Store.PutSettingsStateAsync(target.Device, new SettingsState { InForce = 0, Judged = int.MaxValue, Refusal = SettingsRefusal.NoSuchSensor });
        (await ledger.Store.PutSettingsAsync(target.Site, 0, new SiteSettings(), TestLedger.Operator)).ShouldNotBeNull();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_a_device_says_of_its_settings_is_kept_when_it_is_news(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var device = (await ledger.CountyAsync(1))[0].Device;
        (await ledger.Store.ReportedSettingsAsync(device)).ShouldBeNull();
        var refused = new SettingsState { InForce = 1, Judged = 2, Refusal = SettingsRefusal.NoSuchSensor };
        (await ledger.Store.PutSettingsStateAsync(device, refused)).ShouldBeTrue();
        (await ledger.Store.PutSettingsStateAsync(device, refused)).ShouldBeFalse();
        (await ledger.Store.ReportedSettingsAsync(device)).ShouldBe(new ReportedSettings(device, 1, 2, SettingsRefusal.NoSuchSensor, ledger.Now));
        (await ledger.Store.PutSettingsStateAsync(new DeviceId("nobody"), refused)).ShouldBeFalse();
        (await ledger.Store.PutSettingsAsync(new SiteId("s0"), 0, new SiteSettings(), TestLedger.Operator))!.Revision.ShouldBe(3, "the device would not take 1 or 2 any more");
    }
}
