using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>A real filesystem of a known size, in memory, to be filled. Needs the right to mount.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private const int BlockBytes = 64 * 1024;

    private readonly TempFolder _folder = new("disk");

    private SmallDisk()
    {
    }

    public string Path => _folder["mounted"];

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Null where this machine does not let us mount.</summary>
    public static async Task<SmallDisk?> TryMountAsync(int megabytes)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Path);
        await using var mount = RunningProcess.Start("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "none", disk.Path]);
        await mount.WaitForExitAsync(Patience);
        if (mount.ExitCode == 0) return disk;
        disk._folder.Dispose();
        return null;
    }

    /// <summary>Fills the disk until only so much is free.</summary>
    public void FillUntil(long freeBytes)
    {
        using var ballast = new FileStream(Ballast, FileMode.Append);
        var block = new byte[BlockBytes];
        try
        {
            while (new DriveInfo(Path).AvailableFreeSpace > freeBytes)
            {
                ballast.Write(block);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            // Full before the goal: that is as full as it gets.
        }
    }

    /// <summary>Takes the ballast away.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RunningProcess.RunAsync("umount", [Path], Patience);
        _folder.Dispose();
    }
}
