using System.Diagnostics;
using System.Globalization;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

/// <summary>Lives seed after seed, each with fault weights of its own, on so many threads, until the time is up, the seeds are through or one fails.</summary>
internal sealed class Swarm(int firstSeed, double daysEach, int threads)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private int _next = firstSeed - 1;

    public Reached Reached { get; } = new();

    public double Days { get; private set; }

    public long Steps { get; private set; }

    public int Seeds { get; private set; }

    public TimeSpan Took => _watch.Elapsed;

    public List<Outcome> Failed { get; } = [];

    /// <param name="seedsMax">Seeds to live at most.</param>
    /// <param name="timeMax">Real time after which no other seed begins.</param>
    /// <param name="failuresMax">Failures after which no other seed begins.</param>
    /// <param name="progress">Called after each seed with its outcome.</param>
    public void Run(int seedsMax, TimeSpan timeMax, int failuresMax, Action<Swarm, Outcome>? progress = null)
    {
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (TryTake(seedsMax, timeMax, failuresMax, out var seed))
            {
                using var world = new World(Plan.Draw(seed, daysEach), Reached);
                var outcome = world.Run();
                Note(outcome);
                progress?.Invoke(this, outcome);
            }
        })).ToList();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Seeds} seeds, {Days:F0} virtual days in {Took.TotalSeconds:F0} s ({Days / Math.Max(0.001, Took.TotalSeconds):F1} a second), {Steps} steps, {Failed.Count} failed");

    private bool TryTake(int seedsMax, TimeSpan timeMax, int failuresMax, out int seed)
    {
        lock (_gate)
        {
            seed = _next + 1;
            if (seed >= firstSeed + seedsMax || Took >= timeMax || Failed.Count >= failuresMax) return false;
            _next = seed;
            return true;
        }
    }

    private void Note(Outcome outcome)
    {
        lock (_gate)
        {
            Seeds++;
            Days += outcome.Plan.Days;
            Steps += outcome.Steps;
            if (outcome.Broken is not null) Failed.Add(outcome);
        }
    }
}
