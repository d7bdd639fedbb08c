namespace Broadcast.Firmware.Storage;

/// <summary>
/// Two slots of flash that can be appended to and erased, nothing else: what NOR flash and a log-structured file system
/// both do well. A power cut may leave any part of an append or an erase done.
/// </summary>
public interface ISlots
{
    /// <summary>Most bytes a slot holds.</summary>
    int SlotBytes { get; }

    /// <summary>Bytes of the slot that were ever appended since its erase, as far as can be told; 0 for an empty one.</summary>
    int Used(int slot);

    /// <summary>Reads <paramref name="count"/> bytes into the start of <paramref name="buffer"/>. False when they are not there.</summary>
    bool Read(int slot, int offset, byte[] buffer, int count);

    /// <summary>Appends the bytes at <paramref name="offset"/>, where the slot ends, and lets them reach the flash. False when it could not, or when the slot does not end there.</summary>
    bool Append(int slot, int offset, byte[] bytes);

    /// <summary>Erases the slot. False when it could not.</summary>
    bool Erase(int slot);
}
