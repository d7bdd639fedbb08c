namespace Broadcast.Simulation.Witness;

/// <summary>A rule was broken, and how it showed.</summary>
internal sealed record BrokenRule(string Rule, string Text, long AtMs)
{
    public override string ToString() => $"{Rule} at {TimeSpan.FromMilliseconds(AtMs):d\\.hh\\:mm\\:ss\\.fff}: {Text}";
}
