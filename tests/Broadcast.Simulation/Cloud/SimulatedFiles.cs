using System.Text;
using Broadcast.Ledger.Storage;
using Broadcast.Simulation.Disk;

namespace Broadcast.Simulation.Cloud;

/// <summary>The ledger's files beside the database, on the simulated disk.</summary>
internal sealed class SimulatedFiles(SimulatedDisk disk) : LedgerFiles
{
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);

    public override IDisposable Lock(string path)
    {
        if (!_held.Add(path)) throw new IOException($"{path} is held.");
        return new Hold(this, path);
    }

    /// <summary>The process is gone, and its locks with it.</summary>
    public void LoseLocks() => _held.Clear();

    public override long FreeBytes(string path) => disk.FreeBytes;

    public override bool Exists(string path) => disk.Find(path) is not null;

    public override long LengthOf(string path) => Found(path).Length;

    public override void Delete(string path)
    {
        Done(disk.Operate());
        disk.Delete(path);
    }

    public override void Move(string from, string to)
    {
        Done(disk.Operate());
        disk.Move(from, to);
    }

    public override void Copy(string from, string to)
    {
        Done(disk.Operate(Found(from).Length));
        disk.Copy(from, to);
    }

    public override void Preallocate(string path, long bytes)
    {
        Done(disk.Operate(bytes));
        var file = disk.OpenOrCreate(path);
        file.Truncate(0);
        file.Write(0, new byte[bytes]);
        file.Flush();
    }

    public override string ReadText(string path) => Encoding.UTF8.GetString(Found(path).Content);

    public override void WriteText(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Done(disk.Operate(bytes.Length));
        var file = disk.OpenOrCreate(path);
        file.Truncate(0);
        file.Write(0, bytes);
        Done(disk.Operate());
        file.Flush();
    }

    public override void AppendFlushed(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Done(disk.Operate(bytes.Length));
        var file = disk.OpenOrCreate(path);
        file.Write(file.Length, bytes);
        Done(disk.Operate());
        file.Flush();
    }

    public override bool EndsInsideLine(string path) => disk.Find(path) is { Length: > 0 } file && file.Content[^1] != '\n';

    public override void FlushToDisk(string path)
    {
        Done(disk.Operate());
        Found(path).Flush();
    }

    private SimulatedFile Found(string path) => disk.Find(path) ?? throw new FileNotFoundException($"There is no {path}.", path);

    private static void Done(DiskAnswer answer)
    {
        if (answer != DiskAnswer.Done) throw new IOException(answer == DiskAnswer.Full ? "There is no room on the disk." : "The disk does not answer.");
    }

    private sealed class Hold(SimulatedFiles files, string path) : IDisposable
    {
        public void Dispose() => files._held.Remove(path);
    }
}
