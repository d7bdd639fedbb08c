namespace Broadcast.Firmware.Storage;

/// <summary>
/// One piece of data kept over power cuts: after a cut anywhere, what was saved last or what was saved before it, never a
/// mixture. Each save is a record with a sequence and a check value, appended to one of two slots. When that slot is full,
/// the other one is erased and takes the record: the slot with the newest record is never erased, and an erase serves as
/// many saves as fit into a slot, which is what spares the flash.
/// </summary>
/// <remarks>A slot whose end cannot be read (a record that a power cut tore) takes no more; the next save goes to the other.</remarks>
public sealed class TwoSlotStore
{
    private readonly ISlots _slots;
    private long _sequence;
    private int _slot;
    private int _end;

    /// <summary>Makes a store; <see cref="Load"/> comes first.</summary>
    public TwoSlotStore(ISlots slots)
    {
        _slots = slots;
        _end = slots.SlotBytes;
    }

    /// <summary>Time that the last record named, in UTC milliseconds; 0 when there is none.</summary>
    public long WallMs { get; private set; }

    /// <summary>Slots erased since the start: what wears the flash.</summary>
    public int Erases { get; private set; }

    /// <summary>Whether something was found that is no whole record: a torn save, or worn flash.</summary>
    public bool FoundDamage { get; private set; }

    /// <summary>Gives what was saved last; null when there is nothing readable.</summary>
    public byte[]? Load()
    {
        Record?[] found = new Record?[4];
        int end0 = Scan(0, found, 0);
        int end1 = Scan(1, found, 2);
        byte[]? content = null;
        while (content == null)
        {
            int newest = Newest(found);
            if (newest < 0)
                return null;
            Record record = found[newest]!;
            found[newest] = null;
            content = Content(record);
            if (content == null)
            {
                FoundDamage = true;
                continue;
            }

            _sequence = record.Sequence;
            WallMs = record.WallMs;
            _slot = record.Slot;
            int end = record.Slot == 0 ? end0 : end1;
            // Only behind a record that is whole is it known where the next one begins.
            _end = end == record.End ? end : _slots.SlotBytes;
        }

        return content;
    }

    /// <summary>Saves <paramref name="content"/>. False when the flash did not take it; what was saved before is still there.</summary>
    /// <param name="content">At most a slot less the head.</param>
    /// <param name="wallMs">The time, for whoever loads it; 0 when unknown.</param>
    public bool Save(byte[] content, long wallMs)
    {
        byte[] head = Record.Head(content, _sequence + 1, wallMs);
        int needed = head.Length + content.Length;
        if (needed > _slots.SlotBytes)
            return false;
        if (needed > _slots.SlotBytes - _end || !Append(_slot, _end, head, content))
        {
            // What lies behind the newest whole record is not trusted to end anywhere, so nothing more is appended there.
            _end = _slots.SlotBytes;
            int other = 1 - _slot;
            Erases++;
            if (!_slots.Erase(other) || !Append(other, 0, head, content))
                return false;
            _slot = other;
            _end = 0;
        }

        _sequence++;
        _end += needed;
        WallMs = wallMs;
        return true;
    }

    // Read back before it counts: flash that is worn does not say so.
    private bool Append(int slot, int offset, byte[] head, byte[] content)
    {
        if (!_slots.Append(slot, offset, head) || !_slots.Append(slot, offset + head.Length, content))
            return false;
        byte[] read = new byte[Record.HeadBytes];
        Record? record = _slots.Read(slot, offset, read, read.Length) ? Record.Read(read, slot, offset, _slots.SlotBytes) : null;
        return record != null && record.Length == content.Length && Content(record) != null;
    }

    // Keeps the two newest records of the slot, the newest first, and gives where it ends; -1 when that cannot be told.
    private int Scan(int slot, Record?[] found, int at)
    {
        byte[] head = new byte[Record.HeadBytes];
        int offset = 0;
        int used = _slots.Used(slot);
        while (offset + Record.HeadBytes <= used && _slots.Read(slot, offset, head, head.Length))
        {
            Record? record = Record.Read(head, slot, offset, _slots.SlotBytes);
            if (record == null)
                break;
            found[at + 1] = found[at];
            found[at] = record;
            offset = record.End;
        }

        // NOR flash ends where its last cleared bit is, and a content may end in ones.
        if (offset >= used)
            return offset;
        FoundDamage = true;
        return -1;
    }

    private byte[]? Content(Record record)
    {
        byte[] content = new byte[record.Length];
        return _slots.Read(record.Slot, record.Offset + Record.HeadBytes, content, content.Length) && record.Fits(content) ? content : null;
    }

    private static int Newest(Record?[] found)
    {
        int newest = -1;
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] != null && (newest < 0 || found[i]!.Sequence > found[newest]!.Sequence))
                newest = i;
        }

        return newest;
    }
}
