using System;
using System.IO;

namespace Broadcast.Firmware.Storage;

/// <summary>
/// Slots as two files of the internal flash's file system, which levels the wear below: appended to, deleted as a whole,
/// never changed in the middle, because that is what a log-structured file system (littlefs) does without copying.
/// </summary>
public sealed class FileSlots : ISlots
{
    private readonly string _path;

    /// <summary>Slots of that name.</summary>
    /// <param name="root">The drive and folder with its separator, such as <c>I:\</c>.</param>
    /// <param name="name">Name of the two files, without the number.</param>
    /// <param name="slotBytes">Most bytes of one slot.</param>
    public FileSlots(string root, string name, int slotBytes)
    {
        _path = root + name + ".";
        SlotBytes = slotBytes;
    }

    /// <inheritdoc />
    public int SlotBytes { get; }

    /// <inheritdoc />
    public int Used(int slot)
    {
        try
        {
            if (!File.Exists(Path(slot)))
                return 0;
            using FileStream file = new FileStream(Path(slot), FileMode.Open, FileAccess.Read);
            return file.Length > SlotBytes ? SlotBytes : (int)file.Length;
        }
        catch (IOException)
        {
            // An unreadable slot takes no more; the store goes on with the other.
            return SlotBytes;
        }
    }

    /// <inheritdoc />
    public bool Read(int slot, int offset, byte[] buffer, int count)
    {
        try
        {
            using FileStream file = new FileStream(Path(slot), FileMode.Open, FileAccess.Read);
            file.Seek(offset, SeekOrigin.Begin);
            int done = 0;
            while (done < count)
            {
                int read = file.Read(buffer, done, count - done);
                if (read <= 0)
                    return false;
                done += read;
            }

            return true;
        }
        catch (IOException)
        {
            // Not there or not readable: the store looks at the next record.
            return false;
        }
    }

    /// <inheritdoc />
    public bool Append(int slot, int offset, byte[] bytes)
    {
        try
        {
            using FileStream file = new FileStream(Path(slot), FileMode.Append, FileAccess.Write);
            if (file.Length != offset)
                return false;
            file.Write(bytes, 0, bytes.Length);
            file.Flush();
            return true;
        }
        catch (IOException)
        {
            // The flash is full or failing: the core reports it and goes on sounding.
            return false;
        }
    }

    /// <inheritdoc />
    public bool Erase(int slot)
    {
        try
        {
            if (File.Exists(Path(slot)))
                File.Delete(Path(slot));
            return true;
        }
        catch (IOException)
        {
            // As with Append.
            return false;
        }
    }

    private string Path(int slot) => _path + slot.ToString();
}
