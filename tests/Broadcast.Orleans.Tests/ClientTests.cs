using Broadcast.Orleans.Tests.Grains;

namespace Broadcast.Orleans.Tests;

public sealed class ClientTests(SiloFixture silo)
{
    private ICopyGrain NewGrain() => silo.Client.GetGrain<ICopyGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task A_record_arrives_through_the_client_with_all_its_members()
    {
        var grain = NewGrain();
        var reading = new Reading("rain", 12.5, DateTimeOffset.UnixEpoch) { Window = [1, 2, 3] };
        await grain.Keep(reading);
        var kept = (Reading)await grain.Kept();
        (kept with { Window = reading.Window }).ShouldBe(reading);
        kept.Window.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_cycle_of_objects_arrives_through_the_client()
    {
        var grain = NewGrain();
        var note = new Note { Text = "ring", Scratch = "stays" };
        note.Other = new Note { Other = note };
        await grain.Keep(note);
        var kept = (Note)await grain.Kept();
        kept.Other!.Other.ShouldBeSameAs(kept);
        kept.Text.ShouldBe("ring");
        kept.Scratch.ShouldBeNull();
    }

    [Fact]
    public async Task A_derived_object_arrives_through_the_client_with_its_type_and_its_base()
    {
        var grain = NewGrain();
        await grain.Keep(new Circle(3, 4) { Name = "ring" });
        var kept = (await grain.Kept()).ShouldBeOfType<Circle>();
        kept.Name.ShouldBe("ring");
        kept.Radii.ShouldBe([3, 4]);
    }

    [Fact]
    public async Task Structs_enums_nullables_and_tuples_arrive_through_the_client()
    {
        var grain = NewGrain();
        (await grain.Move(new Point(1, 2))).ShouldBe(new Point(2, 3));
        (await grain.Echo(Colour.Blue)).ShouldBe(Colour.Blue);
        (await grain.Echo(null)).ShouldBeNull();
        (await grain.Pair(3, "x")).ShouldBe((3, "x"));
    }

    [Fact]
    public async Task What_a_grain_throws_reaches_its_caller_through_the_client()
    {
        var grain = silo.Client.GetGrain<IFailureGrain>(Guid.NewGuid().ToString("N"));
        (await Should.ThrowAsync<InvalidDataException>(() => grain.ThrowLater("later"))).Message.ShouldBe("later");
    }

    [Fact]
    public async Task Cancelling_reaches_the_grain_through_the_client()
    {
        var key = Guid.NewGuid().ToString("N");
        using var source = new CancellationTokenSource();
        var call = silo.Client.GetGrain<IFailureGrain>(key).WaitForCancellation("first", source.Token);
        await SiloFixture.Signals.Opened($"{key}/first began");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await SiloFixture.Signals.Opened($"{key}/first cancelled");
    }
}
