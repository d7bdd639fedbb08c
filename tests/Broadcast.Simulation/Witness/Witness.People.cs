using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

// What people did and were answered (R8), by the witness's own reading of who may what.
internal sealed partial class WorldWitness
{
    private const long SettledMs = 600_000; // What was released while an answer was on its way was not looked at.

    public SpokenRevision Drafted(Person by, Warning draft)
    {
        var devices = DevicesIn(draft.Area);
        reached.Count($"act draft {draft.Kind}");
        CheckReach(by, draft, devices, "draft");
        Require((by.Duties & Duties.Operator) != 0, "R8", $"{by.Id} has no operator's duty and drafted");
        if (!_warnings.TryGetValue(draft.Id, out var spoken)) _warnings[draft.Id] = spoken = new SpokenWarning(draft.Id);
        var revision = new SpokenRevision(draft, devices);
        spoken.Revisions.Add(revision);
        Answered(draft.Id, draft.Revision, "draft");
        return revision;
    }

    public void Approved(Person by, SpokenRevision revision)
    {
        var draft = revision.Draft;
        reached.Count("act approve");
        Require((by.Duties & Duties.Approver) != 0, "R8", $"{by.Id} has no approver's duty and approved");
        var needsTwo = draft.Content.Level is WarningLevel.Red or WarningLevel.Orange || draft.Content.Class is WarningClass.Actual or WarningClass.Exercise or WarningClass.Test or WarningClass.SirenTest;
        Require(!needsTwo || by.Id != draft.Author, "R8", $"{by.Id} approved a {draft.Content.Class} {draft.Content.Level} of their own");
        CheckReach(by, draft, revision.Devices, "approve");
        revision.ApprovedBy = by.Id;
        Answered(draft.Id, draft.Revision, "approve");
    }

    public void Released(Person by, SpokenRevision revision, int targets)
    {
        var draft = revision.Draft;
        reached.Count($"act release {draft.Kind} {draft.Content.Class}");
        Require(revision.ApprovedBy is not null, "R8", $"{draft.Id}/{draft.Revision} was released by {by.Id} and approved by nobody");
        CheckReach(by, draft, revision.Devices, "release");
        Require(targets >= revision.Devices.Count, "R2", $"{draft.Id}/{draft.Revision} went to {targets} devices; its area holds {revision.Devices.Count}");
        foreach (var silenced in draft.Kind == OrderKind.Update ? KnownOf(_warnings[draft.Id]).Where(r => r != revision && r.ReleasedMs < agenda.NowMs - SettledMs) : [])
            CheckReach(by, silenced.Draft, silenced.Devices, "replace");
        if (revision.Released != Certainty.Certain) revision.ReleasedMs = agenda.NowMs;
        revision.Released = Certainty.Certain;
        Answered(draft.Id, draft.Revision, "release");
    }

    public void Cancelled(Person by, SpokenWarning spoken, int revision)
    {
        reached.Count("act cancel");
        if (spoken.Cancelled != Certainty.Certain || spoken.IsCancelLostByRestore) spoken.CancelledMs = agenda.NowMs;
        spoken.Cancelled = Certainty.Certain;
        spoken.IsCancelLostByRestore = false;
        // What it silences at one site or another: who missed an update says the revision before still.
        foreach (var silenced in KnownOf(spoken)) CheckReach(by, silenced.Draft, KnownToldTo(spoken), "cancel");
        Answered(spoken.Id, revision, "cancel");
    }

