using Broadcast.Cli.Api;
using Broadcast.Cli.Up;

namespace Broadcast.Cli.Tests;

/// <summary>`edge`: which of the demo's devices a real gateway may be.</summary>
public sealed class EdgeTests : IDisposable
{
    private readonly Bench _bench = new();

    public EdgeTests() => _bench.Write("devices.csv", """
        device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude
        xn-00001,s1-1,421202100001,aa,bb,1,29.7,114.4
        xn-00002,s2-1,421202100002,cc,dd,2,29.7,114.4
        """);

    [Fact]
    public async Task It_is_the_first_device_that_no_other_gateway_is()
    {
        var first = await ChooseAsync(null);
        first.ShouldBe(new DemoDevice("xn-00001", "s1-1", "421202100001", "aa", "bb", 1));
        var gateway = new DemoGateway(_bench.Context, _bench.Folder, first);
        gateway.Borrow();
        (await ChooseAsync(null)).Id.ShouldBe("xn-00002");
        (await Should.ThrowAsync<UsageException>(ChooseAsync("xn-00001"))).Lines.ShouldContain(l => l.Contains("Another gateway", StringComparison.Ordinal));
        gateway.GiveBack();
        (await ChooseAsync("xn-00001")).Id.ShouldBe("xn-00001");
    }

    [Fact]
    public async Task Its_children_are_other_free_devices_of_its_township()
    {
        _bench.Write("devices.csv", """
            device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude
            xn-00001,s1-1,421202100001,aa,bb,1,29.7,114.4
            xn-00002,s2-1,421202101002,cc,dd,2,29.7,114.4
            xn-00003,s3-1,421202100003,cc,dd,2,29.7,114.4
            xn-00004,s4-1,421202100004,cc,dd,2,29.7,114.4
            """);
        var gateway = await ChooseAsync(null);
        var township = await DemoTownship.ChooseAsync(_bench.Context, _bench.Folder, gateway, 5, TestContext.Current.CancellationToken);
        township.Children.Select(c => c.Id).ShouldBe(["xn-00003", "xn-00004"]);
        township.Borrow();
        await Should.ThrowAsync<UsageException>(DemoTownship.ChooseAsync(_bench.Context, _bench.Folder, gateway, 5, TestContext.Current.CancellationToken));
        township.GiveBack();
        (await DemoTownship.ChooseAsync(_bench.Context, _bench.Folder, gateway, 1, TestContext.Current.CancellationToken)).Children.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_named()
    {
        (await Should.ThrowAsync<UsageException>(ChooseAsync("xn-9"))).Lines.ShouldContain(l => l.Contains("xn-9", StringComparison.Ordinal));
        File.Delete(Path.Combine(_bench.Folder, "devices.csv"));
        await Should.ThrowAsync<UsageException>(ChooseAsync(null));
    }

    [Fact]
    public async Task Without_a_running_demo_it_says_how_to_start_one() => (await _bench.RunAsync("edge", "--data", _bench.Folder)).ShouldBe(ExitCodes.Unreachable);

    [Fact]
    public async Task The_one_time_code_is_the_last_of_the_log()
    {
        var log = _bench.Write("edge.log", "at http://127.0.0.1:1\nThe local page's next one-time code is 11112222\nsigned in\nThe local page's next one-time code is 33334444\n");
        (await DemoGateway.CodeAsync(log, TestContext.Current.CancellationToken)).ShouldBe("33334444");
        (await DemoGateway.CodeAsync(log + ".none", TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    public void Dispose() => _bench.Dispose();

    private Task<DemoDevice> ChooseAsync(string? wanted) => DemoGateway.ChooseAsync(_bench.Context, _bench.Folder, wanted, TestContext.Current.CancellationToken);
}
