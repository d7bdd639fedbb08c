using Broadcast.Orleans.Tests.Grains;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace Broadcast.Orleans.Tests;

public sealed class LifeTests(CollectedSilo silo) : IClassFixture<CollectedSilo>
{
    private static Signals Signals => SiloFixture.Signals;

    private IManagementGrain Management => silo.Grains.GetGrain<IManagementGrain>(0);

    [Fact]
    public async Task A_grain_is_activated_once_by_its_first_call()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        Signals.NotesOn(key).ShouldBeEmpty();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.Increment()));
        Signals.NotesOn(key).ShouldBe(["activated"]);
    }

    [Fact]
    public async Task A_grain_that_was_deactivated_comes_back_without_its_memory()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        await grain.Increment();
        (await grain.Increment()).ShouldBe(2);
        await silo.DeactivateAsync(grain);
        (await grain.Increment()).ShouldBe(1);
        Signals.NotesOn(key).ShouldBe(["activated", "deactivated: ApplicationRequested", "activated"]);
    }

    [Fact]
    public async Task A_grain_may_ask_to_leave_when_it_is_idle()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        await grain.Leave();
        await Signals.Opened(key + "/left");
        (await grain.Increment()).ShouldBe(1);
        Signals.NotesOn(key).ShouldBe(["activated", "deactivated: ApplicationRequested", "activated"]);
    }

    [Fact]
    public async Task A_call_that_waits_while_a_grain_leaves_is_answered_by_the_next_activation()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        var leaving = grain.LeaveAndHold(key);
        await Signals.Opened(key + " began");
        var waiting = Enumerable.Range(0, 5).Select(_ => grain.Increment()).ToArray();
        Signals.Open(key);
        await leaving;
        (await Task.WhenAll(waiting)).ShouldBe([1, 2, 3, 4, 5]);
        Signals.NotesOn(key).ShouldBe(["activated", "held", "deactivated: ApplicationRequested", "activated"]);
    }

    [Fact]
    public async Task A_grain_that_was_idle_long_enough_is_collected()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);
        await grain.Increment();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        await Signals.Opened(key + "/left");
        (await grain.Increment()).ShouldBe(1);
        Signals.NotesOn(key)[1].ShouldBe("deactivated: ActivationIdle");
    }

    [Fact]
    public async Task A_grain_that_was_just_used_is_not_collected()
    {
        var grain = silo.Grains.GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N"));
        await grain.Increment();
        await Management.ForceActivationCollection(TimeSpan.FromHours(1));
        (await grain.Increment()).ShouldBe(2);
    }

    [Fact]
    public async Task A_grain_that_delays_its_deactivation_is_not_collected()
    {
        var grain = silo.Grains.GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N"));
        await grain.Stay(TimeSpan.FromHours(1));
        await grain.Increment();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        (await grain.Increment()).ShouldBe(2);
    }

    [Fact]
    public async Task A_grain_in_the_middle_of_a_call_is_not_collected()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ITurnGrain>(key);
        var held = grain.Hold("first", key);
        await Signals.Opened($"{key}/first began");
        await Management.ForceActivationCollection(TimeSpan.Zero);
        Signals.Open(key);
        await held;
        Signals.NotesOn(key).ShouldBe(["first began", "first ended"]);
    }

    [Fact]
    public async Task Where_an_activation_fails_the_caller_gets_the_reason_and_the_next_call_tries_again()
    {
        var grain = silo.Grains.GetGrain<IFailingLifeGrain>(Guid.NewGuid().ToString("N"));
        var failure = await Should.ThrowAsync<Exception>(() => grain.Activations());
        failure.ToString().ShouldContain("The first try fails.");
        (await grain.Activations()).ShouldBe(2);
    }

    [Fact]
    public async Task Where_a_grain_cannot_be_built_the_caller_gets_the_reason()
    {
        var grain = silo.Grains.GetGrain<IUnbuildableGrain>("any");
        var failure = await Should.ThrowAsync<Exception>(() => grain.Call());
        failure.ToString().ShouldContain("It cannot be built.");
    }

    [Fact]
    public async Task A_grain_is_built_with_the_services_of_the_host() =>
        (await silo.Grains.GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N")).IdentityOfSilo())
            .ShouldBe(silo.Services.GetRequiredService<ILocalSiloDetails>().Name);

    [Fact]
    public async Task A_silo_that_stops_lets_each_grain_say_goodbye()
    {
        var keys = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid().ToString("N")).ToArray();
        var cluster = await SiloFixture.StartAsync(_ => { });
        var grains = cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();
        foreach (var key in keys)
            await grains.GetGrain<ILifeGrain>(key).Increment();
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
        foreach (var key in keys)
            Signals.NotesOn(key).ShouldBe(["activated", "deactivated: ShuttingDown"]);
    }

    [Fact]
    public async Task A_call_after_the_silo_has_stopped_fails()
    {
        var cluster = await SiloFixture.StartAsync(_ => { });
        var grain = cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>().GetGrain<ILifeGrain>(Guid.NewGuid().ToString("N"));
        await cluster.Silos[0].StopSiloAsync(stopGracefully: true);
        await Should.ThrowAsync<SiloUnavailableException>(async () => await grain.Increment());
        await cluster.DisposeAsync();
    }
}
