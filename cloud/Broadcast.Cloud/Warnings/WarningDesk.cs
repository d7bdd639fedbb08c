using System.Security.Cryptography;
using System.Text;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>What came of an act: the revision as it is now, or problems and the HTTP status that says their kind.</summary>
public sealed record DeskAnswer(Warning? Warning, int Status, IReadOnlyList<Problem> Problems)
{
    public static DeskAnswer Ok(Warning warning) => new(warning, 200, []);

    public static DeskAnswer No(int status, params IReadOnlyList<Problem> problems) => new(null, status, problems);
}

/// <param name="Commit">When the ledger was asked and when it had committed, in timestamps of the clock; null where nothing was written.</param>
public sealed record ReleaseAnswer(ReleaseView? View, int Status, IReadOnlyList<Problem> Problems, (long Asked, long Done)? Commit = null);

/// <summary>
/// Where people's acts on warnings are decided: reads, asks the rules, commits. There is one way to a loudspeaker and it leads through here:
/// draft, submit, approve (by somebody else), release.
/// </summary>
public sealed partial class WarningDesk(LedgerStore ledger, DirectoryHolder directory, IHandOn handOn, TimeProvider clock, ILogger<WarningDesk> log)
{
    private const int KeyCharsMax = 64;
    private const int ReasonCharsMax = 200;

    private static readonly Problem Unknown = new("id", "unknown-warning", "There is no such warning.", "没有该预警。");

    private static readonly Problem Full = new("storage", "storage-full", "The disk is full: only cancelling and red warnings are taken until there is room.", "磁盘空间不足：在释放空间之前，仅接受取消和红色预警。");

    /// <summary>Where the ids of warnings come from; a simulation draws them from its seed.</summary>
    public Func<WarningId> NewId { private get; init; } = () => WarningId.New(clock);

    /// <summary>Writes a first revision, or an update of <paramref name="updated"/>.</summary>
    public async Task<DeskAnswer> DraftAsync(Person by, WarningBody body, WarningId? updated, CancellationToken ct) =>
        await NotedAsync(by, "draft", updated, await TryDraftAsync(by, body, updated, ct));

