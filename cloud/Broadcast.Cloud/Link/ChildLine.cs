using Broadcast.Device;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// The way to a child through the session of its township's Pi. Frames go down on the Pi's own topic; their headers say for whom they are. That the child is
/// there, the cloud has by the Pi's word while the Pi itself is heard.
/// </summary>
public sealed class ChildLine(ILinkLine parent, long epoch, TimeProvider clock, Action<ChildLine, SessionEnd> ended) : ILinkLine
{
    private int _closed;
    private long _lastHeardMs;

    public long Epoch => epoch;

    public bool IsOpen => Volatile.Read(ref _closed) == 0 && parent.IsOpen;

    public DateTimeOffset LastHeard => Volatile.Read(ref _closed) == 0 ? parent.LastHeard : DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref _lastHeardMs));

    public bool HasUnsent => parent.HasUnsent;

    public SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true) => IsOpen ? parent.TrySend(payload, tag, flush) : SendOutcome.Closed;

    public void Flush() => parent.Flush();

    public void Close(LinkCloseReason reason) => End(reason == LinkCloseReason.TakenOver ? SessionEnd.TakenOver : SessionEnd.Refused, clock.GetUtcNow());

    /// <summary>Ends the line, and says so once.</summary>
    public void End(SessionEnd why, DateTimeOffset lastHeard)
    {
        // Before the end shows: who reads in between must find the one or the other.
        Interlocked.CompareExchange(ref _lastHeardMs, lastHeard.ToUnixTimeMilliseconds(), 0);
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        ended(this, why);
    }
}

/// <summary>What a Pi's session carries of one child under one key epoch. Hellos and ends take turns, in the order in which they came.</summary>
public sealed class ChildPlace(int keyEpoch)
{
    /// <summary>Frames of a child one after the other that do not verify, after which its line ends: its Pi and its other children go on, and its own next true word counts.</summary>
    public const int BadFramesMax = LiveDevice.BadFramesMax;

    private int _badFrames;

    public int KeyEpoch => keyEpoch;

    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The child; before its hello, and after its end, one that nothing can be sent to.</summary>
    public LiveDevice? Live { get; set; }

    /// <summary>Its newest hello in this session; null before it, and after its Pi has said that it is gone: it has to say hello again then.</summary>
    public Hello? Hello { get; set; }

    /// <summary>Whether something can be sent to it.</summary>
    public bool IsOpen => Live is { Session: { Epoch: > 0, IsOpen: true } };

    /// <summary>A frame verified.</summary>
    public void Verified() => Volatile.Write(ref _badFrames, 0);

    /// <summary>Counts a frame that did not verify; true for the one that was too many.</summary>
    public bool BadFrame() => Interlocked.Increment(ref _badFrames) == BadFramesMax;
}
