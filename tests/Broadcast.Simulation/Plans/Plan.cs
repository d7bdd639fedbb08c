namespace Broadcast.Simulation.Plans;

/// <summary>Everything that a seed decides before the world begins.</summary>
internal sealed record Plan(int Seed, long EndMs, IReadOnlyList<Episode> Episodes, IReadOnlyList<Happening> Happenings)
{
    private const long MinuteMs = 60_000, HourMs = 60 * MinuteMs, DayMs = 24 * HourMs;

    public int Devices { get; init; }

    public TimeSpan KeepAlive { get; init; }

    /// <summary>What it has beside a cloud and its devices.</summary>
    public Stories Stories { get; init; } = Stories.None;

    /// <summary>The longest way of a packet, in an ordinary hour.</summary>
    public int DelayMsMax { get; init; }

    public double Days => (double)EndMs / DayMs;

    /// <summary>What can be counted on: after this long of fair weather everything has come right. Reconnecting, the patience of both ends, the retry of a minute.</summary>
    public static long HealMsOf(TimeSpan keepAlive) => (long)(keepAlive.TotalMilliseconds * 2) + (6 * MinuteMs);

    /// <summary>Draws a plan. Each seed has weights of its own, many of them nought: a fault that never comes lets others go further.</summary>
    public static Plan Draw(int seed, double days)
    {
        var dice = new Random(seed);
        var keepAlive = TimeSpan.FromSeconds(dice.Next(4) == 0 ? 60 : 300);
        var weights = Weights(dice);
        var end = (long)(days * DayMs);
        var episodes = new List<Episode>();
        var happenings = new List<Happening>();
        var wildest = dice.Next(3, 30);
        for (var at = 2 * MinuteMs; ;)
        {
            var episode = new Episode(at, dice.NextInt64(2 * MinuteMs, 30 * MinuteMs), HealMsOf(keepAlive));
            if (episode.CheckAtMs > end && episodes.Count > 0) break;
            episodes.Add(episode);
            for (var i = dice.Next(2, wildest); i > 0; i--) happenings.Add(Draw(dice, weights, episode));
            at = episode.CheckAtMs + dice.NextInt64(10 * MinuteMs, 9 * HourMs);
        }

        if (seed % 3 == 0) happenings.AddRange(Extra(new Random(seed ^ 0x0e47a), episodes)); // The others draw what they drew before there were any.
        var stories = Stories.Draw(seed, episodes, happenings);

        return new Plan(seed, Math.Max(end, episodes[^1].CheckAtMs + 1), episodes, [.. happenings.OrderBy(h => h.AtMs)])
        {
            Devices = dice.Next(1, 7),
            KeepAlive = keepAlive,
            Stories = stories,
            DelayMsMax = dice.Next(3) switch { 0 => 5, 1 => 300, _ => 4_000 },
        };
    }

    public Plan With(IEnumerable<Happening> happenings) => this with { Happenings = [.. happenings] };

    // Whole stories that single deeds come to too seldom.
    private static IEnumerable<Happening> Extra(Random dice, List<Episode> episodes)
    {
        foreach (var episode in episodes)
        {
            if (dice.Next(2) > 0) continue;
            yield return new Happening(episode.FromMs + dice.NextInt64(episode.TroubleMs), (Deed)dice.Next((int)Deed.LostUpdate, (int)Deed.OldOrder + 1), dice.Next(), dice.Next(), dice.Next());
        }
    }

    private static Happening Draw(Random dice, (Deed Deed, double UpTo)[] weights, Episode episode)
    {
        var point = dice.NextDouble() * weights[^1].UpTo;
        var deed = Array.Find(weights, w => point <= w.UpTo).Deed;
        // Troubles come together: half of them within seconds of one another.
        var at = dice.Next(2) == 0 ? dice.NextInt64(episode.TroubleMs) : Math.Min(episode.TroubleMs - 1, (episode.TroubleMs / 3) + dice.NextInt64(20_000));
        return new Happening(episode.FromMs + at, deed, dice.Next(), dice.Next(), dice.Next());
    }

    private static (Deed, double)[] Weights(Random dice)
    {
        var sum = 0.0;
        var weights = new List<(Deed, double)>();
        foreach (var deed in Enum.GetValues<Deed>().Where(d => d < Deed.LostUpdate))
        {
            var ordinary = deed switch { Deed.Say => 10, Deed.Update or Deed.Cancel => 4, Deed.Restore => 0.15, Deed.Backup => 0.5, Deed.LoseFlash => 0.5, _ => 1.0 };
            var weight = deed == Deed.Say ? ordinary : dice.Next(5) < 2 ? 0 : ordinary * Math.Exp((dice.NextDouble() * 3) - 1.5);
            if (weight > 0) weights.Add((deed, sum += weight));
        }

        return [.. weights];
    }
}
