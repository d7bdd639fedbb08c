using System.Threading.Channels;
using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Ledger.Writing;

/// <summary>
/// The one writer. While a commit is on its way to the disk, acts gather; the next transaction takes all of them, so that a thousand cost one flush.
/// An act that fails is rolled back to its savepoint and harms no other; when the disk is full or the database gone, the group is.
/// </summary>
internal sealed class GroupWriter : IAsyncDisposable
{
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

    public GroupWriter(Engine engine, LedgerOptions options, DiskReserve reserve, SqlSession session, TimeProvider clock, ILogger log, Action<AuditHead> audited, Action lost)
    {
        (_engine, _options, _reserve, _session, _clock, _log, _audited, _lost) = (engine, options, reserve, session, clock, log, audited, lost);
        _waiting = Channel.CreateBounded<Act>(new BoundedChannelOptions(options.QueueActsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _loop = options.Run(RunAsync);
    }

    /// <summary>Acts that wait for the next group.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Waits for a place in the queue, then for the commit. A cancelled caller's act is either withdrawn whole or answered.</summary>
    public async Task EnqueueAsync(Act act, CancellationToken cancel)
    {
        try
        {
            await _waiting.Writer.WriteAsync(act, cancel);
        }
        catch (ChannelClosedException e) // The process is stopping; its callers hear what they would hear from a lost database.
        {
            throw new LedgerUnavailableException("The ledger is closed.", e);
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
        await _loop;
        if (_session is not null) await _session.DisposeAsync();
    }

    public Task AbandonAsync() => DropSessionAsync();

    private async Task RunAsync()
    {
        var group = new List<Act>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            Gather(group);
            if (group.Count > 0) await WriteAsync(group);
            group.Clear();
        }
    }

    private void Gather(List<Act> group)
    {
        var rows = 0;
        while (group.Count < _options.GroupActsMax && rows < _options.GroupRowsMax && _waiting.Reader.TryRead(out var act))
        {
            if (!act.TryTake()) continue;
            group.Add(act);
            rows += act.Rows;
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
        foreach (var act in group) act.Fail(answer);
    }

    private static void Refuse(List<Act> group)
    {
        foreach (var act in group)
        {
            if (!act.Vital) act.Fail(new StorageFullException("The disk of the ledger is nearly full; only cancels, actual red warnings and receipts are taken."));
        }

        group.RemoveAll(a => !a.Vital);
    }

    private async Task CommitAsync(List<Act> group)
    {
        var sql = _session ??= await _engine.OpenAsync(write: true, CancellationToken.None);
        await sql.ExecuteAsync(_engine.Begin);
        var number = await sql.FirstAsync("UPDATE commit_counter SET n = n + 1 WHERE one = 1 RETURNING n", r => r.GetInt64(0));
        var tx = new GroupTransaction(sql, number, _clock.GetUtcNow());
        var failed = new List<(Act Act, Exception Error)>();
        foreach (var act in group.Where(a => a is not IBulkAct)) await TryAsync(tx, act.ApplyAsync, [act], failed);
        foreach (var kind in group.OfType<IBulkAct>().GroupBy(a => a.Kind).OrderBy(g => g.First().Rank)) await ApplyBulkAsync(tx, [.. kind.Cast<Act>()], failed);
        var head = await AuditChain.AppendAsync(tx, _options.Node);
        await sql.ExecuteAsync("COMMIT");
        foreach (var (act, error) in failed) act.Fail(error);
        foreach (var act in group) act.Commit(); // One that failed has its answer already.
        if (head is { } h) _audited(h);
    }

    private async Task ApplyBulkAsync(GroupTransaction tx, IReadOnlyList<Act> acts, List<(Act, Exception)> failed)
    {
        var errors = new List<(Act, Exception)>();
        await TryAsync(tx, t => ((IBulkAct)acts[0]).ApplyTogetherAsync(t, acts), acts, errors);
        if (errors.Count == 0) return;
        if (acts.Count == 1) failed.AddRange(errors);
        else foreach (var act in acts) await TryAsync(tx, act.ApplyAsync, [act], failed); // Each alone, so that only the one at fault fails.
    }

    private async Task TryAsync(GroupTransaction tx, Func<GroupTransaction, Task> apply, IReadOnlyList<Act> acts, List<(Act, Exception)> failed)
    {
        var audited = tx.Audit.Count;
        await tx.Sql.ExecuteAsync("SAVEPOINT act");
        try
        {
            await apply(tx);
            await tx.Sql.ExecuteAsync("RELEASE SAVEPOINT act");
        }
        catch (Exception e) when (_engine.Classify(e) == Fault.Act) // Its caller owns the recovery; the group goes on without it.
        {
            await tx.Sql.ExecuteAsync("ROLLBACK TO SAVEPOINT act");
            await tx.Sql.ExecuteAsync("RELEASE SAVEPOINT act");
            tx.Audit.RemoveRange(audited, tx.Audit.Count - audited);
            foreach (var act in acts) failed.Add((act, e));
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
