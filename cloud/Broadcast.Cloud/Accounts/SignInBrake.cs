using System.Net;
using Broadcast.Cloud.Http;
using Broadcast.Rules;

namespace Broadcast.Cloud.Accounts;

/// <summary>
/// Slows guessing: five wrong passwords for a name from one address, or thirty for any names, then a minute's wait there. By address, since
/// by name alone a stranger could keep an operator from signing in when it matters. Bounded: invented names fill no memory, no processor and no trail.
/// </summary>
public sealed class SignInBrake(TimeProvider clock) : IDisposable
{
    private const int WrongOfNameMax = 5;
    private const int WrongOfAddressMax = 30; // A bureau behind one address may mistype, too.
    private const int EntriesMax = 10_000;
    private const int NotedMax = 60; // Refusals a minute that enter the audit trail, of all addresses together.
    private const int WaitingMax = 64; // Checking a password takes a tenth of a second of a processor; who waits longer than these do is told to come back.
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(IPAddress From, string Name), (int Wrong, long Since)> _tries = [];
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2)); // The other half goes on with warnings.
    private int _waiting;
    private (int Count, long Since) _noted;

    /// <summary>A turn at the costly check, to be disposed after it; null where too many wait already.</summary>
    public async Task<IDisposable?> TurnAsync(CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _turns.WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        return new Turn(_turns);
    }

    public bool MayTry(PersonId name, IPAddress from)
    {
        var address = Networks.Of(from);
        lock (_gate) return WrongOf((address, name.Value)) < WrongOfNameMax && (IPAddress.IsLoopback(from) || WrongOf((address, "")) < WrongOfAddressMax);
    }

    /// <summary>Counts a try. True where a refusal may be written to the audit trail.</summary>
    public bool Tried(PersonId name, IPAddress from, bool right)
    {
        var address = Networks.Of(from);
        lock (_gate)
        {
            if (right) return _tries.Remove((address, name.Value));
            Count((address, name.Value));
            Count((address, "")); // No person's id is empty.
            if (clock.GetElapsedTime(_noted.Since) > Wait) _noted = (0, clock.GetTimestamp());
            return ++_noted.Count <= NotedMax;
        }
    }

    public void Dispose() => _turns.Dispose();

    private int WrongOf((IPAddress, string) key) => _tries.TryGetValue(key, out var t) && clock.GetElapsedTime(t.Since) <= Wait ? t.Wrong : 0;

    private void Count((IPAddress, string) key)
    {
        var wrong = WrongOf(key);
        if (wrong == 0 && _tries.Count >= EntriesMax) DropOld();
        _tries[key] = (wrong + 1, wrong == 0 ? clock.GetTimestamp() : _tries[key].Since);
    }

    private void DropOld()
    {
        foreach (var (key, t) in _tries.ToArray())
        {
            if (clock.GetElapsedTime(t.Since) > Wait) _tries.Remove(key);
        }

        if (_tries.Count >= EntriesMax) _tries.Clear(); // Thousands of addresses in one minute: remembering each costs more than it slows.
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0) turns.Release();
        }
    }
}
