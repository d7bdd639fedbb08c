using System.Globalization;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

internal static class Commands
{
    public static int Run(string[] args, TextWriter output)
    {
        var seed = int.Parse(args[0], CultureInfo.InvariantCulture);
        var count = int.Parse(args[1], CultureInfo.InvariantCulture);
        var days = double.Parse(args[2], CultureInfo.InvariantCulture);
        var reached = new Reached();
        var failed = 0;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var s = seed; s < seed + count; s++)
        {
            var plan = Plan.Draw(s, days);
            using var world = new World(plan, reached) { Tell = args.Length > 3 ? output.WriteLine : null };
            var outcome = world.Run();
            output.WriteLine($"seed {s}: {plan.Days:F1} days {plan.Devices} devices {plan.Happenings.Count} deeds {outcome.Steps} steps trace {outcome.Trace:x} {watch.Elapsed.TotalSeconds:F1} s {outcome.Broken}");
            if (outcome.Broken is not null) failed++;
        }

        foreach (var (what, n) in reached.All) output.WriteLine($"  {n,8} {what}");
        return failed > 0 ? 1 : 0;
    }
}
