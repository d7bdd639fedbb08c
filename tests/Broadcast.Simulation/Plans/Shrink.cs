namespace Broadcast.Simulation.Plans;

/// <summary>Makes a failing plan small: leaves out what it does not need, half of it at a time, then a quarter, then one by one.</summary>
internal static class Shrink
{
    /// <param name="plan">A plan that fails.</param>
    /// <param name="fails">Whether a smaller plan still fails in the same rule.</param>
    /// <param name="triesMax">How many worlds may be lived for it.</param>
    public static (Plan Plan, int Tries) ToSmallest(Plan plan, Func<Plan, bool> fails, int triesMax)
    {
        var tries = 0;
        for (var piece = Math.Max(1, plan.Happenings.Count / 2); ; piece = Math.Max(1, piece / 2))
        {
            var smaller = false;
            for (var from = 0; from < plan.Happenings.Count && tries < triesMax;)
            {
                var rest = plan.With(plan.Happenings.Take(from).Concat(plan.Happenings.Skip(from + piece)));
                tries++;
                if (fails(rest)) (plan, smaller) = (rest, true);
                else from += piece;
            }

            if (tries >= triesMax || (piece == 1 && !smaller)) return (plan, tries);
        }
    }
}