    /// <summary>Refused with 403: then somebody of less reach or duty must have asked.</summary>
    public void Forbidden(Person by, string act, WarningContent content, IReadOnlySet<string> devices, PersonId? author, WarningId? replaced)
    {
        reached.Count($"forbidden {act}");
        var needsTwo = content.Level is WarningLevel.Red or WarningLevel.Orange || content.Class is WarningClass.Actual or WarningClass.Exercise or WarningClass.Test or WarningClass.SirenTest;
        var own = string.Equals(act, "approve", StringComparison.Ordinal) && by.Id == author && needsTwo;
        var duty = act switch { "draft" or "submit" => Duties.Operator, "approve" => Duties.Approver, _ => Duties.Operator | Duties.Approver };
        // What an act replaces or cancels, it silences: that wants the same reach.
        var silenced = replaced is { } id && _warnings.TryGetValue(id, out var spoken) && spoken.Revisions.Exists(r => !Reaches(by, r.Draft.Content.Class, r.Devices));
        Require(own || silenced || (by.Duties & duty) == 0 || !Reaches(by, content.Class, devices), "R8", $"{by.Id} may {act} and was forbidden to");
    }

    public IReadOnlySet<string> DevicesIn(Area area) =>
        Devices.Where(d => area.Regions.Any(r => d.Village.Code.StartsWith(Digits(r), StringComparison.Ordinal))).Select(d => d.Id).ToHashSet(StringComparer.Ordinal);

    public IReadOnlySet<string> EverTold(SpokenWarning spoken) => Devices.Where(d => spoken.WasEverTold(d.Id)).Select(d => d.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>As far as the ledger can know: a revision that a restored backup does not hold is remembered by devices alone.</summary>
    private static IEnumerable<SpokenRevision> KnownOf(SpokenWarning spoken) => spoken.Revisions.Where(r => r.Released == Certainty.Certain && !r.IsLostByRestore);

    private static HashSet<string> KnownToldTo(SpokenWarning spoken) => KnownOf(spoken).SelectMany(r => r.Devices).ToHashSet(StringComparer.Ordinal);

    /// <summary>A cancel was refused for want of room.</summary>
    public void VitalRefused(string what) => reached.Count($"no room for {what}");

    private readonly HashSet<SpokenRevision> _inBackup = [];
    private long _putBackMs = -1;
    private bool _isBetweenLedgers; // An acknowledgement that is still on its way speaks of the ledger of before.
    private readonly HashSet<WarningId> _cancelsInBackup = [];

    /// <summary>What a backup holds is what was known when it was made.</summary>
    public void BackedUp()
    {
        _inBackup.Clear();
        _cancelsInBackup.Clear();
        _inBackup.UnionWith(_warnings.Values.SelectMany(w => w.Revisions).Where(r => r.Released == Certainty.Certain));
        _cancelsInBackup.UnionWith(_warnings.Values.Where(w => w.Cancelled == Certainty.Certain).Select(w => w.Id));
    }

    /// <summary>The backup is the ledger now: what came after it the cloud owes to nobody, though devices may hold it.</summary>
    public void PutBack()
    {
        foreach (var spoken in _warnings.Values)
        {
            foreach (var revision in spoken.Revisions) revision.IsLostByRestore |= !_inBackup.Contains(revision);
            spoken.IsCancelLostByRestore |= spoken.Cancelled != Certainty.Written && !_cancelsInBackup.Contains(spoken.Id);
        }

        _putBackMs = agenda.NowMs;
        _isBetweenLedgers = true;
        _left.Clear();
        _acknowledged.Clear();
        _answered.Clear();
        _sequences.Clear();
    }

    private void CheckReach(Person by, Warning draft, IReadOnlySet<string> devices, string act) =>
        Require(Reaches(by, draft.Content.Class, devices), "R8", $"{by.Id} of {by.Region} may not {act} {draft.Content.Class} for {string.Join(' ', devices)}, and was let");

    private bool Reaches(Person by, WarningClass @class, IReadOnlySet<string> devices)
    {
        var ranks = @class is WarningClass.Actual or WarningClass.Exercise or WarningClass.SirenTest ? 3 : 5; // County and above; village and above.
        return (int)by.Region.Level <= ranks && devices.All(d => _devices[d].Village.Code.StartsWith(Digits(by.Region), StringComparison.Ordinal));
    }

    private static string Digits(Region region) => region.Code[..(region.Level switch
    {
        RegionLevel.Province => 2, RegionLevel.City => 4, RegionLevel.County => 6, RegionLevel.Township => 9, RegionLevel.Village => 12, _ => 0,
    })];
}
