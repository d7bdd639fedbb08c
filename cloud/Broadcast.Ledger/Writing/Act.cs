using System.Threading.Tasks.Sources;

namespace Broadcast.Ledger.Writing;

/// <summary>One waiting act. It is applied inside a group's transaction, maybe more than once (after a rollback), and answered once, after the commit.</summary>
internal abstract class Act(bool vital)
{
    private int _taken; // 0 waits, 1 taken by the writer or withdrawn by its caller; whoever moves it decides.

    /// <summary>Cancels, actual reds, receipts, sessions and the audit trail: what still succeeds when the disk is nearly full (R1).</summary>
    public bool Vital { get; } = vital;

    public virtual int Rows => 1;

    public Task Answered { get; protected init; } = Task.CompletedTask;

    /// <summary>Its caller goes on inside <see cref="Commit"/> or <see cref="Fail"/>: they are called on a thread that has nothing else to do, and never on the writer's.</summary>
    public virtual bool AnswersInTurn => false;

    public bool TryTake() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public abstract Task ApplyAsync(GroupTransaction tx);

    public abstract void Commit();

    public abstract void Fail(Exception e);
}

/// <summary>An act of its own.</summary>
internal sealed class SingleAct<T> : Act
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<GroupTransaction, Task<T>> _apply;
    private T _result = default!;

    public SingleAct(bool vital, Func<GroupTransaction, Task<T>> apply) : base(vital)
    {
        _apply = apply;
        Answered = _answer.Task;
    }

    public Task<T> Answer => _answer.Task;

    public override async Task ApplyAsync(GroupTransaction tx) => _result = await _apply(tx);

    public override void Commit() => _answer.TrySetResult(_result);

    public override void Fail(Exception e) => _answer.TrySetException(e);
}

/// <summary>A kind of act whose rows, of however many callers, go to the database as one statement.</summary>
/// <param name="Rank">Where in the group it runs: sessions open before sends, sends before receipts.</param>
internal sealed record BulkKind<TRow, TResult>(int Rank, Func<GroupTransaction, IReadOnlyList<TRow>, Task<TResult[]>> Apply);

internal interface IBulkAct
{
    object Kind { get; }

    int Rank { get; }

    /// <summary>Applies this act and <paramref name="others"/>, which are of the same kind, together.</summary>
    Task ApplyTogetherAsync(GroupTransaction tx, IReadOnlyList<Act> others);
}

/// <summary>An act that brings rows of a kind. Whatever part of the ledger keeps the rows together decides nothing about them: each row has its own result.</summary>
internal abstract class RowsAct<TRow, TResult>(BulkKind<TRow, TResult> kind, bool vital) : Act(vital), IBulkAct
{
    public object Kind => kind;

    public int Rank => kind.Rank;

    public override async Task ApplyAsync(GroupTransaction tx)
    {
        var rows = new List<TRow>(Rows);
        AddTo(rows);
        Take(await kind.Apply(tx, rows), 0);
    }

    public async Task ApplyTogetherAsync(GroupTransaction tx, IReadOnlyList<Act> others)
    {
        var all = new List<TRow>(others.Sum(o => o.Rows));
        foreach (var act in others) ((RowsAct<TRow, TResult>)act).AddTo(all);
        var results = await kind.Apply(tx, all);
        var from = 0;
        foreach (var act in others)
        {
            ((RowsAct<TRow, TResult>)act).Take(results, from);
            from += act.Rows;
        }
    }

    protected abstract void AddTo(List<TRow> rows);

    /// <summary>Its results are those from <paramref name="from"/> on, as many as its rows.</summary>
    protected abstract void Take(TResult[] results, int from);
}

/// <summary>Many rows of one caller.</summary>
internal sealed class BulkAct<TRow, TResult> : RowsAct<TRow, TResult>
{
    private readonly TaskCompletionSource<IReadOnlyList<TResult>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<TRow> _rows;
    private IReadOnlyList<TResult> _results = [];

    public BulkAct(BulkKind<TRow, TResult> kind, IReadOnlyList<TRow> rows, bool vital) : base(kind, vital)
    {
        _rows = rows;
        Answered = _answer.Task;
    }

    public Task<IReadOnlyList<TResult>> Answer => _answer.Task;

    public override int Rows => _rows.Count;

    public override void Commit() => _answer.TrySetResult(_results);

    public override void Fail(Exception e) => _answer.TrySetException(e);

    protected override void AddTo(List<TRow> rows) => rows.AddRange(_rows);

    protected override void Take(TResult[] results, int from) => _results = new ArraySegment<TResult>(results, from, _rows.Count);
}

/// <summary>
/// One row of one caller, as receipts come by the ten thousand: no task and no closure a row. The caller goes on, on the thread that answers
/// the group, so what follows its await must be short and must not block. It cannot be withdrawn.
/// </summary>
internal sealed class RowAct<TRow, TResult>(BulkKind<TRow, TResult> kind, TRow row, bool vital) : RowsAct<TRow, TResult>(kind, vital), IValueTaskSource<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _answer; // A mutable struct: it must not be readonly.
    private TResult _result = default!;
    private Exception? _failed;
    private int _answered;

    public ValueTask<TResult> Answer => new(this, _answer.Version);

    public override bool AnswersInTurn => true;

    public override void Commit()
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0) return; // It failed alone, before the group was committed.
        if (_failed is { } e) _answer.SetException(e);
        else _answer.SetResult(_result);
    }

    public override void Fail(Exception e)
    {
        _failed = e;
        Commit();
    }

    TResult IValueTaskSource<TResult>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    protected override void AddTo(List<TRow> rows) => rows.Add(row);

    protected override void Take(TResult[] results, int from) => _result = results[from];
}
