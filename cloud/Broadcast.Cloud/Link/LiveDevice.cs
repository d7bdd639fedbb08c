using System.Collections.Concurrent;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>A device's session on this node: its key, what was handed to it and is not yet answered, what it last said of itself.</summary>
public sealed class LiveDevice(ILinkLine session, DeviceRecord record, byte[] orderKey, TimeProvider clock)
{
    /// <summary>Frames that no hello or receipt came out of, after which the session is cut: a device of ours sends none.</summary>
    public const int BadFramesMax = 8;

    /// <summary>Alarms and readings at once: all that a gateway can have kept while it was away, and some more.</summary>
    public const int KeptAtOnceMax = 12_000;

    /// <summary>Alarms and readings a second after that: hundreds of times what a site has to say.</summary>
    public const int KeptPerSecondMax = 1;

    private readonly AwaitedAnswers _awaited = new((frame, sequence) => session.TrySend(frame, sequence, flush: false) == SendOutcome.Accepted, clock);
    private readonly Allowance _kept = new(KeptAtOnceMax, KeptPerSecondMax, clock);
    private int _badFrames;
    private int _missed;

    public DeviceId Id => record.Id;

    /// <summary>The way to it: its own session, or a place in that of its township's Pi.</summary>
    public ILinkLine Session { get; } = session;

    /// <summary>What a township's Pi carries; null for everybody else.</summary>
    public ConcurrentDictionary<DeviceId, ChildPlace>? Children { get; private set; }

    /// <summary>The place of a child in this session; a new one where it was rekeyed since. Called for one frame at a time.</summary>
    public ChildPlace PlaceOf(DeviceRecord child) =>
        (Children ??= new()).AddOrUpdate(child.Id, _ => new ChildPlace(child.KeyEpoch), (_, old) => old.KeyEpoch == child.KeyEpoch ? old : new ChildPlace(child.KeyEpoch));

    public long Epoch => Session.Epoch;

    public byte[] OrderKey => orderKey;

    public int KeyEpoch => record.KeyEpoch;

    /// <summary>Whether its hello was verified: only then does it count as online and get orders.</summary>
    public bool Greeted { get; set; }

    /// <summary>
    /// Done when what it has forgotten, by the session's first hello, is queued again; null before that hello. Never asked in a later one: what was sent since is
    /// the device's already.
    /// </summary>
    public Task? Looked { get; set; }

    /// <summary>The newest self-report of this session.</summary>
    public Report? Report { get; set; }

    /// <summary>What it last said of its settings in this session; null where it never did, and then knows none.</summary>
    public SettingsState? Settings { get; set; }

    /// <summary>The order's frame for this session.</summary>
    public byte[] Seal(OrderForm form, long sequence) => form.Seal(orderKey, KeyEpoch, Id.Value, sequence);

    /// <summary>Hands over an order, sealed by <see cref="Seal"/> before or now; false where it was not handed over now. The retry or the next hello then owns it.</summary>
    public bool Send(OrderForm form, long sequence, byte[]? frame = null)
    {
        var taken = _awaited.Send(form, sequence, frame ?? Seal(form, sequence));
        Session.Flush(); // Not within the lock of what is awaited: the session may end in it.
        return taken;
    }

    /// <summary>Says what is no order. False where the session did not take it; then <see cref="TakeMissed"/> is true once.</summary>
    public bool Say(MessageType type, byte[] body)
    {
        if (Session.TrySend(Envelope.Seal(orderKey, KeyEpoch, Direction.Down, Id.Value, type, body), 0) == SendOutcome.Accepted) return true;
        Missed();
        return false;
    }

    /// <summary>Something was not said to it.</summary>
    public void Missed() => Volatile.Write(ref _missed, 1);

    /// <summary>True once after something was not taken: its session was full of other things, and nobody will say it again by themselves.</summary>
    public bool TakeMissed() => Volatile.Read(ref _missed) != 0 && Interlocked.Exchange(ref _missed, 0) != 0;

    /// <summary>A receipt came for the order: it is not handed over again in this session.</summary>
    public void Answered(long sequence) => _awaited.Answered(sequence);

    /// <summary>Hands over again what has waited too long for an answer; <paramref name="first"/> is told what the session takes for the first time.</summary>
    public int Retry(Action<LiveDevice, long> first)
    {
        if (!_awaited.Any) return 0; // What comes in now has its turn in a second.
        var again = _awaited.Retry(sequence => first(this, sequence));
        if (again > 0) Session.Flush();
        return again;
    }

    /// <summary>Whether the order was handed over in this session and no receipt has come for it yet.</summary>
    public bool Awaits(long sequence) => _awaited.Holds(sequence);

    /// <summary>Whether the device may add to the ledger now; one that fills it is none of ours, however well it signs.</summary>
    public bool MayKeep() => _kept.TryTake();

    /// <summary>Counts a frame that did not verify; true once there were too many.</summary>
    public bool TooManyBadFrames() => Interlocked.Increment(ref _badFrames) >= BadFramesMax;
}
