using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware;

/// <summary>The mark in flash that tells the next start why the board restarts. Written only when something changes: a battery at its end, a restart of ours.</summary>
public sealed class RestartMark
{
    private readonly TwoSlotStore _store;
    private ResetReason _left;

    /// <summary>Takes the mark that lies there, and puts the ordinary one in its place.</summary>
    public RestartMark(TwoSlotStore store)
    {
        _store = store;
        byte[]? mark = store.Load();
        Reason = mark == null || mark.Length != 1 ? ResetReason.Unknown : (ResetReason)mark[0];
        _left = Reason;
        Leave(ResetReason.PowerOn);
    }

    /// <summary>Why the board started.</summary>
    public ResetReason Reason { get; }

    /// <summary>Leaves a mark for the next start.</summary>
    public void Leave(ResetReason reason)
    {
        if (reason != _left && _store.Save(new byte[] { (byte)reason }, 0))
            _left = reason;
    }
}
