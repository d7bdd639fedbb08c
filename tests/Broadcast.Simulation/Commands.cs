using System.Globalization;
using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

/// <summary>The command line: a swarm of seeds for so many minutes, or one seed again, told step by step.</summary>
internal static class Commands
{
    private const string Usage = "simulate [--minutes M] [--seeds K] [--seed N] [--days D] [--threads T] [--failures F] [--quiet]\n"
        + "  --minutes M   live seeds for M minutes (1)\n  --seeds K     or K of them\n  --seed N      begin with seed N; alone: live it once, tell every step, shrink it if it fails\n"
        + "  --days D      virtual days of each seed (1)\n  --threads T   worlds at once (2)";

    public static int Run(string[] args, TextWriter output)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal) { ["--days"] = 1, ["--threads"] = 2, ["--failures"] = 1 };
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quiet") values["--quiet"] = 1;
            else if (i + 1 < args.Length && args[i] is "--minutes" or "--seeds" or "--seed" or "--days" or "--threads" or "--failures"
                && double.TryParse(args[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0) values[args[i++]] = value;
            else
            {
                output.WriteLine($"'{args[i]}' is no option of this, or lacks its number.\n{Usage}");
                return 2;
            }
        }

        var days = Math.Clamp(values["--days"], 0.01, 100);
        if (values.TryGetValue("--seed", out var seed) && !values.ContainsKey("--minutes") && !values.ContainsKey("--seeds")) return Again((int)seed, days, values.ContainsKey("--quiet"), output);
        return Swarm((int)values.GetValueOrDefault("--seed", 1), days, values, output);
    }

    private static int Swarm(int seed, double days, Dictionary<string, double> values, TextWriter output)
    {
        var swarm = new Swarm(seed, days, Math.Clamp((int)values["--threads"], 1, 64));
        var minutes = values.TryGetValue("--minutes", out var m) ? TimeSpan.FromMinutes(m) : values.ContainsKey("--seeds") ? TimeSpan.FromDays(1) : TimeSpan.FromMinutes(1);
        var told = TimeSpan.Zero;
        swarm.Run((int)values.GetValueOrDefault("--seeds", int.MaxValue / 2), minutes, (int)values["--failures"], (s, outcome) =>
        {
            lock (output)
            {
                if (outcome.Broken is not null) output.WriteLine(Failure(outcome, days)); // At once: nobody waits for the end of a night to begin with it.
                if (s.Took - told < TimeSpan.FromSeconds(10)) return;
                told = s.Took;
                output.WriteLine(s);
                output.Flush();
            }
        });
        Tell(swarm.Reached, output);
        foreach (var outcome in swarm.Failed) output.WriteLine(Failure(outcome, days));
        output.WriteLine(swarm);
        return swarm.Failed.Count > 0 ? 1 : 0;
    }

    private static string Failure(Outcome outcome, double days) =>
        $"seed {outcome.Plan.Seed}: {outcome.Broken}\n  again: ./broadcast simulate --seed {outcome.Plan.Seed} --days {days.ToString(CultureInfo.InvariantCulture)}";

    private static int Again(int seed, double days, bool quiet, TextWriter output)
    {
        var plan = Plan.Draw(seed, days);
        var outcome = Live(plan, quiet ? null : output.WriteLine);
        if (outcome.Broken is not { } broken)
        {
            output.WriteLine($"seed {seed}: no rule was broken in {outcome.Steps} steps, trace {outcome.Trace:x}");
            return 0;
        }

        output.WriteLine($"seed {seed}: {broken}\n{outcome.Steps} steps, trace {outcome.Trace:x}; making it smaller …");
        var (smallest, tries) = Shrink.ToSmallest(plan, p => Live(p, null).Broken?.Rule == broken.Rule, 300);
        output.WriteLine($"{smallest.Happenings.Count} of {plan.Happenings.Count} deeds are enough (found in {tries} worlds):");
        Live(smallest, output.WriteLine);
        output.WriteLine(Live(smallest, null).Broken);
        return 1;
    }

    private static Outcome Live(Plan plan, Action<string>? tell)
    {
        using var world = new World(plan, new Reached()) { Tell = tell };
        return world.Run();
    }

    private static void Tell(Reached reached, TextWriter output)
    {
        foreach (var (what, n) in reached.All) output.WriteLine($"  {n,10} {what}");
        var missing = Expected().Where(what => !reached.All.Any(r => r.Key.StartsWith(what, StringComparison.Ordinal))).ToList();
        output.WriteLine(missing.Count == 0 ? "Every branch that is counted was reached." : $"Not reached: {string.Join(", ", missing)}");
    }

    /// <summary>What a long run should come to.</summary>
    public static IEnumerable<string> Expected() =>
    [
        .. Enum.GetValues<Deed>().Select(d => $"deed {d}"),
        .. Enum.GetValues<OrderState>().Select(s => $"order Alert {s}"),
        .. new[] { OrderState.Queued, OrderState.Sent, OrderState.Received, OrderState.Refused, OrderState.Expired }.Select(s => $"order Cancel {s}"),
        .. Enum.GetValues<ReceiptState>().Select(s => $"receipt {s}"),
        .. new[] { Refusal.Expired, Refusal.NotYetKnownTime, Refusal.Replayed, Refusal.Cancelled, Refusal.Superseded, Refusal.QueueFull }.Select(r => $"receipt Refused {r}"),
        .. new[] { StopReason.Cancelled, StopReason.Superseded, StopReason.Expired, StopReason.Operator }.Select(r => $"receipt Stopped {r}"),
        .. Enum.GetValues<WarningClass>().Where(c => c != WarningClass.LiveSpeech).Select(c => $"sounds {c}"), // Live speech is none of the simulated body's.
        .. new[] { WarningState.Draft, WarningState.Submitted, WarningState.Approved, WarningState.Released, WarningState.Superseded, WarningState.Cancelled, WarningState.Ended }.Select(s => $"warning Alert {s}"),
        "forbidden draft", "forbidden approve", "forbidden release", "forbidden cancel", "release answered again", "cloud lost power", "cloud process died", "backup put back", "standing order after a restore", "refused release 507", "siren",
        "township told a LocalAlarm without an uplink", "sounds a delegated LocalAlarm", "sounds a delegated LocalNotice", "delegated order heard", "receipt of a delegated order in the ledger", "revocation heard", "delegation revoked",
        "child moves to its Pi", "child moves to the cloud", .. Enumerable.Range(0, 7).Select(i => $"stolen Pi: misuse {i}"),
        .. Enum.GetValues<SoundCheck>().Select(c => $"played, {c}"), "ledger waited for more of a burst", "device rekeyed", "township's Pi rekeyed", "order under keys that are out of force", "receipt under keys that are out of force",
    ];
}
