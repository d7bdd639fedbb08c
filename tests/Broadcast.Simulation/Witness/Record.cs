using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Simulation.Witness;

/// <summary>How sure the witness is that a revision was released: a crash can take the answer away.</summary>
internal enum Certainty { Written, Maybe, Certain }

/// <summary>One revision as its author wrote it, and for whom.</summary>
internal sealed class SpokenRevision(Warning draft, IReadOnlySet<string> devices)
{
    public Warning Draft => draft;

    public int Number => draft.Revision;

    /// <summary>Devices that it speaks to, by the witness's own reading of the area.</summary>
    public IReadOnlySet<string> Devices => devices;

    public PersonId? ApprovedBy { get; set; }

    public Certainty Released { get; set; }

    public long ReleasedMs { get; set; }

    /// <summary>A backup without it was put back: the ledger owes it to nobody any more.</summary>
    public bool IsLostByRestore { get; set; }

    public long ExpiresMs => draft.Expires.ToUnixTimeMilliseconds();

    public long NotBeforeMs => draft.NotBefore.ToUnixTimeMilliseconds();

    /// <summary>Whether an order says what was written.</summary>
    public bool Says(Order order) => order.Revision == Number && order.Kind == draft.Kind && order.Class == draft.Content.Class && order.Level == draft.Content.Level
        && order.Text == draft.Content.Text && order.Repetitions == draft.Content.Repetitions && order.Siren == draft.Content.Siren && order.ToneMs == draft.Content.ToneMs
        && order.ExpiresMs == ExpiresMs && order.NotBeforeMs == NotBeforeMs && order.Issuer == draft.Issuer.Level;
}

/// <summary>A warning over all its revisions, as the witness saw people speak it.</summary>
internal sealed class SpokenWarning(WarningId id)
{
    public WarningId Id => id;

    public List<SpokenRevision> Revisions { get; } = [];

    /// <summary>When somebody first asked to cancel it; what is known of the answer.</summary>
    public Certainty Cancelled { get; set; }

    public long CancelledMs { get; set; } = long.MaxValue;

    public bool IsCancelLostByRestore { get; set; }

    /// <summary>The revision that speaks now for all that the witness knows; null where there is none.</summary>
    public SpokenRevision? Newest => Revisions.FindLast(r => r.Released == Certainty.Certain && !r.IsLostByRestore);

    public bool WasEverTold(string device) => Revisions.Exists(r => r.Released != Certainty.Written && r.Devices.Contains(device));
}

/// <summary>What a device's receipts said, as it sealed them.</summary>
internal readonly record struct SealedReceipt(WarningId Warning, int Revision, long Sequence, ReceiptState State, byte Reason, int Attempt, long AtMs, ClockQuality Clock, long Number, long TrueMs);
