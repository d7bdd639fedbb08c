using Broadcast.Device;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// A device's session on this node: its key, what was handed to it and is not yet answered, what it last said of itself.
/// One lock an instance; nothing waits inside it.
/// </summary>
public sealed class LiveDevice(LinkSession session, DeviceRecord record, byte[] orderKey)
{
    /// <summary>Frames that no hello or receipt came out of, after which the session is cut: a device of ours sends none.</summary>
    public const int BadFramesMax = 8;

    private readonly Lock _gate = new();
    private Dictionary<long, Unanswered>? _unanswered; // Most of the time a device owes no answer: nothing is allocated for it.
    private int _badFrames;

    private sealed class Unanswered(byte[] frame, long deadlineMs)
    {
        public byte[] Frame { get; } = frame;

        public int Sends { get; set; } = 1;

        public long RetryAtMs { get; set; }

        public long DeadlineMs { get; } = deadlineMs;
    }

    public DeviceId Id => record.Id;

    public LinkSession Session { get; } = session;

    public long Epoch => Session.Epoch;

    public byte[] OrderKey => orderKey;

    public int KeyEpoch => record.KeyEpoch;

    /// <summary>Whether its hello was verified: only then does it count as online and get orders.</summary>
    public bool Greeted { get; set; }

    /// <summary>The newest self-report of this session.</summary>
    public Report? Report { get; set; }

    /// <summary>Seals and hands over an order; false where the session cannot take it now. The retry or the next hello then owns it.</summary>
    public bool Send(Order order, long nowMs)
    {
        var frame = Envelope.Seal(orderKey, KeyEpoch, Direction.Down, Id.Value, MessageType.Order, order.Encode());
        lock (_gate)
        {
            _unanswered ??= [];
            _unanswered[order.Sequence] = new Unanswered(frame, order.ExpiresMs) { RetryAtMs = nowMs + (long)Dispatch.RetryAfter(1).TotalMilliseconds };
        }

        return Session.TrySend(frame, order.Sequence) == SendOutcome.Accepted;
    }

    public bool Say(MessageType type, byte[] body) =>
        Session.TrySend(Envelope.Seal(orderKey, KeyEpoch, Direction.Down, Id.Value, type, body), 0) == SendOutcome.Accepted;

    /// <summary>A receipt came for the order: it is not handed over again in this session.</summary>
    public void Answered(long sequence)
    {
        lock (_gate)
        {
            if (_unanswered is null || !_unanswered.Remove(sequence)) return;
            if (_unanswered.Count == 0) _unanswered = null;
        }
    }

    /// <summary>Hands over again what has waited too long for an answer; forgets what has expired. Gives the number of frames sent.</summary>
    public int Retry(long nowMs)
    {
        var again = 0;
        lock (_gate)
        {
            if (_unanswered is null) return 0;
            List<long>? expired = null;
            foreach (var (sequence, order) in _unanswered)
            {
                if (nowMs >= order.DeadlineMs)
                {
                    (expired ??= []).Add(sequence);
                    continue;
                }

                if (nowMs < order.RetryAtMs) continue;
                if (Session.TrySend(order.Frame, sequence) == SendOutcome.Accepted) again++;
                order.Sends++;
                order.RetryAtMs = nowMs + (long)Dispatch.RetryAfter(order.Sends).TotalMilliseconds;
            }

            foreach (var sequence in expired ?? []) _unanswered.Remove(sequence);
        }

        return again;
    }

    /// <summary>Counts a frame that did not verify; true once there were too many.</summary>
    public bool TooManyBadFrames() => Interlocked.Increment(ref _badFrames) >= BadFramesMax;
}
