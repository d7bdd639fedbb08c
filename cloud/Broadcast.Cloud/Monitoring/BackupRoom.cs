using Broadcast.Ledger;
using Broadcast.Link;

namespace Broadcast.Cloud.Monitoring;

/// <summary>
/// Where a copy of the ledger is made for who asked for it: one at a time, and none stays. A large ledger takes longer than people wait, and each copy that
/// they gave up would take its room on the disk for ever.
/// </summary>
public sealed class BackupRoom(LedgerStore ledger, CloudOptions options)
{
    private readonly SemaphoreSlim _one = new(1);
    private bool _swept;

    /// <summary>A whole copy, audited; the file goes away with the stream.</summary>
    public async Task<Stream> TakeAsync(Actor actor, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            return await CopyAsync(Sweep(), actor, ct);
        }
        finally
        {
            _one.Release();
        }
    }

    // Once: what a process before this one left when it was killed.
    private string Sweep()
    {
        var folder = options.PathOf("backups");
        if (!_swept && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        _swept = true;
        PrivateFiles.CreateFolder(folder);
        return folder;
    }

    private async Task<Stream> CopyAsync(string folder, Actor actor, CancellationToken ct)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.backup");
        Stream? copy = null;
        try
        {
            await ledger.BackupAsync(path, ct);
            await ledger.AuditAsync(actor, "backup", "ledger", "", ct);
            return copy = new FileStream(path, new FileStreamOptions { Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        finally
        {
            if (copy is null)
            {
                File.Delete(path);
                File.Delete(path + ".part");
            }
        }
    }
}
