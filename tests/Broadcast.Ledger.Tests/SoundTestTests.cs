using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class SoundTestTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_self_test_is_kept_once_and_the_newest_month_of_them_stays(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var site = (await ledger.CountyAsync(2))[0];
        var at = ledger.Now.AddHours(-1).ToUnixTimeMilliseconds();
        SoundTest Test(long number, SoundTestResult result = SoundTestResult.Passed) =>
            new() { Number = number, AtMs = at, Clock = ClockQuality.Cloud, Result = result, Milliohms = 4_100, NominalMilliohms = 4_200, Millivolts = 440 };

        (await ledger.Store.SoundTestAsync(site.Device, Test(1_000))).ShouldBeTrue();
        (await ledger.Store.SoundTestAsync(site.Device, Test(1_000))).ShouldBeFalse("it came twice");
        (await ledger.Store.SoundTestAsync(new DeviceId("nobody"), Test(1))).ShouldBeFalse();
        for (var number = 1_001; number < 1_040; number++) (await ledger.Store.SoundTestAsync(site.Device, Test(number, SoundTestResult.LineOpen))).ShouldBeTrue();
        (await ledger.Store.SoundTestAsync(site.Device, Test(1_008))).ShouldBeFalse("a late one takes no newer one's place");
        (await ledger.Store.SoundTestAsync(site.Device, new SoundTest { Number = 1_040, Result = SoundTestResult.NotMeasured })).ShouldBeTrue();

        await ledger.ReopenAsync();
        var kept = await ledger.Store.SoundTestsAsync(site.Device, 100);
        kept.Count.ShouldBe(LedgerStore.SoundTestsOfADevice);
        (kept[0].Result, kept[0].IsTrueTime, kept[0].At).ShouldBe((SoundTestResult.NotMeasured, false, ledger.Now), "its clock knew no time: it counts from its commit");
        kept[1].ShouldBe(new KeptSoundTest(ledger.Now.AddHours(-1), true, SoundTestResult.LineOpen, 4_100, 4_200, 440, ledger.Now));
        kept.Skip(1).ShouldAllBe(t => t.Result == SoundTestResult.LineOpen);
    }
}
