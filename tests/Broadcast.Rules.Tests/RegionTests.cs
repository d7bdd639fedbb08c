using Broadcast.Device;

namespace Broadcast.Rules.Tests;

public class RegionTests
{
    [Theory]
    [InlineData("420000000000", RegionLevel.Province, true)]
    [InlineData("421200000000", RegionLevel.City, true)]
    [InlineData("421202000000", RegionLevel.County, true)]
    [InlineData("421202100000", RegionLevel.Township, true)]
    [InlineData("421202100001", RegionLevel.Village, true)]
    [InlineData("421202100000", RegionLevel.Village, true)] // A village numbered 000 cannot be told from its township by digits: the level says it.
    [InlineData("421202100000", RegionLevel.County, false)]
    [InlineData("421202100001", RegionLevel.Township, false)]
    [InlineData("42120210000", RegionLevel.Township, false)]
    [InlineData("4212021000000", RegionLevel.Township, false)]
    [InlineData("４21202100000", RegionLevel.Township, false)] // A full-width digit is no digit of a code.
    [InlineData("42120210000a", RegionLevel.Village, false)]
    [InlineData("", RegionLevel.Province, false)]
    [InlineData(null, RegionLevel.Province, false)]
    public void A_code_fits_a_level_only_with_zeros_behind_the_digits_that_count(string? code, RegionLevel level, bool fits) =>
        Region.TryCreate(code, level, out _).ShouldBe(fits);

    [Fact]
    public void A_township_whose_code_ends_in_four_zeros_does_not_contain_its_neighbour()
    {
        // Trimming zeros would make this 4212021, and every township from 421202100 to 421202199 its child.
        var township = Region.Create("421202100000", RegionLevel.Township);
        township.Contains(Region.Create("421202100001", RegionLevel.Village)).ShouldBeTrue();
        township.Contains(Region.Create("421202101001", RegionLevel.Village)).ShouldBeFalse();
        township.Contains(Region.Create("421202000000", RegionLevel.County)).ShouldBeFalse();
        township.Contains(township).ShouldBeTrue();
        Region.Create("421200000000", RegionLevel.City).Contains(Region.Create("421281000000", RegionLevel.County)).ShouldBeTrue("a county-level city is one of its counties");
        Region.Create("421202000000", RegionLevel.Township).Contains(Region.Create("421202000000", RegionLevel.County)).ShouldBeFalse("the digits of both are the same");
    }

    [Theory]
    [InlineData(RegionLevel.Province, "420000000000")]
    [InlineData(RegionLevel.City, "421200000000")]
    [InlineData(RegionLevel.County, "421202000000")]
    [InlineData(RegionLevel.Township, "421202100000")]
    [InlineData(RegionLevel.Village, "421202100236")]
    public void An_ancestor_keeps_the_digits_that_count_at_its_level(RegionLevel level, string code) =>
        Region.Create("421202100236", RegionLevel.Village).Ancestor(level).ShouldBe(Region.Create(code, level));

    [Fact]
    public void A_region_has_no_ancestor_below_itself() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Region.Create("421202000000", RegionLevel.County).Ancestor(RegionLevel.Township));

    [Fact]
    public void A_warning_s_id_comes_back_from_its_bytes_and_from_no_other_number_of_them()
    {
        var id = Demo.Warning(WarningState.Draft).Id;
        WarningId.FromWire(id.ToWire()).ShouldBe(id);
        Convert.ToHexStringLower(id.ToWire()).ShouldBe(id.ToString(), "bytes and text are in one order");
        WarningId.FromWire(id.ToWire()[1..]).ShouldBeNull();
        WarningId.FromWire([.. id.ToWire(), 0]).ShouldBeNull();
    }

    [Fact]
    public void A_region_knows_its_direct_children_by_code()
    {
        Demo.Directory.Children(Demo.County).Select(r => r.Region).ShouldBe([Demo.Township1, Demo.Township2]);
        Demo.Directory.Children(Demo.Township2).Select(r => r.Region.Code).ShouldBe(["421202101001", "421202101002", "421202101003"]);
    }

    [Fact]
    public void A_Pi_carries_those_whose_parent_it_is()
    {
        DeviceRecord[] devices = [Device("d2", "pi"), Device("d1", "pi"), Device("d3", null), Device("pi", null)];
        var directory = new SiteDirectory([], [], devices);
        directory.ChildrenOf(new DeviceId("pi")).Select(d => d.Id.Value).ShouldBe(["d1", "d2"]);
        directory.ChildrenOf(new DeviceId("d3")).ShouldBeEmpty();
        directory.Find(new DeviceId("d3")).ShouldBe(devices[2]);
    }

    private static DeviceRecord Device(string id, string? parent) =>
        new(new DeviceId(id), new SiteId("s-" + id), 1, [], ServiceState.InService) { Parent = parent is null ? null : new DeviceId(parent) };
}
