using System.Text.RegularExpressions;
using Broadcast.Ledger;
using Broadcast.Link;

namespace Broadcast.Cloud.Monitoring;

/// <summary>
/// Where a copy of the ledger is made for who asked for it: one at a time, and none stays. A large ledger takes longer than people wait, and each copy that
/// they gave up would take its room on the disk for ever.
/// </summary>
public sealed partial class BackupRoom(LedgerStore ledger, CloudOptions options)
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

    // Once: what a process before this one left when it was killed. Somebody may keep backups of their own here.
    private string Sweep()
    {
        var folder = options.PathOf("backups");
        PrivateFiles.CreateFolder(folder);
        foreach (var left in _swept ? [] : Directory.GetFiles(folder).Where(f => OfOurs().IsMatch(Path.GetFileName(f)))) File.Delete(left);
        _swept = true;
        return folder;
    }

    [GeneratedRegex(@"\A[0-9a-f]{32}\.backup", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OfOurs();

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
