using Broadcast.Cloud.Warnings;
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
    private List<Awaited>? _waiting; // Most of the time a device owes no answer, and then one: nothing is allocated for none, and little for one.

    private sealed class Awaited(OrderForm form, long sequence, byte[] frame)
    {
        public OrderForm Form => form;

        public long Sequence => sequence;

        public byte[] Frame => frame;

        public int Sends { get; set; }

        public long TriedAt { get; set; }

        public bool Taken { get; set; }
    }

    /// <summary>Hands an order over. False where the session does not take it now, or it waits here already: the retry then owns it. Also where a newer revision waits: that one says it all.</summary>
    public bool Send(OrderForm form, long sequence, byte[] frame)
    {
        var awaited = new Awaited(form, sequence, frame);
        lock (_gate)
        {
            _waiting ??= new List<Awaited>(1);
            foreach (var other in _waiting)
            {
                if (other.Sequence == sequence || (other.Form.Warning == form.Warning && other.Form.Revision > form.Revision)) return false;
            }

            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Form.Warning == form.Warning) _waiting.RemoveAt(i);
            }

            _waiting.Add(awaited);
            return Try(awaited);
        }
    }

    /// <summary>Whether the order waits for its answer here.</summary>
    public bool Holds(long sequence)
    {
        lock (_gate) return Find(sequence) >= 0;
    }

    /// <summary>A receipt came for the order: it is not handed over again in this session.</summary>
    public void Answered(long sequence)
    {
        lock (_gate)
        {
            if (Find(sequence) is var at and >= 0) _waiting!.RemoveAt(at);
            if (_waiting?.Count == 0) _waiting = null;
        }
    }

    /// <summary>Whether anything waits. Nearly no device at nearly every moment: who asks them all every second asks this first.</summary>
    public bool Any => Volatile.Read(ref _waiting) is not null;

    /// <summary>Hands over again what has waited too long, in the order of the sequences; forgets what has expired. Gives the number of frames taken.</summary>
    /// <param name="first">Is told the sequences that the session had never taken before.</param>
    public int Retry(Action<long> first)
    {
        var again = 0;
        lock (_gate)
        {
            if (_waiting is null) return 0;
            var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
            _waiting.RemoveAll(o => nowMs >= o.Form.ExpiresMs);
            foreach (var order in _waiting.OrderBy(o => o.Sequence).ToArray())
            {
                if (clock.GetElapsedTime(order.TriedAt) < Dispatch.RetryAfter(order.Sends)) continue;
                var taken = order.Taken;
                if (!Try(order)) continue;
                again++;
                if (!taken) first(order.Sequence);
            }
        }

        return again;
    }

    private int Find(long sequence)
    {
        for (var i = 0; i < _waiting?.Count; i++)
        {
            if (_waiting[i].Sequence == sequence) return i;
        }

        return -1;
    }

    private bool Try(Awaited order)
    {
        order.Sends++;
        order.TriedAt = clock.GetTimestamp();
        var taken = hand(order.Frame, order.Sequence);
        order.Taken |= taken;
        return taken;
    }
}