    private async Task<DeskAnswer> TryDraftAsync(Person by, WarningBody body, WarningId? updated, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var problems = new List<Problem>();
        var (content, area, notBefore, expires) = body.Read(now, problems);
        if (problems.Count == 0) problems.AddRange(WarningChecks.Check(content, notBefore, expires, now));
        // What the shapes resolve to is said in the same answer, so that a person mends everything at once.
        var resolution = problems.Any(p => p.Field.StartsWith("area", StringComparison.Ordinal)) ? null : Targeting.Resolve(area, directory.Current);
        problems.AddRange(resolution?.Problems ?? []);
        if (AudioHash.TryParse(content.Audio, out var audio) && await ledger.FindAudioAsync(audio, ct) is null)
            problems.Add(new("audio", "unknown-recording", "There is no such recording: POST /api/audio first.", "没有该录音，请先上传（POST /api/audio）。"));
        if (problems.Count > 0) return DeskAnswer.No(422, problems);
        if ((by.Duties & Duties.Operator) == 0)
            return DeskAnswer.No(403, new Problem("person", "duty-missing", $"{by.Name} has no operator's duty.", $"{by.Name} 没有操作员职责。"));
        if (Authority.CheckReach(by, content.Class, resolution!.Villages) is { } reach) return DeskAnswer.No(403, reach);

        var revision = 1;
        if (updated is { } id)
        {
            var revisions = await ledger.GetWarningAsync(id, ct);
            if (revisions.Count == 0) return DeskAnswer.No(404, Unknown);
            if (Spoken(revisions) is not { State: WarningState.Released } replaced)
                return DeskAnswer.No(409, new Problem("state", "not-released", "Only a released warning can be updated.", "只有已发布的预警可以更新。"));
            if (CheckSilenced(by, revisions, await ledger.TargetsAsync(id, ct)) is { } outside) return DeskAnswer.No(403, outside);
            if (WarningChecks.CheckUpdate(notBefore, replaced, now) is { } late) return DeskAnswer.No(422, late);
            revision = ledger.NextRevision(revisions, now);
        }

        var warning = new Warning(
            updated ?? NewId(), revision, updated is null ? OrderKind.Alert : OrderKind.Update, content, area, by.Region,
            notBefore, expires, WarningState.Draft, by.Id, null, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), null);
        return await StoredAsync(() => ledger.AddRevisionAsync(warning, ActorOf(by), ct)) switch
        {
            Stored.Yes => new DeskAnswer(warning, 201, []),
            Stored.No => DeskAnswer.No(409, new Problem("revision", "newer-revision", "Somebody else has just added a revision; read it and try again.", "他人刚刚新增了修订，请刷新后重试。")),
            _ => DeskAnswer.No(507, Full),
        };
    }

    /// <summary>Submit, approve, reject, withdraw.</summary>
    public async Task<DeskAnswer> ActAsync(Person by, WarningId id, int? revision, WarningAct act, CancellationToken ct) =>
        await NotedAsync(by, act.ToString().ToLowerInvariant(), id, await TryActAsync(by, id, revision, act, ct));

    private async Task<DeskAnswer> TryActAsync(Person by, WarningId id, int? revision, WarningAct act, CancellationToken ct)
    {
        var revisions = await ledger.GetWarningAsync(id, ct);
        // "The newest" may have become another since the approver read it: with several, who approves says which one was read.
        if (act == WarningAct.Approve && revision is null && revisions.Count > 1)
            return DeskAnswer.No(422, new Problem("revision", "revision-needed", "This warning has several revisions: say with ?revision= which one you have read.", "该预警有多个修订，请用 ?revision= 指明所审批的修订。"));
        if (Pick(revisions, revision) is not { } warning) return DeskAnswer.No(404, Unknown);
        var resolution = Targeting.Resolve(warning.Area, directory.Current);
        if (resolution.Problems.Count > 0 && act is WarningAct.Submit or WarningAct.Approve) return DeskAnswer.No(422, resolution.Problems);
        // Where the area has come to nothing since it was written, the bureau that wrote it says whose it is.
        IEnumerable<Region> places = resolution.Problems.Count > 0 ? [warning.Issuer] : resolution.Villages;
        if (Authority.Check(by, act, warning, places) is { } problem) return DeskAnswer.No(StatusOf(problem), problem);
        if (warning.Kind == OrderKind.Update && CheckSilenced(by, revisions, await ledger.TargetsAsync(id, ct)) is { } outside) return DeskAnswer.No(403, outside);
        var step = WarningLife.Find(warning.State, act)!.Value;
        var approver = act == WarningAct.Approve ? by.Id : warning.Approver;
        return await StoredAsync(() => ledger.MoveAsync(id, warning.Revision, step.From, step.To, approver, ActorOf(by), act.ToString().ToLowerInvariant(), ct)) switch
        {
            Stored.Yes => DeskAnswer.Ok(warning with { State = step.To, Approver = approver }),
            Stored.No => DeskAnswer.No(409, new Problem("state", "wrong-state", "Its state has just changed; read it and try again.", "状态刚刚发生变化，请刷新后重试。")),
            _ => DeskAnswer.No(507, Full),
        };
    }

    /// <summary>Commits an approved revision and its orders in one transaction; hands them on only then.</summary>
    public async Task<ReleaseAnswer> ReleaseAsync(Person by, WarningId id, int? revision, string? key, CancellationToken ct) =>
        await NotedAsync(by, "release", id, await TryReleaseAsync(by, id, revision, key, ct));

    private async Task<ReleaseAnswer> TryReleaseAsync(Person by, WarningId id, int? revision, string? key, CancellationToken ct)
    {
        if (CheckKey(key) is { } bad) return new(null, 400, [bad]);
        var revisions = await ledger.GetWarningAsync(id, ct);
        if (Pick(revisions, revision) is not { } warning) return new(null, 404, [Unknown]);
        var hash = HashOf("release", id, revision, by.Id);
        if (warning.State != WarningState.Approved && await RepeatedAsync(ActorOf(by), key!, hash, ct) is { } before) return before;
        // Resolved again at this moment: devices may have been replaced since the draft.
        var resolution = Targeting.Resolve(warning.Area, directory.Current);
        if (Authority.Check(by, WarningAct.Release, warning, resolution.Villages) is { } problem) return new(null, StatusOf(problem), [problem]);
        var now = clock.GetUtcNow();
        if (warning.Expires <= now)
            return new(null, 422, [new("expires", "in-the-past", "Its validity has ended since it was written; write a new one.", "有效期已过，请重新编写。")]);
        if (resolution.Problems.Count > 0) return new(null, 422, resolution.Problems);
        if (warning.Kind == OrderKind.Update && Spoken(revisions) is { } replaced)
        {
            if (CheckSilenced(by, revisions, await ledger.TargetsAsync(id, ct)) is { } outside) return new(null, 403, [outside]);
            if (WarningChecks.CheckUpdate(warning.NotBefore, replaced, now) is { } late) return new(null, 422, [late]);
        }

        // Who an update leaves out is told to stop: the ledger adds them in the release's own transaction.
        return await CommitAsync(new ReleaseRequest(warning, [.. resolution.Targets.Select(t => new ReleaseTarget(t, warning.Kind))], ActorOf(by), key!, hash));
    }

    /// <summary>
    /// Silences a released warning everywhere it may have gone. One person is enough: a false alarm that goes on does harm,
    /// and silence can be taken back by a new release.
    /// </summary>
    public async Task<ReleaseAnswer> CancelAsync(Person by, WarningId id, string? key, string? reason, CancellationToken ct) =>
        await NotedAsync(by, "cancel", id, await TryCancelAsync(by, id, key, reason, ct));

    private async Task<ReleaseAnswer> TryCancelAsync(Person by, WarningId id, string? key, string? reason, CancellationToken ct)
    {
        if (CheckKey(key) is { } bad) return new(null, 400, [bad]);
        if (reason is { Length: > ReasonCharsMax })
            return new(null, 422, [new("reason", "too-long", $"At most {ReasonCharsMax} characters.", $"最多 {ReasonCharsMax} 个字符。")]);
        var revisions = await ledger.GetWarningAsync(id, ct);
        if (revisions.Count == 0) return new(null, 404, [Unknown]);
        var hash = HashOf("cancel", id, null, by.Id);
        var now = clock.GetUtcNow();
        if (Spoken(revisions) is not { } spoken || !MayStillSound(spoken, now))
        {
            return await RepeatedAsync(ActorOf(by), key!, hash, ct)
                ?? new ReleaseAnswer(null, 409, [new("state", "not-released", "Only a released warning can be cancelled; withdraw a draft instead.", "只有已发布的预警可以取消；草稿请撤回。")]);
        }

        var targets = await ledger.TargetsAsync(id, ct);
        // Not what the area comes to today but where the orders went: that is what falls silent.
        if ((Authority.Check(by, WarningAct.Cancel, spoken, targets.Select(t => t.Village).Distinct()) ?? CheckSilenced(by, revisions, targets)) is { } problem)
            return new(null, StatusOf(problem), [problem]);
        var latest = revisions.Where(r => r.Released is not null).Max(r => r.Expires);
        var cancel = spoken with
        {
            Revision = ledger.NextRevision(revisions, now),
            Kind = OrderKind.Cancel,
            State = WarningState.Released,
            Author = by.Id,
            Approver = null,
            Created = now,
            NotBefore = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            // The tombstone outlives every order that it is to silence (R4), and what still sounds after its validity is still reached.
            Expires = DateTimeOffset.FromUnixTimeMilliseconds((latest > now ? latest : now).ToUnixTimeMilliseconds()) + WarningLife.SoundsOnMax,
        };
        return await CommitAsync(new ReleaseRequest(cancel, [.. targets.Select(t => new ReleaseTarget(t, OrderKind.Cancel))], ActorOf(by), key!, hash, Plain(reason)));
    }

    /// <summary>What cannot be kept as text is replaced, not refused: no cancel fails for its wording.</summary>
    private static string? Plain(string? reason) => reason is null ? null : string.Concat(reason.EnumerateRunes().Select(r => Rune.IsControl(r) ? " " : r.ToString()));

    /// <summary>The revision that speaks now, or spoke last; null where none ever did.</summary>
    private static Warning? Spoken(IReadOnlyList<Warning> revisions) => revisions.LastOrDefault(r => r.Kind != OrderKind.Cancel && r.Released is not null);

    private static bool MayStillSound(Warning spoken, DateTimeOffset now) =>
        spoken.State == WarningState.Released || (spoken.State == WarningState.Ended && now < spoken.Expires + WarningLife.SoundsOnMax);

    /// <summary>
    /// What is replaced or cancelled is silenced, and that needs the reach that speaking it needs: everywhere it went, and in each class it was spoken in.
    /// A site that missed the update to a lower class says the one before still (R8).
    /// </summary>
    private static Problem? CheckSilenced(Person by, IReadOnlyList<Warning> revisions, IReadOnlyList<Target> targets)
    {
        var villages = targets.Select(t => t.Village).Distinct().ToArray();
        return revisions.Where(r => r.Kind != OrderKind.Cancel && r.Released is not null).Select(r => r.Content.Class).Distinct()
            .Select(spoken => Authority.CheckReach(by, spoken, villages)).FirstOrDefault(problem => problem is not null);
    }

    private async Task<ReleaseAnswer> CommitAsync(ReleaseRequest request)
    {
        // Not cancelled with the request: a client that hangs up must not leave it open whether the warning went out.
        var asked = clock.GetTimestamp();
        SealedAhead? ahead = null;
        var result = await ledger.ReleaseAsync(request, (drafted, orders) => ahead = handOn.Prepare(drafted, orders));
        var committed = clock.GetTimestamp();
        switch (result)
        {
            case ReleaseResult.Done done:
                _ = HandOnAsync(done.Revision, done.Orders, ahead); // The answer is the commit's, and does not wait for thousands of sessions.
                return Said(done.Revision, done.Orders.Count, done.Commit, repeated: false) with { Commit = (asked, committed) };
            case ReleaseResult.Repeated before:
                return Again(before);
            case ReleaseResult.KeyReused:
                return new(null, 422, [new("Idempotency-Key", "key-reused", "This key was used for another request.", "该幂等键已用于其他请求。")]);
            case ReleaseResult.StorageFull:
                return new(null, 507, [Full]);
            case ReleaseResult.NotApproved no:
                return new(null, 409, [WrongState(no.Current ?? request.Revision.State)]);
            case var other:
                throw new InvalidOperationException($"The ledger answered {other}.");
        }
    }

    /// <summary>
    /// The release is committed, so the answer is yes whatever becomes of this: an order that was not handed on is still owed, and the
    /// sweep hands it on. Never throws.
    /// </summary>
    private async Task HandOnAsync(Warning revision, IReadOnlyList<OrderRecord> orders, SealedAhead? ahead = null)
    {
        try
        {
            await handOn.HandOnAsync(revision, orders, ahead);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotHandedOn(log, revision.Id, revision.Revision, e);
        }
    }

    /// <summary>Somebody asks again because the first answer was lost; perhaps the hand-on was, too. What a device has already, it drops.</summary>
    private ReleaseAnswer Again(ReleaseResult.Repeated before)
    {
        var owed = before.Orders.Where(o => OrderLife.IsOwed(o.State)).ToArray();
        if (before.Revision.State == WarningState.Released && owed.Length > 0) _ = HandOnAsync(before.Revision, owed);
        return Said(before.Revision, before.Orders.Count, before.Commit, repeated: true);
    }

    private static ReleaseAnswer Said(Warning revision, int targets, long commit, bool repeated) =>
        new(new ReleaseView(revision.Id.ToString(), revision.Revision, targets, commit, revision.Released, repeated), 200, []);

    /// <summary>The answer to a request that came before under this key; null where it is new.</summary>
    private async Task<ReleaseAnswer?> RepeatedAsync(Actor actor, string key, byte[] hash, CancellationToken ct) => await ledger.FindReleaseAsync(actor, key, hash, ct) switch
    {
        ReleaseResult.Repeated before => Again(before),
        ReleaseResult.KeyReused => new(null, 422, [new("Idempotency-Key", "key-reused", "This key was used for another request.", "该幂等键已用于其他请求。")]),
        _ => null,
    };

    private static Warning? Pick(IReadOnlyList<Warning> revisions, int? revision) =>
        revision is null ? revisions.LastOrDefault() : revisions.FirstOrDefault(r => r.Revision == revision);

    /// <summary>An act that somebody tried and may not do is in the trail as well (R8).</summary>
    private async Task<DeskAnswer> NotedAsync(Person by, string act, WarningId? id, DeskAnswer answer)
    {
        if (answer.Status == 403) await ledger.AuditAsync(ActorOf(by), act + "-refused", id?.ToString() ?? "new", answer.Problems[0].Code);
        return answer;
    }

    private async Task<ReleaseAnswer> NotedAsync(Person by, string act, WarningId? id, ReleaseAnswer answer)
    {
        if (answer.Status == 403) await ledger.AuditAsync(ActorOf(by), act + "-refused", id?.ToString() ?? "new", answer.Problems[0].Code);
        return answer;
    }

    private static async Task<Stored> StoredAsync(Func<Task<bool>> act)
    {
        try
        {
            return await act() ? Stored.Yes : Stored.No;
        }
        catch (StorageFullException)
        {
            return Stored.Full; // The desk's answer says so; nothing was changed.
        }
    }

    private enum Stored { Yes, No, Full }

    private static Problem WrongState(WarningState state) =>
        new("state", "wrong-state", $"A warning that is {state} cannot be released.", $"当前状态（{state}）不能发布。");

    private static Problem? CheckKey(string? key) => key is { Length: > 0 and <= KeyCharsMax } && key.All(c => c is > ' ' and < '\x7f')
        ? null
        : new("Idempotency-Key", "key-needed", $"Send an Idempotency-Key header of 1–{KeyCharsMax} visible ASCII characters, new for each release.", $"请提供 1–{KeyCharsMax} 位可见 ASCII 字符的 Idempotency-Key 请求头，每次发布各不相同。");

    private static int StatusOf(Problem problem) => problem.Code == "wrong-state" ? 409 : 403;

    private static byte[] HashOf(string act, WarningId id, int? revision, PersonId by) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{act}|{id}|{revision}|{by}")));

    private static Actor ActorOf(Person by) => Actor.Of(by.Id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} of {Warning} is released, but could not be handed on; the sweep does it.")]
    private static partial void LogNotHandedOn(ILogger log, WarningId warning, int revision, Exception e);
}
