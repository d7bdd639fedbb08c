using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>Who does something, in the words of the audit trail: a person, or a part of the system itself.</summary>
public readonly record struct Actor
{
    private Actor(string name) => Name = name;

    /// <summary><c>person:li-wei</c> or <c>system:expiry</c>.</summary>
    public string Name => field ?? "system:unnamed";

    public static Actor Of(PersonId person) => new("person:" + person.Value);

    public static Actor System(string part) => new("system:" + part);

    public override string ToString() => Name;
}

/// <summary>A site to speak to, and what its order does there: a site that an update drops gets <see cref="OrderKind.Cancel"/>.</summary>
public readonly record struct ReleaseTarget(Target Target, OrderKind Kind);

/// <summary>One release: the revision, whom it goes to, who does it, and the key under which a repeat of the request finds the first answer.</summary>
/// <param name="Revision">An approved Alert or Update; or a Cancel, which needs no row of its own before.</param>
/// <param name="IdempotencyKey">1–64 characters, of that actor.</param>
/// <param name="RequestHash">A hash of the request, so that another request under the same key shows.</param>
/// <param name="Reason">Why, in the person's own words, for the audit trail; at most 200 characters.</param>
public sealed record ReleaseRequest(
    Warning Revision, IReadOnlyList<ReleaseTarget> Targets, Actor Actor, string IdempotencyKey, byte[] RequestHash, string? Reason = null);

/// <summary>What became of a release.</summary>
public abstract record ReleaseResult
{
    private ReleaseResult() { }

    /// <summary>Committed.</summary>
    /// <param name="Revision">As released; a Cancel whose number was taken meanwhile has the next free one.</param>
    /// <param name="Orders">One a target, with its sequence number.</param>
    public sealed record Done(Warning Revision, IReadOnlyList<OrderRecord> Orders, long Commit) : ReleaseResult;

    /// <summary>The same request came before: this is what it did, the orders as they are now.</summary>
    public sealed record Repeated(Warning Revision, IReadOnlyList<OrderRecord> Orders, long Commit) : ReleaseResult;

    /// <summary>The key was used for another request; nothing was done.</summary>
    public sealed record KeyReused : ReleaseResult { public static readonly KeyReused Instance = new(); }

    /// <summary>The revision is not approved, or what it updates or cancels is no longer released; nothing was done.</summary>
    /// <param name="Current">The state that stands in the way; null where there is no such warning.</param>
    public sealed record NotApproved(WarningState? Current) : ReleaseResult;

    /// <summary>The disk is full and this is neither a cancel nor an actual red; nothing was done.</summary>
    public sealed record StorageFull : ReleaseResult { public static readonly StorageFull Instance = new(); }
}
