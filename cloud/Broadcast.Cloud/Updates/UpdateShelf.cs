using System.Security.Cryptography;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Link.Update;

namespace Broadcast.Cloud.Updates;

/// <summary>A package on the shelf.</summary>
/// <param name="Hash">SHA-256 of the file.</param>
public sealed record ShelvedPackage(string Hash, UpdateManifest Manifest, long Bytes);

/// <summary>
/// Packages of the gateways' program, as files named by their hash in the data folder: they are too large for the ledger, and nothing in them is
/// believed here: the gateways hold the key. A node of a cluster has its own shelf; bring a package to each, or share the folder.
/// </summary>
public sealed class UpdateShelf(CloudOptions options, LedgerStore ledger)
{
    /// <summary>The oldest that is wanted of no site goes when another is brought; where all are wanted, all stay.</summary>
    public const int PackagesMax = 8;

    private readonly SemaphoreSlim _bringing = new(1);

    private string Folder => options.PathOf("updates");

    /// <summary>Keeps a package, audited; null where what came is none. Nothing of it can be found before all of it is on the disk.</summary>
    public async Task<ShelvedPackage?> BringAsync(Stream content, Actor actor, CancellationToken ct)
    {
        PrivateFiles.CreateFolder(Folder);
        await _bringing.WaitAsync(ct);
        var half = Path.Combine(Folder, "coming.part");
        try
        {
            await using (var file = new FileStream(half, FileMode.Create, FileAccess.Write))
            {
                var block = new byte[64 << 10];
                for (int count; (count = await content.ReadAsync(block, ct)) > 0;)
                {
                    if (file.Length + count > UpdatePackage.BytesMax) return null;
                    await file.WriteAsync(block.AsMemory(0, count), ct);
                }

                file.Flush(flushToDisk: true);
            }

            if (UpdatePackage.ReadHead(half) is not { } head || !head.HasPayload(half)) return null;
            await using (var whole = File.OpenRead(half))
            {
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, ct));
                await ledger.PackageBroughtAsync(hash, head.Manifest.Version, actor, ct);
                File.Move(half, PathOf(hash), overwrite: true);
                await DropOldestAsync(hash, actor);
                return new ShelvedPackage(hash, head.Manifest, head.Bytes);
            }
        }
        finally
        {
            File.Delete(half);
            _bringing.Release();
        }
    }

    /// <summary>The package of that hash; null where there is none.</summary>
    public ShelvedPackage? Find(string hash) => IsHash(hash) && File.Exists(PathOf(hash)) && UpdatePackage.ReadHead(PathOf(hash)) is { } head ? new ShelvedPackage(hash, head.Manifest, head.Bytes) : null;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ShelvedPackage> All() => Directory.Exists(Folder)
        ? [.. new DirectoryInfo(Folder).GetFiles().Where(f => IsHash(f.Name)).OrderByDescending(f => f.LastWriteTimeUtc).Select(f => Find(f.Name)).OfType<ShelvedPackage>()] : [];

    /// <summary>Where the file is; only for a hash that <see cref="Find"/> knows.</summary>
    public string PathOf(string hash) => Path.Combine(Folder, hash);

    // A name from outside becomes a path only if it can be no other.
    private static bool IsHash(string name) => name.Length == 64 && name.All(char.IsAsciiHexDigitLower);

    // Not the one that has just come, which nobody can have wanted yet.
    private async Task DropOldestAsync(string brought, Actor actor)
    {
        var wanted = await ledger.WantedPackagesAsync();
        var all = new DirectoryInfo(Folder).GetFiles().Where(f => IsHash(f.Name)).OrderBy(f => f.LastWriteTimeUtc).ToArray();
        foreach (var old in all.Where(f => f.Name != brought && !wanted.Contains(f.Name)).Take(Math.Max(0, all.Length - PackagesMax)))
        {
            await ledger.PackageDroppedAsync(old.Name, Find(old.Name)?.Manifest.Version ?? "unreadable", actor);
            old.Delete();
        }
    }
}
