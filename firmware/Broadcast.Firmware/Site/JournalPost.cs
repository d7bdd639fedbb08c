using Broadcast.Device;

namespace Broadcast.Firmware.Site;

/// <summary>
/// Brings the journal to the cloud, alarms before readings, a few at a time so that receipts always find room on the link. What is not
/// acknowledged before the link goes is sent again under its own number; a message leaves the journal when the cloud has it.
/// </summary>
public sealed class JournalPost
{
    /// <summary>Messages under way at once.</summary>
    public const int WindowMax = 4;

    private readonly Journal _journal;
    private readonly DeviceCore _core;
    private long _retryMs;

    /// <summary>A post for a journal.</summary>
    public JournalPost(Journal journal, DeviceCore core)
    {
        _journal = journal;
        _core = core;
    }

    /// <summary>Offers what waits. Before anything is offered for the first time, flash knows that it may have been.</summary>
    public void Step(long nowMs)
    {
        if (!_core.IsSessionUp || _journal.Count == 0 || nowMs < _retryMs)
            return;
        int room = WindowMax - UnderWay();
        if (room <= 0)
            return;
        MarkAll(nowMs);
        for (int i = 0; i < _journal.Count && room > 0; i++)
        {
            JournalEntry entry = _journal.At(i);
            if (entry.Token != 0)
                continue;
            entry.Token = _core.Send(entry.Type, entry.Encode(), nowMs);
            if (entry.Token == 0)
            {
                // Receipts go first, or the link is full.
                _retryMs = nowMs + Limits.OutboxRetryMs;
                return;
            }

            room--;
        }
    }

    /// <summary>The cloud has the message of this token.</summary>
    public void Acknowledged(int token)
    {
        for (int i = 0; token != 0 && i < _journal.Count; i++)
        {
            JournalEntry entry = _journal.At(i);
            if (entry.Token != token)
                continue;
            // Not saved for its own sake: sent again after a power cut, it is known by its number.
            _journal.Remove(entry);
            return;
        }
    }

    /// <summary>The link went: nobody knows what arrived.</summary>
    public void LinkDown()
    {
        for (int i = 0; i < _journal.Count; i++)
            _journal.At(i).Token = 0;
        _retryMs = 0;
    }

    private int UnderWay()
    {
        int count = 0;
        for (int i = 0; i < _journal.Count; i++)
        {
            if (_journal.At(i).Token != 0)
                count++;
        }

        return count;
    }

    private void MarkAll(long nowMs)
    {
        bool changed = false;
        for (int i = 0; i < _journal.Count; i++)
        {
            JournalEntry entry = _journal.At(i);
            changed |= entry.Complete(_core) || !entry.WasOffered;
            entry.WasOffered = true;
        }

        // Flash that takes nothing keeps nothing back either: the alarm is more worth than a stretch of rain that counts twice.
        if (changed)
            _journal.Save(_core.WallMs(nowMs));
    }
}
