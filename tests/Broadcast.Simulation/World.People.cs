using Broadcast.Cloud.Http;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

// People at their desks: each does one thing after another, waits for the answer, and asks again where none came.
internal sealed partial class World
{
    private const long AskAgainMs = 7_000, ThinkMsMax = 4_000;
    private const int TriesMax = 40;

    private sealed class Asked(Task task, Action answered, Action unanswered)
    {
        public Task Task => task;

        public void Answered() => answered();

        public void Unanswered() => unanswered();
    }

    /// <summary>Asks the desk; <paramref name="then"/> gets the answer, or null where the cloud is not there or died over it.</summary>
    private void Ask<T>(Func<WarningDesk, Task<T>> what, Action<T?> then) where T : class => AskCloud(cloud => what(cloud.Desk), then);

    private void AskCloud<T>(Func<SimulatedCloud, Task<T>> what, Action<T?> then) where T : class
    {
        Interest();
        if (_cloud is not { } cloud)
        {
            then(null);
            return;
        }

        var task = cloud.Process.Begin(() => what(cloud));
        _asked.Add(new Asked(task, () => then(task.GetAwaiter().GetResult()), () => then(null)));
    }

    private void Answer()
    {
        foreach (var asked in _asked.Where(a => a.Task.IsCompleted).ToArray())
        {
            _asked.Remove(asked);
            if (asked.Task.IsCompletedSuccessfully) asked.Answered();
            else if (asked.Task.Exception?.InnerException is IOException) asked.Unanswered();
            else
            {
                _witness.Fail("R10", $"a person's act ended in {asked.Task.Exception?.InnerException}");
                asked.Unanswered();
            }
        }
    }

    /// <summary>Says something new, or an update of what is said.</summary>
    private void Say(Happening h, WarningId? updated)
    {
        var dice = new Random(h.A);
        var people = Enumerable.Range(0, 3).Select(_ => Places.People[dice.Next(3) == 0 ? dice.Next(Places.People.Length) : dice.Next(3)]).ToArray();
        if (dice.Next(3) > 0) (people[0], people[1]) = (Places.People[0], Places.People[1]);
        var body = Write(new Random(h.B), new Random(h.C));
        Draft(people, body, updated, dice, TriesMax);
    }

    private void Draft(Person[] people, WarningBody body, WarningId? updated, Random dice, int tries) => Ask(desk => desk.DraftAsync(people[0], body, updated, default), answer =>
    {
        if (answer is null)
        {
            if (tries > 0) _agenda.In(AskAgainMs, () => Draft(people, body, updated, dice, tries - 1));
            return;
        }

        var place = AreaBody.Read(body.Area, []);
        if (answer.Status == 403) _witness.Forbidden(people[0], "draft", answer.Warning?.Content ?? ContentOf(body), _witness.DevicesIn(place), null, updated);
        if (answer.Warning is not { } draft)
        {
            _reached.Count($"refused draft {answer.Status} {answer.Problems[0].Code}");
            return;
        }

        Note($"{people[0].Id} drafts {draft.Kind} {draft.Content.Class} {draft.Content.Level}");
        var revision = _witness.Drafted(people[0], draft);
        After(dice, () => Act(people, revision, WarningAct.Submit, dice, TriesMax));
    });

    private void Act(Person[] people, SpokenRevision revision, WarningAct act, Random dice, int tries)
    {
        var by = act == WarningAct.Approve ? people[1] : people[0];
        Ask(desk => desk.ActAsync(by, revision.Draft.Id, revision.Number, act, default), answer =>
        {
            if (answer is null)
            {
                if (tries > 0) _agenda.In(AskAgainMs, () => Act(people, revision, act, dice, tries - 1));
                return;
            }

            if (answer.Status == 403) _witness.Forbidden(by, act == WarningAct.Approve ? "approve" : "submit", revision.Draft.Content, revision.Devices, revision.Draft.Author, revision.Draft.Kind == OrderKind.Update ? revision.Draft.Id : null);
            // Wrong state: the first try was kept though its answer was lost, or somebody else was faster. Going on shows which.
            if (answer.Status is not (200 or 409))
            {
                _reached.Count($"refused {act} {answer.Status} {answer.Problems[0].Code}");
                return;
            }

            if (act == WarningAct.Approve && answer.Status == 200) _witness.Approved(by, revision);
            if (act == WarningAct.Approve && answer.Status == 409 && tries < TriesMax) revision.ApprovedBy ??= by.Id;
            if (act == WarningAct.Submit) After(dice, () => Act(people, revision, WarningAct.Approve, dice, TriesMax));
            else After(dice, () => Release(people[2], revision, $"k{dice.Next()}", dice, TriesMax));
        });
    }

