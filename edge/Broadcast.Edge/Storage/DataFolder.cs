using System.Security.Cryptography;
using Broadcast.Link;

namespace Broadcast.Edge.Storage;

/// <summary>
/// Where the gateway keeps what it keeps: the card. Cards die by taking no more writes; a village is warned all the same, so the gateway then goes on
/// from a private copy in memory, and says that a power cut will forget it. The card stays the truth: a later start on one that takes writes begins from
/// it and throws the copy away, and a copy of anything else than is on the card now is never used.
/// </summary>
internal sealed class DataFolder(EdgeSettings settings)
{
    /// <summary>The fault's name, in both languages.</summary>
    public const string ReadOnlyWords = "存储卡只读：断电后什么都不保留 card read-only: nothing is kept over a power cut";

    // Linux's own numbers: a full card, and a full share of it. It is not read-only; there may be room again, and nothing has to be started anew for it.
    private const int NoSpace = 28, NoQuota = 122;

    private const string Memory = "/dev/shm";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private volatile string _path = settings.Data;
    private string _ownFolder = "";
    private byte[] _source = [];

    /// <summary>The folder that the settings name.</summary>
    public string Card => settings.Data;

    /// <summary>Where files are written now: the card, or the memory.</summary>
    public string Path => _path;

    /// <summary>Whether the card takes no writes: then nothing is kept over a power cut.</summary>
    public bool IsReadOnly => _path != Card;

    public IEnumerable<string> Faults => IsReadOnly ? [ReadOnlyWords] : [];

    // systemd's, kept while the machine is up: what is there outlives the process, so that one that is started anew repeats nothing and forgets no rain.
    private static string? Lasting => Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY") is { Length: > 0 } folders ? System.IO.Path.Combine(folders.Split(':')[0], "card") : null;

    // Where others write too, a name that nobody can have taken before.
    private static IEnumerable<string> MemoryFolders()
    {
        if (Lasting is { } lasting) yield return lasting;
        var name = $"broadcast-edge-{Guid.NewGuid():N}";
        if (Directory.Exists(Memory)) yield return System.IO.Path.Combine(Memory, name);
        yield return System.IO.Path.Combine(System.IO.Path.GetTempPath(), name);
    }

    private string Mark => System.IO.Path.Combine(_path, "copied-from");

    /// <summary>Tries a write. Says why the card takes none; empty where it does, or is only full.</summary>
    public string Objection()
    {
        try
        {
            PrivateFiles.CreateFolder(Card);
            var probe = System.IO.Path.Combine(Card, "probe");
            PrivateFiles.Write(probe, [1]);
            File.Delete(probe);
            return "";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.HResult is NoSpace or NoQuota ? "" : refused.Message;
        }
    }

    /// <summary>The card takes writes: what an earlier run had in memory is older than what it will hold.</summary>
    public void ForgetMemory()
    {
        try
        {
            if (Lasting is { } lasting && Directory.Exists(lasting)) Directory.Delete(lasting, recursive: true);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            return; // After the card's next write it is a copy of something else, and never used.
        }
    }

    /// <summary>From now on files are written to memory.</summary>
    /// <exception cref="IOException">There is none that takes them.</exception>
    public void MoveToMemory()
    {
        foreach (var folder in MemoryFolders())
        {
            try
            {
                PrivateFiles.CreateFolder(folder);
                if (folder != Lasting) _ownFolder = folder;
                _path = folder;
                return;
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                continue; // There may be another.
            }
        }

        throw new IOException("no folder in memory can be made");
    }

    /// <summary>Back to the card, which takes nothing: there was no room in memory either.</summary>
    public void MoveBack()
    {
        Leave();
        _path = Card;
    }

    /// <summary>
    /// Brings files of the card to memory, as they are. True where they are a fresh copy; false where what is there is one that an earlier process made of exactly
    /// these files and went on with.
    /// </summary>
    /// <exception cref="IOException">The card cannot be read, or the memory takes nothing.</exception>
    public bool Copy(params IReadOnlyList<string> names)
    {
        _source = [];
        var source = FingerprintOf(names);
        if (File.Exists(Mark) && File.ReadAllBytes(Mark).AsSpan().SequenceEqual(source)) return false;
        Clear(names);
        foreach (var name in names) CopyOne(name);
        _source = source;
        return true;
    }

    /// <summary>The copy is ready to be gone on with, also by the next process.</summary>
    public void Seal()
    {
        if (_source.Length > 0) PrivateFiles.Write(Mark, _source);
    }

    /// <summary>Nothing of a copy is left: half of one, or of something else, must not look whole.</summary>
    public void Clear(params IReadOnlyList<string> names)
    {
        File.Delete(Mark);
        foreach (var name in names) File.Delete(System.IO.Path.Combine(_path, name));
    }

    /// <summary>The gateway ends: what only this process could have gone on with is gone too.</summary>
    public void Leave()
    {
        if (_ownFolder.Length > 0 && Directory.Exists(_ownFolder)) Directory.Delete(_ownFolder, recursive: true);
    }

    // A file that is not there is made too, so that nobody else makes it with other rights.
    private void CopyOne(string name)
    {
        using var to = new FileStream(System.IO.Path.Combine(_path, name), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        var card = System.IO.Path.Combine(Card, name);
        if (!System.IO.Path.Exists(card)) return;
        using var from = new FileStream(card, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        from.CopyTo(to);
    }

    private byte[] FingerprintOf(IReadOnlyList<string> names)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in names.Select(name => System.IO.Path.Combine(Card, name)))
        {
            if (!System.IO.Path.Exists(path)) continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            all.AppendData(SHA256.HashData(file));
        }

        return all.GetHashAndReset();
    }
}
