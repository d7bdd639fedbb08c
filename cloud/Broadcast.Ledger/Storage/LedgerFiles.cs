using System.Text;

namespace Broadcast.Ledger.Storage;

/// <summary>What the ledger does with files beside the database itself. The simulated disk of the tests is the other one that there is.</summary>
internal class LedgerFiles
{
    public static readonly LedgerFiles OfTheSystem = new();

    /// <summary>Holds the file for one process until it is disposed.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public virtual IDisposable Lock(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);

    public virtual long FreeBytes(string path) => new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;

    public virtual bool Exists(string path) => File.Exists(path);

    public virtual long LengthOf(string path) => new FileInfo(path).Length;

    public virtual void Delete(string path) => File.Delete(path);

    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Copy(string from, string to) => File.Copy(from, to, overwrite: true);

    /// <summary>Makes a file of that length whose blocks are promised: preallocated, not sparse.</summary>
    public virtual void Preallocate(string path, long bytes)
    {
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = bytes });
        stream.SetLength(bytes);
    }

    public virtual string ReadText(string path) => File.ReadAllText(path);

    public virtual void WriteText(string path, string text) => File.WriteAllText(path, text);

    /// <summary>Appends, and returns when it is on the disk.</summary>
    public virtual void AppendFlushed(string path, string text)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Whether the file is there and its last byte is no line's end.</summary>
    public virtual bool EndsInsideLine(string path)
    {
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length == 0) return false;
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() != '\n';
    }

    public virtual void FlushToDisk(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }
}
