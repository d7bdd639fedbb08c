namespace Broadcast.Ledger.Writing;

/// <summary>One waiting act. It is applied inside a group's transaction, maybe more than once (after a rollback), and answered once, after the commit.</summary>
internal abstract class Act(bool vital)
{
    private int _taken; // 0 waits, 1 taken by the writer or withdrawn by its caller; whoever moves it decides.

    /// <summary>Cancels, actual reds, receipts, sessions and the audit trail: what still succeeds when the disk is nearly full (R1).</summary>
    public bool Vital { get; } = vital;

    public virtual int Rows => 1;

    public Task Answered { get; protected init; } = Task.CompletedTask;

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

/// <summary>Rows of a kind. Whatever part of the ledger keeps the rows together decides nothing about them: each row has its own result.</summary>
internal sealed class BulkAct<TRow, TResult> : Act, IBulkAct
{
    private readonly TaskCompletionSource<IReadOnlyList<TResult>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BulkKind<TRow, TResult> _kind;
    private readonly IReadOnlyList<TRow> _rows;
    private IReadOnlyList<TResult> _results = [];

    public BulkAct(BulkKind<TRow, TResult> kind, IReadOnlyList<TRow> rows, bool vital) : base(vital)
    {
        (_kind, _rows) = (kind, rows);
        Answered = _answer.Task;
    }

    public Task<IReadOnlyList<TResult>> Answer => _answer.Task;

    public object Kind => _kind;

    public int Rank => _kind.Rank;

    public override int Rows => _rows.Count;

    public override async Task ApplyAsync(GroupTransaction tx) => _results = await _kind.Apply(tx, _rows);

    public async Task ApplyTogetherAsync(GroupTransaction tx, IReadOnlyList<Act> others)
    {
        var all = new List<TRow>(others.Sum(o => o.Rows));
        foreach (var act in others) all.AddRange(((BulkAct<TRow, TResult>)act)._rows);
        var results = await _kind.Apply(tx, all);
        var from = 0;
        foreach (var act in others)
        {
            var bulk = (BulkAct<TRow, TResult>)act;
            bulk._results = new ArraySegment<TResult>(results, from, bulk._rows.Count);
            from += bulk._rows.Count;
        }
    }

    public override void Commit() => _answer.TrySetResult(_results);

    public override void Fail(Exception e) => _answer.TrySetException(e);
}
