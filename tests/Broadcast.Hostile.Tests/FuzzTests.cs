using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests;

/// <summary>
/// Every reader, fed with a hundred thousand seeded inputs (ten million with BROADCAST_LONG=1): it throws nothing, ends, takes a bounded
/// amount of memory, and what it takes it would write again. BROADCAST_FUZZ_TARGETS=A,B feeds these alone.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Every target of this assembly, so that a new one cannot be forgotten here.</summary>
    private static readonly Dictionary<string, Type> Targets = typeof(FuzzTarget).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(FuzzTarget)) && t is { IsAbstract: false, IsNested: false }).ToDictionary(t => t.Name, StringComparer.Ordinal);

    public static TheoryData<string> Readers() =>
        [.. Environment.GetEnvironmentVariable("BROADCAST_FUZZ_TARGETS")?.Split(',') ?? Targets.Keys.Order(StringComparer.Ordinal).ToArray()];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Hostile_input_is_read_or_refused_and_nothing_else(string reader)
    {
        var target = (FuzzTarget)Activator.CreateInstance(Targets[reader])!;
        var outcome = Fuzzer.Run(target, Fuzzer.SeedOfRun, Fuzzer.InputsOf(target));
        output.WriteLine($"{reader}: {outcome.Inputs:N0} inputs, {outcome.Taken:N0} taken, at most {outcome.AllocatedBytesMost:N0} bytes each, {outcome.Making.TotalMicroseconds / outcome.Inputs:F1} µs to make and {outcome.Reading.TotalMicroseconds / outcome.Inputs:F1} µs to read each (seed {Fuzzer.SeedOfRun})");
        (target as IDisposable)?.Dispose();
    }

    [Fact]
    public void The_threat_model_says_how_many_readers_there_are() =>
        File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "docs/security.md")).ShouldContain($"\n{Targets.Count} readers, ");

    [Fact]
    public void A_reader_that_throws_is_named_with_seed_and_bytes()
    {
        var failure = Should.Throw<ShouldAssertException>(() => Fuzzer.Run(new Throws(), 7, 10_000));
        failure.Message.ShouldContain("seed 7");
        failure.Message.ShouldContain("BROADCAST_FUZZ_REPLAY=Throws:2A");
    }

    [Fact]
    public void A_reader_that_takes_more_memory_than_its_bound_is_named() =>
        Should.Throw<ShouldAssertException>(() => Fuzzer.Run(new Hoards(), 7, 10_000)).Message.ShouldContain("bytes for one input");

    [Fact]
    public void Inputs_that_are_all_refused_are_no_test() =>
        Should.Throw<ShouldAssertException>(() => Fuzzer.Run(new RefusesAll(), 7, 2_000)).Message.ShouldContain("test little");

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        foreach (var type in Targets.Values)
        {
            var (one, two) = ((FuzzTarget)Activator.CreateInstance(type)!, (FuzzTarget)Activator.CreateInstance(type)!);
            for (var i = 0; i < 50; i++) one.Make(new Dice(3, i)).ShouldBe(two.Make(new Dice(3, i)), type.Name);
            (one as IDisposable)?.Dispose();
            (two as IDisposable)?.Dispose();
        }
    }

    private abstract class Planted : FuzzTarget
    {
        public override byte[] Make(Dice dice) => [(byte)dice.Below(256)];
    }

    private sealed class Throws : Planted
    {
        public override bool Take(byte[] input) => input[0] != 0x2A ? input[0] < 9 : throw new InvalidOperationException("planted");
    }

    private sealed class Hoards : Planted
    {
        public override bool Take(byte[] input) => new byte[input[0] == 0x2A ? 1 << 20 : 1].Length == 1 && input[0] < 9;
    }

    private sealed class RefusesAll : Planted
    {
        public override bool Take(byte[] input) => false;
    }
}
