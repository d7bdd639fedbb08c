using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;
using Broadcast.Rules;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Broadcast.Ledger;

/// <summary>
/// The durable record of warnings, orders, receipts and acts, and the only queue. A write's task completes after its commit; until then nothing was promised.
/// Expected outcomes are values; a full disk is a <see cref="StorageFullException"/>, a lost database a <see cref="LedgerUnavailableException"/>.
/// </summary>
public sealed partial class LedgerStore : IAsyncDisposable
{
    private const int OwingReadersMax = 2; // One asks what devices are owed, one sweeps.

    private readonly LedgerOptions _options;
    private readonly Engine _engine;
    private readonly GroupWriter _writer;
    private readonly Readers _readers;
    private readonly Readers _owing; // What devices are owed and what has run out waits behind nobody's long list.
    private readonly DiskReserve _reserve;
    private readonly AnchorWriter _anchors;
    private readonly AuditAnchor _anchor;
    private readonly Numbers _numbers;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    private LedgerStore(LedgerOptions options, Engine engine, DiskReserve reserve, SqlSession session, Numbers numbers, TimeProvider clock, ILogger log)
    {
        (_options, _engine, _reserve, _numbers, _clock, _log) = (options, engine, reserve, numbers, clock, log);
        _anchor = new AuditAnchor(options.AnchorPath, options.AuditKey, options.Files);
        _anchor.Compact();
        _anchors = new AnchorWriter(_anchor, options, clock, log);
        _readers = new Readers(engine, options.ReadersMax);
        _owing = new Readers(engine, OwingReadersMax);
        _reserve.Open();
        _writer = new GroupWriter(engine, options, _reserve, session, clock, log, _anchors.Note, Forget);
        (_open, _marks, _heard, _forgotten, _sent) = (new(0, OpenSessionsAsync), new(1, RaiseMarksAsync), new(2, KeepHeardAsync), new(3, ForgetAsync), new(4, MarkSentAsync));
        (_receipts, _close, _reports) = (new(5, KeepReceiptsAsync), new(6, CloseSessionsAsync), new(7, KeepReportsAsync));
        (_alarms, _readings, _turns) = (new(8, KeepAlarmsAsync), new(9, KeepReadingsAsync), new(10, (_, turns) => Task.FromResult(new bool[turns.Count]))); // Alarms after receipts: those of one group find each other.
    }

    /// <summary>Opens the ledger: checks the options, recovers, migrates, and closes the sessions that this node left open when it last stopped.</summary>
    public static async Task<LedgerStore> OpenAsync(LedgerOptions options, TimeProvider clock, ILogger log, CancellationToken cancel)
    {
        options.Validate();
        Engine engine = options.IsSqlite ? new SqliteEngine(options) : new PostgresEngine(options.Npgsql);
        SqlSession? session = null;
        try
        {
            (engine as SqliteEngine)?.CheckThere();
            var reserve = new DiskReserve(engine, options, log);
            reserve.MakeRoomToStart();
            session = await engine.OpenAsync(write: true, cancel);
            await engine.ClaimAsync(session, options.Node);
            await Schema.MigrateAsync(session, engine, clock.GetUtcNow());
            var numbers = new Numbers();
            await numbers.RefreshAsync(session);
            var given = await session.FirstAsync("SELECT sequence FROM commit_counter WHERE one = 1", r => r.GetInt64(0));
            var restored = await session.FirstAsync("SELECT restored FROM commit_counter WHERE one = 1", r => r.GetInt64(0));
            var store = new LedgerStore(options, engine, reserve, session, numbers, clock, log) { _given = given, _restoredMs = restored };
            await store.WriteAsync(vital: true, tx => tx.Sql.ExecuteAsync(LeftOpen, ("why", (long)SessionEnd.CloudStopped), ("node", options.Node)), cancel);
            return store;
        }
        catch (Exception e)
        {
            if (session is not null) await session.DisposeAsync();
            await engine.DisposeAsync();
            if (engine.Classify(e) == Fault.Unavailable) throw new LedgerUnavailableException($"The ledger cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Acts that wait for the writer now; at most <see cref="LedgerOptions.QueueActsMax"/>, since later callers await their place.</summary>
    public int Waiting => _writer.Waiting;

    /// <summary>Takes no more acts, finishes those that wait, and writes the last checkpoint.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _anchors.DisposeAsync();
        await _readers.DisposeAsync();
        await _owing.DisposeAsync();
        await _engine.DisposeAsync();
    }

    /// <summary>Closes the connections and does nothing else: the end of a process that a simulation has killed.</summary>
    internal async ValueTask AbandonAsync()
    {
        await _writer.AbandonAsync();
        await _readers.DisposeAsync();
        await _owing.DisposeAsync();
        await _engine.DisposeAsync();
    }

    /// <summary>
    /// Writes a copy of the whole ledger as of one moment, while it goes on being written. SQLite: its online backup, checked and complete in one file.
    /// PostgreSQL: runs <c>pg_dump --format=custom --no-owner --no-privileges</c>.
    /// </summary>
    public Task BackupAsync(string path, CancellationToken cancel = default) => _engine.BackupAsync(Path.GetFullPath(path), cancel);

    /// <summary>A transaction was lost: numbers that it had given may be given again.</summary>
    private void Forget()
    {
        _numbers.Forget();
        Interlocked.Exchange(ref _given, 0);
        _revisions.Clear();
    }

    private async Task<T> WriteAsync<T>(bool vital, Func<GroupTransaction, Task<T>> apply, CancellationToken cancel)
    {
        var act = new SingleAct<T>(vital, apply);
        await _writer.EnqueueAsync(act, cancel);
        return await act.Answer;
    }

    /// <summary>One row whose caller goes on in the thread that answers the group (see <see cref="RowAct{TRow,TResult}"/>).</summary>
    private ValueTask<TResult> WriteRowAsync<TRow, TResult>(BulkKind<TRow, TResult> kind, TRow row, bool vital)
    {
        var act = new RowAct<TRow, TResult>(kind, row, vital);
        return _writer.TryEnqueue(act) ? act.Answer : WaitAsync(act);
    }

    private async ValueTask<TResult> WaitAsync<TRow, TResult>(RowAct<TRow, TResult> act)
    {
        await _writer.EnqueueInTurnAsync(act);
        return await act.Answer;
    }

    private async Task<IReadOnlyList<TResult>> WriteRowsAsync<TRow, TResult>(BulkKind<TRow, TResult> kind, IReadOnlyList<TRow> rows, bool vital, CancellationToken cancel)
    {
        if (rows.Count == 0) return [];
        if (rows.Count <= _options.GroupRowsMax) return await WritePartAsync(kind, rows, vital, cancel);
        var results = new List<TResult>(rows.Count);
        foreach (var part in rows.Chunk(_options.GroupRowsMax)) results.AddRange(await WritePartAsync(kind, part, vital, cancel));
        return results;
    }

    private async Task<IReadOnlyList<TResult>> WritePartAsync<TRow, TResult>(BulkKind<TRow, TResult> kind, IReadOnlyList<TRow> rows, bool vital, CancellationToken cancel)
    {
        var act = new BulkAct<TRow, TResult>(kind, rows, vital);
        await _writer.EnqueueAsync(act, cancel);
        return await act.Answer;
    }
}
