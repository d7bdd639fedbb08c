using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Time;

namespace Broadcast.Simulation.Cloud;

/// <summary>
/// The wire between one connection's two ends: bytes in order, late by what the weather says, held while the way is cut, dropped in silence
/// when one end is gone without a word. TCP's promises and no more.
/// </summary>
internal sealed class Exchange(Agenda agenda, SimulatedConnection server, SimulatedUplink client, Func<long> delayMs, Action serverHasWork)
{
    private readonly Queue<Action> _held = new();
    private long _upDueMs, _downDueMs;
    private bool _cut;

    public SimulatedConnection Server => server;

    /// <summary>Nothing comes through any more, and neither end is told.</summary>
    public bool IsDead { get; private set; }

    public void Up(byte[] bytes) => Deliver(ref _upDueMs, () =>
    {
        server.Arrive(bytes);
        serverHasWork();
    });

    public void Down(byte[] bytes) => Deliver(ref _downDueMs, () => client.Arrived(this, bytes));

    /// <summary>The way is cut: what is sent waits in the buffers of both ends.</summary>
    public void Cut() => _cut = true;

    public void Mend()
    {
        _cut = false;
        while (!_cut && _held.TryDequeue(out var deliver)) deliver();
    }

    /// <summary>Both ends may go on believing in it until their own patience ends.</summary>
    public void Die() => IsDead = true;

    /// <summary>The client's end closes; the server hears of it as of everything else, late.</summary>
    public void ClientEnded() => Deliver(ref _upDueMs, () =>
    {
        IsDead = true;
        server.PeerGone();
        serverHasWork();
    });

    /// <summary>The server is through with it: nothing more comes from there.</summary>
    public bool IsServerOver { get; private set; }

    public void ServerEnded()
    {
        IsServerOver = true;
        Deliver(ref _downDueMs, () =>
        {
            IsDead = true;
            client.Ended(this);
        });
    }

    private void Deliver(ref long dueMs, Action deliver)
    {
        if (IsDead) return;
        dueMs = Math.Max(dueMs, agenda.NowMs + delayMs());
        agenda.At(dueMs, () =>
        {
            if (IsDead) return;
            if (_cut || _held.Count > 0) _held.Enqueue(() =>
            {
                if (!IsDead) deliver();
            });
            else deliver();
        });
    }
}
