using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>
/// A card that can die as cards do: ext4 on a loop device, which the kernel makes read-only at an error of its own, open files or not. Needs the right to mount.
/// </summary>
internal sealed class DyingCard : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _image;

    private DyingCard(string image, string path) => (_image, Path) = (image, path);

    /// <summary>What the gateway has as its data folder.</summary>
    public string Path { get; }

    /// <summary>Skips the test where this machine does not let us mount.</summary>
    /// <param name="folder">The card becomes <c>data</c> in it.</param>
    public static async Task<DyingCard> InsertAsync(TempFolder folder)
    {
        var card = new DyingCard(folder["card.img"], folder["data/x"][..^2]);
        await using (var image = new FileStream(card._image, FileMode.Create)) image.SetLength(32 << 20);
        await using var made = RunningProcess.Start("mkfs.ext4", ["-q", "-F", card._image]);
        await made.WaitForExitAsync(Patience);
        Assert.SkipUnless(made.ExitCode == 0 && await card.TryMountAsync(), "this machine does not let us mount a card");
        return card;
    }

    /// <summary>The kernel finds an error, and takes no write from now on.</summary>
    public async Task DieAsync()
    {
        var device = System.IO.Path.GetFileName((await RunningProcess.RunAsync("findmnt", ["-n", "-o", "SOURCE", Path], Patience)).Trim());
        await File.WriteAllTextAsync($"/sys/fs/ext4/{device}/trigger_fs_error", "the card is worn");
        Should.Throw<IOException>(() => File.WriteAllText(System.IO.Path.Combine(Path, "x"), "x"), "the card lives");
    }

    /// <summary>It is looked after on another machine, and takes writes again. Nobody has a file of it open.</summary>
    public async Task MendAsync()
    {
        await RunningProcess.RunAsync("umount", [Path], Patience);
        await using var check = RunningProcess.Start("fsck.ext4", ["-p", "-f", _image]);
        await check.WaitForExitAsync(Patience);
        check.ExitCode.ShouldBeLessThan(4, check.Output); // 1: errors were put right.
        (await TryMountAsync()).ShouldBeTrue();
    }

    /// <summary>All that is on it, for comparing.</summary>
    public async Task<string> ContentAsync()
    {
        var files = Directory.GetFiles(Path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false }).Order(StringComparer.Ordinal);
        return await RunningProcess.RunAsync("sha256sum", files, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await using var unmount = RunningProcess.Start("umount", ["--lazy", Path]);
        await unmount.WaitForExitAsync(Patience);
    }

    private async Task<bool> TryMountAsync()
    {
        await using var mount = RunningProcess.Start("mount", ["-o", "loop,errors=remount-ro", _image, Path]);
        await mount.WaitForExitAsync(Patience);
        return mount.ExitCode == 0;
    }
}
