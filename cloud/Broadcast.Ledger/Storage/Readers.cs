using System.Collections.Concurrent;

namespace Broadcast.Ledger.Storage;

/// <summary>Connections that only read, kept with their prepared statements; at most so many at once, the rest await.</summary>
internal sealed class Readers(Engine engine, int max) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(max, max);
    private readonly ConcurrentBag<SqlSession> _idle = [];

    /// <summary>Runs <paramref name="read"/> on one state of the ledger, however many statements it takes.</summary>
    public async Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> read, CancellationToken cancel)
    {
        await _places.WaitAsync(cancel);
        SqlSession? session = null;
        try
        {
            if (!_idle.TryTake(out session)) session = await engine.OpenAsync(write: false, cancel);
            await session.ExecuteAsync(engine.BeginRead);
            var result = await read(session);
            await session.ExecuteAsync("COMMIT");
            _idle.Add(session);
            session = null;
            return result;
        }
        catch (Exception e) when (engine.Classify(e) != Fault.Act)
        {
            await DropIdleAsync(); // What broke this one has broken them, too: each would fail whoever takes it next.
            throw new LedgerUnavailableException($"The ledger cannot be read: {e.Message}", e);
        }
        finally
        {
            if (session is not null) await session.DisposeAsync(); // It failed: nobody reads on in its broken transaction.
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropIdleAsync();
        _places.Dispose();
    }

    private async Task DropIdleAsync()
    {
        while (_idle.TryTake(out var session)) await session.DisposeAsync();
    }
}
