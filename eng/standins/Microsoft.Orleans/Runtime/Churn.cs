using System.Globalization;

namespace Orleans.Runtime;

/// <summary>
/// Collects idle grains at random, so that a suite shows what is lost with a grain's memory.
/// ORLEANS_STANDIN_CHURN=20 takes an idle grain away after about one turn in twenty; ORLEANS_STANDIN_CHURN_SEED repeats a run's choices.
/// </summary>
internal sealed class Churn(int oneIn, int seed)
{
    private readonly Random random = new(seed);

    public static Churn FromEnvironment() => new(Number("ORLEANS_STANDIN_CHURN") ?? 0, Number("ORLEANS_STANDIN_CHURN_SEED") ?? 1);

    public void AfterTurn(Activation activation)
    {
        if (oneIn > 0 && Chosen())
            activation.TryCollect(TimeSpan.Zero, TimeProvider.System.GetUtcNow());
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    private bool Chosen()
    {
        lock (random)
            return random.Next(oneIn) == 0;
    }
}
