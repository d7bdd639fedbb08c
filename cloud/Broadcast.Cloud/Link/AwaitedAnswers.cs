using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// The orders that were handed to one session and are not yet answered. A newer revision of a warning takes the place of an older one, so
/// that no retry brings back what was cancelled. Retries go by monotonic time: a clock that is set back must not put them off.
/// One lock an instance; <paramref name="hand"/> must not block.
/// </summary>
public sealed class AwaitedAnswers(Func<byte[], long, bool> hand, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private Dictionary<long, Awaited>? _bySequence; // Most of the time a device owes no answer: nothing is allocated for it.

    private sealed class Awaited(Order order, byte[] frame)
    {
        public WarningId? Warning { get; } = WarningId.FromWire(order.WarningId);

        public int Revision => order.Revision;

        public long DeadlineMs => order.ExpiresMs;

        public byte[] Frame => frame;

        public int Sends { get; set; }

        public long TriedAt { get; set; }

        public bool Taken { get; set; }
    }

    /// <summary>Hands an order over. False where the session does not take it now, or it waits here already: the retry then owns it. Also where a newer revision waits: that one says it all.</summary>
    public bool Send(Order order, byte[] frame)
    {
        var awaited = new Awaited(order, frame);
        lock (_gate)
        {
            _bySequence ??= [];
            if (_bySequence.ContainsKey(order.Sequence)) return false;
            List<long>? older = null;
            foreach (var (sequence, other) in _bySequence)
            {
                if (other.Warning != awaited.Warning) continue;
                if (other.Revision > awaited.Revision) return false;
                (older ??= []).Add(sequence);
            }

            foreach (var sequence in older ?? []) _bySequence.Remove(sequence);
            _bySequence[order.Sequence] = awaited;
            return Try(order.Sequence, awaited);
        }
    }

    /// <summary>Whether the order waits for its answer here.</summary>
    public bool Holds(long sequence)
    {
        lock (_gate) return _bySequence?.ContainsKey(sequence) == true;
    }

    /// <summary>A receipt came for the order: it is not handed over again in this session.</summary>
    public void Answered(long sequence)
    {
        lock (_gate)
        {
            if (_bySequence is null || !_bySequence.Remove(sequence)) return;
            if (_bySequence.Count == 0) _bySequence = null;
        }
    }

    /// <summary>Hands over again what has waited too long, in the order of the sequences; forgets what has expired. Gives the number of frames taken.</summary>
    /// <param name="first">Is told the sequences that the session had never taken before.</param>
    public int Retry(Action<long> first)
    {
        if (Volatile.Read(ref _bySequence) is null) return 0; // Nearly every device at nearly every moment; one that comes in now has its turn in a second.
        var again = 0;
        lock (_gate)
        {
            if (_bySequence is null) return 0;
            var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var (sequence, order) in _bySequence.OrderBy(o => o.Key).ToArray())
            {
                if (nowMs >= order.DeadlineMs) _bySequence.Remove(sequence);
                else if (clock.GetElapsedTime(order.TriedAt) >= Dispatch.RetryAfter(order.Sends))
                {
                    var taken = order.Taken;
                    if (!Try(sequence, order)) continue;
                    again++;
                    if (!taken) first(sequence);
                }
            }
        }

        return again;
    }

    private bool Try(long sequence, Awaited order)
    {
        order.Sends++;
        order.TriedAt = clock.GetTimestamp();
        var taken = hand(order.Frame, sequence);
        order.Taken |= taken;
        return taken;
    }
}
