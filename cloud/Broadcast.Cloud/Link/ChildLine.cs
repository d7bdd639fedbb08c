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
    private DateTimeOffset _lastHeard = DateTimeOffset.MaxValue;

    public long Epoch => epoch;

    public bool IsOpen => Volatile.Read(ref _closed) == 0 && parent.IsOpen;

    public DateTimeOffset LastHeard => Volatile.Read(ref _closed) == 0 ? parent.LastHeard : _lastHeard;

    public SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true) => IsOpen ? parent.TrySend(payload, tag, flush) : SendOutcome.Closed;

    public void Flush() => parent.Flush();

    public void Close(LinkCloseReason reason) => End(reason == LinkCloseReason.TakenOver ? SessionEnd.TakenOver : SessionEnd.Refused, clock.GetUtcNow());

    /// <summary>Ends the line, and says so once.</summary>
    public void End(SessionEnd why, DateTimeOffset lastHeard)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        _lastHeard = lastHeard;
        ended(this, why);
    }
}

/// <summary>What a Pi's session carries of one child. Hellos and ends take turns, in the order in which they came.</summary>
public sealed class ChildPlace
{
    /// <summary>Frames of a child that do not verify, after which no more is looked at in this session: its Pi and its other children go on.</summary>
    public const int BadFramesMax = LiveDevice.BadFramesMax;

    private int _badFrames;

    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The child; before its hello, and after its end, one that nothing can be sent to.</summary>
    public LiveDevice? Live { get; set; }

    public bool IsIgnored => Volatile.Read(ref _badFrames) >= BadFramesMax;

    public void BadFrame() => Interlocked.Increment(ref _badFrames);
}
