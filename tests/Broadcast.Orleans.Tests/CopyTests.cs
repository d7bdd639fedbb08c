using System.Collections.Immutable;
using Broadcast.Orleans.Tests.Grains;
using Orleans.Serialization;

namespace Broadcast.Orleans.Tests;

public sealed class CopyTests(SiloFixture silo)
{
    private ICopyGrain NewGrain() => silo.Grains.GetGrain<ICopyGrain>(Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task What_the_caller_changes_after_the_call_does_not_reach_the_grain()
    {
        var grain = NewGrain();
        var note = new Note { Text = "before", Numbers = [1] };
        await grain.Keep(note);
        note.Text = "after";
        note.Numbers.Add(2);
        var kept = (Note)await grain.Kept();
        kept.Text.ShouldBe("before");
        kept.Numbers.ShouldBe([1]);
    }

    [Fact]
    public async Task What_the_caller_changes_in_a_result_does_not_reach_the_grain()
    {
        var grain = NewGrain();
        await grain.Keep(new Note { Numbers = [1] });
        ((Note)await grain.Kept()).Numbers.Add(2);
        ((Note)await grain.Kept()).Numbers.ShouldBe([1]);
    }

    [Fact]
    public async Task An_argument_is_copied_when_the_call_is_made_not_when_it_runs()
    {
        var key = Guid.NewGuid().ToString("N");
        var grain = silo.Grains.GetGrain<ICopyGrain>(key);
        var note = new Note { Text = "before" };
        var keeping = grain.Keep(note);
        note.Text = "after";
        await keeping;
        ((Note)await grain.Kept()).Text.ShouldBe("before");
    }

    [Fact]
    public async Task A_value_of_an_immutable_type_is_handed_on_itself()
    {
        var grain = NewGrain();
        var value = new Fixed { Numbers = [1] };
        await grain.Keep(value);
        (await grain.IsWhatItKept(value)).ShouldBeTrue();
        (await grain.Kept()).ShouldBeSameAs(value);
    }

    [Fact]
    public async Task An_immutable_parameter_is_handed_on_itself()
    {
        var grain = NewGrain();
        List<int> value = [1, 2];
        await grain.KeepFixed(value);
        (await grain.FixedIsSame(new Holder { Value = value })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_value_of_another_type_is_not()
    {
        var grain = NewGrain();
        var value = new Note();
        await grain.Keep(value);
        (await grain.IsWhatItKept(value)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_one_object_on_this_side_is_one_on_the_other()
    {
        var one = new Note();
        (await NewGrain().AreOne(one, one)).ShouldBeTrue();
        (await NewGrain().AreOne(one, new Note())).ShouldBeFalse();
    }

    [Fact]
    public async Task A_cycle_of_objects_arrives_as_a_cycle()
    {
        var grain = NewGrain();
        var note = new Note { Text = "ring" };
        note.Other = new Note { Other = note };
        await grain.Keep(note);
        var kept = (Note)await grain.Kept();
        kept.Other!.Other.ShouldBeSameAs(kept);
    }

    [Fact]
    public async Task A_member_without_an_id_stays_behind()
    {
        var grain = NewGrain();
        await grain.Keep(new Note { Text = "goes", Scratch = "stays" });
        var kept = (Note)await grain.Kept();
        kept.Text.ShouldBe("goes");
        kept.Scratch.ShouldBeNull();
    }

    [Fact]
    public async Task A_record_arrives_with_all_its_members()
    {
        var grain = NewGrain();
        var reading = new Reading("rain", 12.5, DateTimeOffset.UnixEpoch) { Window = [1, 2, 3] };
        await grain.Keep(reading);
        var kept = (Reading)await grain.Kept();
        (kept with { Window = reading.Window }).ShouldBe(reading);
        kept.Window.ShouldBe([1, 2, 3]);
        kept.ShouldNotBeSameAs(reading);
    }

    [Fact]
    public async Task A_derived_object_keeps_its_type_and_the_members_of_its_base()
    {
        var grain = NewGrain();
        await grain.Keep(new Circle(3, 4) { Name = "ring" });
        var kept = (await grain.Kept()).ShouldBeOfType<Circle>();
        kept.Name.ShouldBe("ring");
        kept.Radii.ShouldBe([3, 4]);
    }

    [Fact]
    public async Task Structs_enums_nullables_and_tuples_arrive_as_they_were()
    {
        var grain = NewGrain();
        (await grain.Move(new Point(1, 2))).ShouldBe(new Point(2, 3));
        (await grain.Echo(Colour.Blue)).ShouldBe(Colour.Blue);
        (await grain.Echo(null)).ShouldBeNull();
        (await grain.Pair(3, "x")).ShouldBe((3, "x"));
    }

    public static TheoryData<object> Collections() =>
    [
        new[] { 1, 2 }, new[,] { { "a", "b" }, { "c", "d" } }, new[] { new List<int> { 1 }, [2, 3] },
        new List<string> { "a", "b" }, new Dictionary<string, List<int>> { ["a"] = [1, 2] },
        new HashSet<int> { 1, 2 }, new Queue<int>([1, 2]), new Stack<int>([1, 2]), new SortedDictionary<int, string> { [2] = "b", [1] = "a" },
        ImmutableArray.Create(1, 2), ImmutableList.Create("a"), ImmutableHashSet.Create(1), ImmutableDictionary<string, int>.Empty.Add("a", 1),
        new Tuple<int, string>(1, "a"), new KeyValuePair<int, string>(1, "a"),
        "text", 1, 2L, 3.5, 4m, true, 'c', Guid.NewGuid(), DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), new DateOnly(2026, 11, 21),
        new Uri("http://localhost/"), new Version(1, 2), new byte[] { 1, 2, 3 },
    ];

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task A_value_of_the_frameworks_types_arrives_equal_and_of_its_own_type(object value)
    {
        var grain = NewGrain();
        await grain.Keep(value);
        var kept = await grain.Kept();
        kept.GetType().ShouldBe(value.GetType());
        if (value is System.Collections.IEnumerable items and not string)
            ((System.Collections.IEnumerable)kept).Cast<object>().ShouldBe(items.Cast<object>(), new ByJson());
        else
            kept.ShouldBe(value);
    }

    [Fact]
    public async Task A_dictionary_keeps_its_comparer()
    {
        var grain = NewGrain();
        await grain.Keep(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 });
        ((Dictionary<string, int>)await grain.Kept())["kEY"].ShouldBe(1);
    }

    [Fact]
    public async Task An_argument_of_a_type_that_is_not_serializable_fails_the_call() =>
        await Should.ThrowAsync<CodecNotFoundException>(async () => await NewGrain().Keep(new Unserializable()));

    [Fact]
    public async Task So_does_one_inside_a_collection() =>
        await Should.ThrowAsync<CodecNotFoundException>(async () => await NewGrain().Keep(new List<object> { new Unserializable() }));

    [Fact]
    public async Task So_does_one_in_a_collection_of_its_own_type() =>
        await Should.ThrowAsync<CodecNotFoundException>(async () => await NewGrain().Keep(new List<Unserializable> { new() }));

    [Fact]
    public async Task A_collection_behind_an_interface_arrives_with_its_items_whatever_its_type()
    {
        var grain = NewGrain();
        await grain.Keep(new Reading("rain", null, default) { Window = [.. Enumerable.Range(1, 3)] });
        ((Reading)await grain.Kept()).Window.ShouldBe([1, 2, 3]);
        await grain.Keep(new Reading("rain", null, default) { Window = new ArraySegmentLike([1, 2, 3]) });
        ((Reading)await grain.Kept()).Window.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_result_of_a_type_that_is_not_serializable_fails_the_call() =>
        await Should.ThrowAsync<CodecNotFoundException>(async () => await NewGrain().MakeUnserializable());

    [Fact]
    public async Task A_grain_reference_may_be_passed_and_called()
    {
        var key = Guid.NewGuid().ToString("N");
        (await NewGrain().Append("!", silo.Grains.GetGrain<ITurnGrain>(key))).ShouldBe(key + "!");
        SiloFixture.Signals.NotesOn(key).ShouldBe(["!"]);
    }

    [Fact]
    public async Task A_grain_may_pass_a_reference_to_itself()
    {
        var key = Guid.NewGuid().ToString("N");
        var receiver = silo.Grains.GetGrain<ICopyReceiver>(key);
        await silo.Grains.GetGrain<ICopyGrain>("sender" + key).PassSelf(receiver);
        (await receiver.SenderKey()).ShouldBe("sender" + key);
    }

    private sealed class ArraySegmentLike(IReadOnlyList<int> items) : IReadOnlyList<int>
    {
        public int Count => items.Count;

        public int this[int index] => items[index];

        public IEnumerator<int> GetEnumerator() => items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class ByJson : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => Text(x) == Text(y);

        public int GetHashCode(object obj) => Text(obj).GetHashCode(StringComparison.Ordinal);

        private static string Text(object? value) => System.Text.Json.JsonSerializer.Serialize(value);
    }
}