    private void Release(Person by, SpokenRevision revision, string key, Random dice, int tries)
    {
        var before = revision.Released;
        if (revision.Released == Certainty.Written) (revision.Released, revision.ReleasedMs) = (Certainty.Maybe, _agenda.NowMs);
        Ask(desk => desk.ReleaseAsync(by, revision.Draft.Id, revision.Number, key, default), answer =>
        {
            if (answer is null)
            {
                revision.ReleasedMs = _agenda.NowMs;
                if (tries > 0) _agenda.In(AskAgainMs, () => Release(by, revision, key, dice, tries - 1));
                return;
            }

            if (answer.View is { } view)
            {
                Note($"{by.Id} releases revision {revision.Number} to {view.Targets}{(view.Repeated ? ", again" : "")}");
                _reached.Count(view.Repeated ? "release answered again" : "release answered");
                _witness.Released(by, revision, view.Targets);
                return;
            }

            if (answer.Status == 403) _witness.Forbidden(by, "release", revision.Draft.Content, revision.Devices, null, revision.Draft.Kind == OrderKind.Update ? revision.Draft.Id : null);
            _reached.Count($"refused release {answer.Status} {answer.Problems[0].Code}");
            if (before == Certainty.Written && revision.Released == Certainty.Maybe) revision.Released = Certainty.Written;
            if (answer.Status == 507 && tries > 0) _agenda.In(AskAgainMs * 5, () => Release(by, revision, key, dice, tries - 1));
        });
    }

    private void Cancel(Happening h)
    {
        if (Pick(h.A) is not { } spoken) return;
        var by = Places.People[h.B % 3 == 0 ? h.C % Places.People.Length : h.C % 3];
        Cancel(by, spoken, $"c{h.B}", TriesMax);
    }

    private void Cancel(Person by, SpokenWarning spoken, string key, int tries)
    {
        var before = spoken.Cancelled;
        if (before == Certainty.Written) (spoken.Cancelled, spoken.CancelledMs) = (Certainty.Maybe, _agenda.NowMs);
        Ask(desk => desk.CancelAsync(by, spoken.Id, key, "it is over", default), answer =>
        {
            if (answer is null)
            {
                if (tries > 0) _agenda.In(AskAgainMs, () => Cancel(by, spoken, key, tries - 1));
                return;
            }

            if (answer.View is { } view)
            {
                Note($"{by.Id} cancels with revision {view.Revision}, {view.Targets} targets");
                _witness.Cancelled(by, spoken, view.Revision);
                return;
            }

            if (answer.Status == 403) _witness.Forbidden(by, "cancel", spoken.Revisions[0].Draft.Content, _witness.EverTold(spoken), null, spoken.Id);
            if (answer.Status == 507) _witness.VitalRefused("a cancel");
            _reached.Count($"refused cancel {answer.Status} {answer.Problems[0].Code}");
            if (before == Certainty.Written && spoken.Cancelled == Certainty.Maybe && tries == TriesMax) (spoken.Cancelled, spoken.CancelledMs) = (Certainty.Written, long.MaxValue);
        });
    }

    private SpokenWarning? Pick(int number)
    {
        var recent = _witness.Warnings.Values.TakeLast(6).ToArray();
        return recent.Length == 0 ? null : recent[number % recent.Length];
    }

    private void After(Random dice, Action act) => _agenda.In(dice.NextInt64(ThinkMsMax), act);

    private static WarningContent ContentOf(WarningBody body)
    {
        Wording.TryRead<WarningClass>(body.Class ?? "actual", out var @class);
        var level = WarningLevel.None;
        if (body.Level is not null) Wording.TryRead(body.Level, out level);
        return new WarningContent(@class, level, "", "");
    }

    private WarningBody Write(Random what, Random when)
    {
        var @class = (WarningClass)(what.Next(2) == 0 ? 0 : what.Next(6));
        var level = @class is WarningClass.Programme or WarningClass.LocalNotice or WarningClass.SirenTest && what.Next(3) > 0 ? WarningLevel.None : (WarningLevel)what.Next(1, 5);
        var area = Places.Areas[what.Next(2) == 0 ? what.Next(3) : what.Next(Places.Areas.Length)];
        var second = what.Next(5) == 0 ? Places.Areas[what.Next(Places.Areas.Length)] : (Region?)null;
        var text = new string('雨', what.Next(4) == 0 ? what.Next(100, 400) : what.Next(2, 60));
        var siren = what.Next(6) == 0 && @class is WarningClass.Actual or WarningClass.SirenTest;
        var ahead = when.Next(4) == 0 ? TimeSpan.FromSeconds(when.Next(1, 3_600)) : TimeSpan.Zero;
        var now = DateTimeOffset.FromUnixTimeMilliseconds(EpochMs + _skewMs + _agenda.NowMs);
        var minutes = when.Next(4) switch { 0 => when.Next(1, 10), 1 => when.Next(10, 120), 2 => when.Next(120, 1_440), _ => when.Next(1_440, 4_300) };
        AreaBody where = new(second is { } other && other != area ? [Body(area), Body(other)] : [Body(area)]);
        return new WarningBody(Wording.Camel(@class), level == WarningLevel.None ? null : Wording.Camel(level), "11B03", text, null, what.Next(1, 4), null, what.Next(3) * 1_500, siren ? true : null,
            where, ahead > TimeSpan.Zero ? now + ahead : null, null, minutes);
    }

    private static RegionBody Body(Region region) => new(region.Code, Wording.Camel(region.Level));
}
