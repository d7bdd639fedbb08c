using Broadcast.Cloud.Link;
using Broadcast.Link;

namespace Broadcast.Cloud.Tests;

/// <summary>A way to a device that keeps what is sent.</summary>
internal sealed class TestLine : ILinkLine
{
    public List<byte[]> Sent { get; } = [];

    public long Epoch { get; set; }

    public DateTimeOffset LastHeard { get; set; } = DateTimeOffset.UnixEpoch;

    public bool IsOpen { get; private set; } = true;

    public bool HasUnsent { get; set; }

    /// <summary>Takes nothing more.</summary>
    public bool IsFull { get; set; }

    public SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true)
    {
        if (!IsOpen) return SendOutcome.Closed;
        if (IsFull) return SendOutcome.WindowFull;
        Sent.Add(payload.ToArray());
        return SendOutcome.Accepted;
    }

    public void Flush()
    {
    }

    public void Close(LinkCloseReason reason) => IsOpen = false;
}
