using Broadcast.Testing;

namespace Broadcast.Orleans.Tests.StandIn;

/// <summary>In the stand-in lane alone: the real code generator refuses to compile the faults that are shown here.</summary>
public sealed class GrainContractsTests
{
    private static string[] FaultsOf(params Type[] types) => [.. GrainContracts.FaultsOf(types)];

    [Fact]
    public void What_is_marked_throughout_has_no_fault() => FaultsOf(typeof(IGood)).ShouldBeEmpty();

    [Fact]
    public void A_type_without_the_attribute_is_found_in_an_argument_a_result_and_a_collection()
    {
        FaultsOf(typeof(IBare)).ShouldHaveSingleItem().ShouldContain("crosses IBare.Take(all) and carries no [GenerateSerializer]");
        FaultsOf(typeof(IBareResult)).ShouldHaveSingleItem().ShouldContain("crosses the result of IBareResult.Give");
    }

    [Fact]
    public void A_member_without_an_id_and_an_id_given_twice_are_found()
    {
        var faults = FaultsOf(typeof(IFaulty));
        faults.ShouldContain("Faulty.Scratch has no [Id], so it would stay behind.");
        faults.ShouldContain("Faulty.Second has the [Id(0)] of First.");
        faults.Length.ShouldBe(2);
    }

    [Fact]
    public void A_kind_of_a_declared_type_is_judged_too() =>
        FaultsOf(typeof(IOpen)).ShouldHaveSingleItem().ShouldContain("Unmarked crosses Open, of which it is a kind, and carries no");

    [Fact]
    public void A_method_that_does_not_answer_with_a_task_is_found() =>
        FaultsOf(typeof(IHasty)).ShouldHaveSingleItem().ShouldContain("IHasty.Now returns System.Int32");

    public interface IGood : IAddressable
    {
        Task<Dictionary<string, List<Good>>> Take(Good? good, (int, string) pair, IReadOnlyList<Guid> ids, CancellationToken token);

        ValueTask Pass(IGood other, int? number, DayOfWeek day, Pair pair);
    }

    public interface IBare : IAddressable
    {
        Task Take(List<Bare[]> all);
    }

    public interface IBareResult : IAddressable
    {
        Task<Bare?> Give();
    }

    public interface IFaulty : IAddressable
    {
        Task Take(Faulty faulty);
    }

    public interface IOpen : IAddressable
    {
        Task Take(Open open);
    }

    public interface IHasty : IAddressable
    {
        int Now();
    }

    [GenerateSerializer]
    public sealed record Good([property: Id(0)] string Name, [property: Id(1)] Good? Next)
    {
        [Id(2)]
        public int[] Numbers { get; init; } = [];

        public int Computed => Numbers.Length;
    }

    [GenerateSerializer]
    public readonly record struct Pair(int A, int B);

    public sealed class Bare;

    [GenerateSerializer]
    public sealed class Faulty
    {
        [Id(0)]
        public int First { get; set; }

        [Id(0)]
        public int Second { get; set; }

        public int Scratch { get; set; }
    }

    [GenerateSerializer]
    public abstract class Open;

    public sealed class Unmarked : Open;
}
