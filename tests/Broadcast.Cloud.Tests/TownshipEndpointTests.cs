using Broadcast.Cloud.Townships;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

/// <summary>Who may say who carries whom (R8).</summary>
public sealed class TownshipEndpointTests
{
    [Fact]
    public async Task Nobody_names_or_leaves_out_a_child_outside_their_region()
    {
        await using var bench = await DeskBench.OpenAsync();
        var devices = bench.Places.Current.Devices.Where(d => d.Id.Value.StartsWith("d421202", StringComparison.Ordinal)).OrderBy(d => d.Id.Value).ToArray();
        var (pi, child) = (devices[0], devices[1]);
        var village = bench.Places.Current.Find(pi.Site)!.Village;
        DeviceId? Outside(Region region, params string[] named) => TownshipEndpoints.Outside(new ChildrenBody(named, true), pi, bench.Places.Current, region);

        Outside(village).ShouldBeNull("there is no child yet");
        Outside(village, child.Id.Value, "nobody").ShouldBe(child.Id);
        Outside(DeskBench.Here, child.Id.Value, "nobody").ShouldBeNull("who is nobody is said by others");
        await bench.Ledger.PutChildrenAsync(pi.Id, [child.Id], null, Ledger.Actor.System("test"));
        await bench.Places.ReloadAsync();
        Outside(village).ShouldBe(child.Id, "it would be left out");
        Outside(DeskBench.Here).ShouldBeNull();
    }
}
