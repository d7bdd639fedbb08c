namespace Broadcast.Simulation.Plans;

/// <summary>
/// What a world has beside a cloud and its devices. Drawn with dice of its own and for five seeds of twelve, none of which once found anything
/// (SeedTests): what the others draw is what they drew before there was any of this.
/// </summary>
/// <param name="Children">Devices that a township's Pi carries; 0 where there is none.</param>
/// <param name="Measures">Whether the loudspeakers' current is measured.</param>
/// <param name="Rekeys">Whether devices are given other keys while somebody goes on with the old ones.</param>
/// <param name="WaitsInBursts">Whether the ledger waits for more in a burst.</param>
internal sealed record Stories(int Children, bool Measures, bool Rekeys, bool WaitsInBursts)
{
    public const int ChildrenMax = 4;

    public static Stories None { get; } = new(0, false, false, false);

    /// <summary>Draws what a seed has, and adds what happens for it.</summary>
    public static Stories Draw(int seed, List<Episode> episodes, List<Happening> happenings)
    {
        if (seed % 12 is not (3 or 4 or 6 or 8 or 9)) return None;
        var dice = new Random(seed ^ 0x70e5);
        var stories = new Stories(dice.Next(4) == 0 ? 0 : dice.Next(1, ChildrenMax + 1), dice.Next(2) == 0, dice.Next(2) == 0, dice.Next(2) == 0);
        Deed[] deeds = [.. stories.Children > 0 ? Enum.GetValues<Deed>().Where(d => d is >= Deed.TownshipSpeaks and < Deed.Rekey) : [], .. stories.Rekeys ? [Deed.Rekey] : Array.Empty<Deed>()];
        if (deeds.Length == 0) return stories;
        foreach (var episode in episodes)
        {
            for (var i = dice.Next(1, 9); i > 0; i--)
            {
                var deed = dice.Next(2) == 0 && stories.Children > 0 ? Deed.TownshipSpeaks : deeds[dice.Next(deeds.Length)];
                happenings.Add(new Happening(episode.FromMs + dice.NextInt64(episode.TroubleMs), deed, dice.Next(), dice.Next(), dice.Next()));
            }
        }

        return stories;
    }
}
