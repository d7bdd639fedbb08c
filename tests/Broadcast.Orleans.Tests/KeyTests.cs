using Broadcast.Orleans.Tests.Grains;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Orleans.Tests;

public sealed class KeyTests(SiloFixture silo)
{
    [Theory]
    [InlineData("a")]
    [InlineData("421202100000")]
    [InlineData("咸宁/向阳湖+1 2")]
    public async Task A_grain_knows_its_text_key(string key) => (await silo.Grains.GetGrain<ITextGrain>(key).Key()).ShouldBe(key);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task A_grain_knows_its_number(long key)
    {
        var grain = silo.Grains.GetGrain<ILongGrain>(key);
        (await grain.Key()).ShouldBe(key);
        grain.GetPrimaryKeyLong().ShouldBe(key);
    }

    [Fact]
    public async Task A_grain_knows_its_guid()
    {
        var key = Guid.NewGuid();
        var grain = silo.Grains.GetGrain<IGuidGrain>(key);
        (await grain.Key()).ShouldBe(key);
        grain.GetPrimaryKey().ShouldBe(key);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_key_is_refused(string key) => Should.Throw<ArgumentException>(() => silo.Grains.GetGrain<ITextGrain>(key));

    [Fact]
    public void An_interface_that_no_class_implements_is_refused() =>
        Should.Throw<ArgumentException>(() => silo.Grains.GetGrain<IOrphanGrain>("any"));

    [Fact]
    public void Two_references_to_one_grain_are_equal()
    {
        silo.Grains.GetGrain<ITextGrain>("same").ShouldBe(silo.Grains.GetGrain<ITextGrain>("same"));
        silo.Grains.GetGrain<ITextGrain>("same").GetHashCode().ShouldBe(silo.Grains.GetGrain<ITextGrain>("same").GetHashCode());
        silo.Grains.GetGrain<ITextGrain>("same").ShouldNotBe(silo.Grains.GetGrain<ITextGrain>("other"));
    }

    [Fact]
    public void A_grain_is_named_after_its_class_and_key() =>
        silo.Grains.GetGrain<ITextGrain>("k").GetGrainId().ToString().ShouldBe("text/k");

    [Fact]
    public async Task A_grain_can_call_another() =>
        (await silo.Grains.GetGrain<ITextGrain>("one").KeyOfAnother("two")).ShouldBe("two");

    [Fact]
    public async Task Two_interfaces_of_one_class_reach_one_grain()
    {
        var key = Guid.NewGuid().ToString("N");
        await silo.Grains.GetGrain<IOneFaceGrain>(key).Put(7);
        (await silo.Grains.GetGrain<IOtherFaceGrain>(key).Get()).ShouldBe(7);
        (await silo.Grains.GetGrain<IOneFaceGrain>(key).AsReference<IOtherFaceGrain>().Get()).ShouldBe(7);
    }

    [Fact]
    public async Task A_grain_with_local_placement_is_where_its_caller_is()
    {
        var grain = silo.Grains.GetGrain<ILongGrain>(77);
        await grain.Key();
        var where = await silo.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        where.ShouldBe(silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
    }

    [Fact]
    public async Task A_grain_that_was_never_called_is_nowhere() =>
        (await silo.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(silo.Grains.GetGrain<ITextGrain>("never"))).ShouldBeNull();

    [Fact]
    public async Task The_activations_of_a_stateless_worker_run_beside_one_another()
    {
        var gate = Guid.NewGuid().ToString("N");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => silo.Grains.GetGrain<IWorkerGrain>(0).Meet(gate)));
    }

    [Fact]
    public async Task Grains_are_reached_through_the_client_too() =>
        (await silo.Services.GetRequiredService<IClusterClient>().GetGrain<ITextGrain>("client").Key()).ShouldBe("client");
}
