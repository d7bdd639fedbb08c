using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>What a run came to.</summary>
internal readonly record struct FuzzOutcome(long Inputs, long Taken, long AllocatedBytesMost, TimeSpan Making, TimeSpan Reading);

/// <summary>
/// Feeds a reader. Whatever it throws, and whatever memory it takes beyond its bound, is a failure that names target, seed, index and
/// the bytes; BROADCAST_FUZZ_REPLAY="Target:hex" feeds exactly these again.
/// </summary>
internal static class Fuzzer
{
    public const ulong Seed = 20_261_121;
    private const long InputsLong = 10_000_000;

    /// <summary>Inputs of this run: BROADCAST_FUZZ_INPUTS where it is set, ten million in a long run, else what is usual of the target.</summary>
    public static long InputsOf(FuzzTarget target)
    {
        if (long.TryParse(Environment.GetEnvironmentVariable("BROADCAST_FUZZ_INPUTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked)) return asked;
        return Environment.GetEnvironmentVariable("BROADCAST_LONG") == "1" ? InputsLong / (100_000 / target.InputsUsual) : target.InputsUsual;
    }

    public static ulong SeedOfRun => ulong.TryParse(Environment.GetEnvironmentVariable("BROADCAST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : Seed;

    /// <exception cref="ShouldAssertException">Something did not hold; the message says how to see it again.</exception>
    public static FuzzOutcome Run(FuzzTarget target, ulong seed, long inputs)
    {
        if (Replay(target) is { } again)
        {
            target.Take(again);
            return new FuzzOutcome(1, 1, 0, TimeSpan.Zero, TimeSpan.Zero);
        }

        // What the first inputs load and compile is not theirs.
        for (var i = 0; i < 50; i++) Try(target, seed, -1 - i, target.Make(new Dice(seed, -1 - i)));
        var (index, input) = (0L, Array.Empty<byte>());
        using var watchdog = new Watchdog(() => Describe(target, seed, Volatile.Read(ref index), input));
        long taken = 0, most = 0, reading = 0;
        var begun = Stopwatch.GetTimestamp();
        for (index = 0; index < inputs; index++)
        {
            input = target.Make(new Dice(seed, index));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = watchdog.Begin();
            if (Try(target, seed, index, input)) taken++;
            reading += watchdog.End() - read;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            if (allocated > target.AllocatedBytesMax + ((long)target.AllocatedBytesOfByte * input.Length))
                throw new ShouldAssertException($"{allocated} bytes for one input of {input.Length}; {Describe(target, seed, index, input)}");
        }

        if (taken < inputs / target.OneTakenOf || taken == inputs) throw new ShouldAssertException($"{target}, seed {seed}: {taken} of {inputs} taken; such inputs test little.");
        return new FuzzOutcome(inputs, taken, most, Stopwatch.GetElapsedTime(begun) - Stopwatch.GetElapsedTime(0, reading), Stopwatch.GetElapsedTime(0, reading));
    }

    private static bool Try(FuzzTarget target, ulong seed, long index, byte[] input)
    {
        try
        {
            return target.Take(input);
        }
        catch (Exception e)
        {
            throw new ShouldAssertException($"{e.GetType().Name}: {e.Message}\n{Describe(target, seed, index, input)}", e);
        }
    }

    private static string Describe(FuzzTarget target, ulong seed, long index, byte[] input) =>
        $"seed {seed}, input {index}; again: BROADCAST_FUZZ_REPLAY={target}:{Convert.ToHexString(input)}";

    private static byte[]? Replay(FuzzTarget target) =>
        Environment.GetEnvironmentVariable("BROADCAST_FUZZ_REPLAY")?.Split(':') is [var name, var hex] && name == target.ToString() ? Convert.FromHexString(hex) : null;
}
