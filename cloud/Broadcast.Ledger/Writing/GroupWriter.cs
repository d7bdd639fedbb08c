using System.Threading.Channels;
using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Ledger.Writing;

/// <summary>
/// The one writer. While a commit is on its way to the disk, acts gather; the next transaction takes all of them, so that a thousand cost one flush.
/// In a burst of rows (the receipts of a county) it also waits while more of them come, for a bounded time: every commit writes the same pages
/// again, and takes the processor from those who still wait for their order. An act of its own (a release, a cancel) ends the wait at once.
/// An act that fails is rolled back to its savepoint and harms no other; when the disk is full or the database gone, the group is.
/// </summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private const int AnswersAtOnce = 512; // What one thread gets through in a few milliseconds.
    private static readonly TimeSpan BurstStep = TimeSpan.FromMilliseconds(5); // No new act for so long: the burst is over.

    private readonly Engine _engine;
    private readonly LedgerOptions _options;
    private readonly DiskReserve _reserve;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Action<AuditHead> _audited;
    private readonly Action _lost;
    private readonly Channel<Act> _waiting;
    private readonly Task _loop;
    private SqlSession? _session;
    private readonly CancellationTokenSource _closing = new();
    private int _alone; // Acts that wait and are no rows of a burst.

    public GroupWriter(Engine engine, LedgerOptions options, DiskReserve reserve, SqlSession session, TimeProvider clock, ILogger log, Action<AuditHead> audited, Action lost)
    {
        (_engine, _options, _reserve, _session, _clock, _log, _audited, _lost) = (engine, options, reserve, session, clock, log, audited, lost);
        _waiting = Channel.CreateBounded<Act>(new BoundedChannelOptions(options.QueueActsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _loop = options.Run(RunAsync);
    }

    /// <summary>Acts that wait for the next group.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Puts the act in the queue if there is a place. Whoever made it awaits its own answer.</summary>
    public bool TryEnqueue(Act act) => _waiting.Writer.TryWrite(act);

    /// <summary>As <see cref="TryEnqueue"/>, but waits for a place.</summary>
    public async Task EnqueueInTurnAsync(Act act)
    {
        try
        {
            await _waiting.Writer.WriteAsync(act);
        }
        catch (ChannelClosedException e)
        {
            throw new LedgerUnavailableException("The ledger is closed.", e);
        }
    }

    /// <summary>Waits for a place in the queue, then for the commit. A cancelled caller's act is either withdrawn whole or answered.</summary>
    public async Task EnqueueAsync(Act act, CancellationToken cancel)
    {
        Interlocked.Increment(ref _alone);
        try
        {
            await _waiting.Writer.WriteAsync(act, cancel);
        }
        catch (Exception e)
        {
            Interlocked.Decrement(ref _alone);
            if (e is not ChannelClosedException) throw;
            throw new LedgerUnavailableException("The ledger is closed.", e); // The process is stopping; its callers hear what they would hear from a lost database.
        }

        await using var withdrawal = cancel.UnsafeRegister(static (state, token) =>
        {
            var waiting = (Act)state!;
            if (waiting.TryTake()) waiting.Fail(new OperationCanceledException(token));
        }, act);
        await act.Answered;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _closing.CancelAsync(); // Who closes waits for what is written, not for more to come.
        await _loop;
        _closing.Dispose();
        if (_session is not null) await _session.DisposeAsync();
    }

    public Task AbandonAsync() => DropSessionAsync();

    private async Task RunAsync()
    {
        var group = new List<Act>();
        var before = 0;
        while (await _waiting.Reader.WaitToReadAsync())
        {
            if (before >= _options.BurstActsMin && _options.BurstWaitMax is { } longest) await WaitForMoreAsync(longest);
            Gather(group);
            before = group.Count;
            if (before > 0) await WriteOrFailAsync(group);
            group.Clear();
        }
    }

    /// <summary>The group before was one of a burst: the next one waits as long as more rows come, if nobody's own act is among them.</summary>
    private async Task WaitForMoreAsync(TimeSpan longest)
    {
        var since = _clock.GetTimestamp();
        for (var before = -1; Waiting != before && Waiting < _options.GroupActsMax && Volatile.Read(ref _alone) == 0 && _clock.GetElapsedTime(since) < longest && !_closing.IsCancellationRequested;)
        {
            before = Waiting;
            await Task.Delay(BurstStep, _clock, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // Where there is one: a simulation has one thread.
        }
    }

    private void Gather(List<Act> group)
    {
        var rows = 0;
        while (group.Count < _options.GroupActsMax && rows < _options.GroupRowsMax && _waiting.Reader.TryRead(out var act))
        {
            if (!act.AnswersInTurn) Interlocked.Decrement(ref _alone);
            if (!act.TryTake()) continue;
            group.Add(act);
            rows += act.Rows;
        }
    }

    /// <summary>Whatever goes wrong, the writer goes on: one that ended would let every later caller wait for ever.</summary>
    private async Task WriteOrFailAsync(List<Act> group)
    {
        try
        {
            await WriteAsync(group);
        }
        catch (Exception e) // Beside the transaction: the disk failed once more while room was made for it.
        {
            Log.GroupLost(_log, group.Count, e);
            FailAll(group, e);
        }
    }

    private async Task WriteAsync(List<Act> group)
    {
        if (_reserve.IsLow()) Refuse(group);
        // The second round runs on the room of the reserve, with the vital acts alone.
        for (var round = 0; group.Count > 0; round++)
        {
            try
            {
                await CommitAsync(group);
                return;
            }
            catch (Exception e) // The group is rolled back; what it says to its callers depends on why.
            {
                await DropSessionAsync();
                _lost();
                if (_engine.Classify(e) == Fault.Full && round == 0)
                {
                    _reserve.GiveUp();
                    Refuse(group);
                    continue;
                }

                Log.GroupLost(_log, group.Count, e);
                FailAll(group, e);
                return;
            }
        }
    }

    private void FailAll(List<Act> group, Exception e)
    {
        Exception answer = _engine.Classify(e) switch
        {
            Fault.Full => new StorageFullException("The disk of the ledger is full, its reserve included.", e),
            _ => new LedgerUnavailableException($"The ledger's transaction was lost: {e.Message}", e),
        };
        Answer(group, act => act.Fail(answer));
    }

    /// <summary>Acts whose callers go on inside the answer are answered on other threads, some hundreds each: the writer writes meanwhile.</summary>
    private void Answer(IReadOnlyList<Act> acts, Action<Act> answer)
    {
        foreach (var act in acts)
        {
            if (!act.AnswersInTurn || _options.OnCallersContext) answer(act);
        }

        if (_options.OnCallersContext) return;
        foreach (var some in acts.Where(a => a.AnswersInTurn).Chunk(AnswersAtOnce))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static turn =>
            {
                foreach (var act in turn.some) turn.answer(act);
            }, (some, answer), preferLocal: false);
        }
    }

    private void Refuse(List<Act> group)
    {
        Answer([.. group.Where(a => !a.Vital)], act => act.Fail(new StorageFullException("The disk of the ledger is nearly full; only cancels, actual red warnings and receipts are taken.")));

        group.RemoveAll(a => !a.Vital);
    }

    /// <summary>
    /// Nearly always nothing fails, so the first try keeps no savepoints: they make the database copy every page that it touches. Where an act
    /// does fail, all is rolled back and done again with a savepoint an act, so that only the one at fault fails.
    /// </summary>
    private async Task CommitAsync(List<Act> group)
    {
        var sql = _session ??= await _engine.OpenAsync(write: true, CancellationToken.None);
        if (await TryCommitAsync(sql, group, careful: false)) return;
        await sql.ExecuteAsync("ROLLBACK");
        _lost();
        await TryCommitAsync(sql, group, careful: true);
    }

    /// <summary>False where an act failed and there was no savepoint to go back to.</summary>
    private async Task<bool> TryCommitAsync(SqlSession sql, List<Act> group, bool careful)
    {
        await sql.ExecuteAsync(_engine.Begin);
        var number = await sql.FirstAsync("UPDATE commit_counter SET n = n + 1 WHERE one = 1 RETURNING n", r => r.GetInt64(0));
        var tx = new GroupTransaction(sql, number, _clock.GetUtcNow());
        var failed = new Dictionary<Act, Exception>();
        foreach (var act in group.Where(a => a is not IBulkAct))
        {
            if (!await TryAsync(tx, act.ApplyAsync, [act], failed, careful)) return false;
        }

        foreach (var kind in group.OfType<IBulkAct>().GroupBy(a => a.Kind).OrderBy(g => g.First().Rank))
        {
            if (!await ApplyBulkAsync(tx, [.. kind.Cast<Act>()], failed, careful)) return false;
        }

        var head = await AuditChain.AppendAsync(tx, _options.Node);
        await sql.ExecuteAsync("COMMIT");
        Answer(group, act =>
        {
            if (failed.TryGetValue(act, out var error)) act.Fail(error);
            else act.Commit();
        });
        if (head is { } h) _audited(h);
        return true;
    }

    private async Task<bool> ApplyBulkAsync(GroupTransaction tx, IReadOnlyList<Act> acts, Dictionary<Act, Exception> failed, bool careful)
    {
        var errors = new Dictionary<Act, Exception>();
        if (!await TryAsync(tx, t => ((IBulkAct)acts[0]).ApplyTogetherAsync(t, acts), acts, errors, careful)) return false;
        if (errors.Count == 0) return true;
        if (acts.Count == 1) failed[acts[0]] = errors[acts[0]];
        else foreach (var act in acts) await TryAsync(tx, act.ApplyAsync, [act], failed, careful); // Each alone, so that only the one at fault fails.
        return true;
    }

    private async Task<bool> TryAsync(GroupTransaction tx, Func<GroupTransaction, Task> apply, IReadOnlyList<Act> acts, Dictionary<Act, Exception> failed, bool careful)
    {
        var audited = tx.Audit.Count;
        if (careful) await tx.Sql.ExecuteAsync("SAVEPOINT act");
        try
        {
            await apply(tx);
            if (careful) await tx.Sql.ExecuteAsync("RELEASE SAVEPOINT act");
            return true;
        }
        catch (Exception e) when (_engine.Classify(e) == Fault.Act) // Its caller owns the recovery; the group goes on without it.
        {
            if (!careful) return false;
            await tx.Sql.ExecuteAsync("ROLLBACK TO SAVEPOINT act");
            await tx.Sql.ExecuteAsync("RELEASE SAVEPOINT act");
            tx.Audit.RemoveRange(audited, tx.Audit.Count - audited);
            foreach (var act in acts) failed[act] = e;
            return true;
        }
    }

    private async Task DropSessionAsync()
    {
        var session = _session;
        _session = null;
        if (session is null) return;
        try
        {
            await session.DisposeAsync(); // Rolls back; the next group opens another.
        }
        catch (Exception e) when (_engine.Classify(e) != Fault.Act) // A connection that is gone cannot be closed properly either.
        {
            Log.SessionLost(_log, e);
        }
    }
}
