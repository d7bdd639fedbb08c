namespace Broadcast.Rules;

/// <summary>What people and the clock do to a revision.</summary>
public enum WarningAct { Submit, Approve, Reject, Release, Withdraw, Supersede, Cancel, End }

/// <summary>The life of a revision as one table. What is not in it does not happen.</summary>
public static class WarningLife
{
    /// <summary>A row: in state From, the act leads to To, and a person needs the duty (none: the system itself).</summary>
    public readonly record struct Step(WarningState From, WarningAct Act, WarningState To, Duties Duty);

    public static readonly IReadOnlyList<Step> Table =
    [
        new(WarningState.Draft, WarningAct.Submit, WarningState.Submitted, Duties.Operator),
        new(WarningState.Draft, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator),
        new(WarningState.Submitted, WarningAct.Approve, WarningState.Approved, Duties.Approver),
        new(WarningState.Submitted, WarningAct.Reject, WarningState.Rejected, Duties.Approver),
        new(WarningState.Submitted, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator),
        new(WarningState.Approved, WarningAct.Release, WarningState.Released, Duties.Operator | Duties.Approver),
        new(WarningState.Approved, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator | Duties.Approver),
        new(WarningState.Released, WarningAct.Supersede, WarningState.Superseded, Duties.None),
        new(WarningState.Released, WarningAct.Cancel, WarningState.Cancelled, Duties.Operator | Duties.Approver),
        // What began in time is said to its end: it can be silenced after its validity, too.
        new(WarningState.Ended, WarningAct.Cancel, WarningState.Cancelled, Duties.Operator | Duties.Approver),
        new(WarningState.Released, WarningAct.End, WarningState.Ended, Duties.None),
    ];

    /// <summary>
    /// How long something may still sound after its validity has ended: five hundred characters twenty times take an hour at the slowest
    /// speech. A cancel is taken, and lives, that much longer.
    /// </summary>
    public static readonly TimeSpan SoundsOnMax = TimeSpan.FromHours(2);

    /// <summary>The row for an act in a state; null where the act does not exist there.</summary>
    public static Step? Find(WarningState from, WarningAct act)
    {
        foreach (var step in Table)
        {
            if (step.From == from && step.Act == act) return step;
        }

        return null;
    }
}
