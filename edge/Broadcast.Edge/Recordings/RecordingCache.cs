using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Recordings;

/// <summary>
/// Recordings on the gateway's disk, decoded already, so that playing one is reading one. Each file ends with a check value over its
/// samples and its name: a worn card makes no noise, it makes the text be said. Bounded; what was used longest ago goes first.
/// </summary>
internal sealed partial class RecordingCache(EdgeSettings settings, DataFolder data, TimeProvider time, ILogger<RecordingCache> logger)
{
    // What was begun and not finished in this time is begun anew: its order is long over.
    private static readonly TimeSpan PartKept = TimeSpan.FromDays(3);

    private const long MemoryBytesMax = 32L << 20; // While the card takes nothing: room for the longest recording, and for the gateway beside it.

    private readonly Lock _gate = new();

    private string Folder => Path.Combine(data.Path, "audio");

    private long BytesMax => data.IsReadOnly ? MemoryBytesMax : (long)settings.Recordings.CacheMegabytesMax << 20;

    /// <summary>Whether it is here; whether it can still be read shows when it is loaded.</summary>
    public bool Has(string hash) => File.Exists(PathOf(hash));

    /// <summary>Where a fetch keeps what it has so far.</summary>
    public string PartOf(string hash)
    {
        Directory.CreateDirectory(Folder);
        return Path.Combine(Folder, hash + ".part");
    }

    /// <summary>The samples; null where it is not here, or no longer what it was, which removes it.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public async Task<short[]?> LoadAsync(string hash, CancellationToken ct)
    {
        if (!Has(hash)) return null;
        var path = PathOf(hash);
        var bytes = new FileInfo(path).Length - SHA256.HashSizeInBytes;
        if (bytes is > 0 && bytes % Pcm.BytesPerSample == 0 && bytes / Pcm.BytesPerSample <= Speech.SamplesMax)
        {
            var samples = new short[bytes / Pcm.BytesPerSample];
            var check = new byte[SHA256.HashSizeInBytes];
            await Task.Run(() => Read(path, samples, check), ct);
            if (CryptographicOperations.FixedTimeEquals(check, CheckOf(hash, samples)))
            {
                Touch(path);
                return samples;
            }
        }

        LogWorn(hash);
        if (IsWritten(path)) File.Delete(path);
        return null;
    }

    // The cache's own clock of use: access times are off on most cards.
    private void Touch(string path)
    {
        try
        {
            if (IsWritten(path)) File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            LogUntouched(path, refused.Message); // The recording was read, and plays.
        }
    }

    private bool IsWritten(string path) => path.StartsWith(Folder, StringComparison.Ordinal);

    /// <summary>Keeps a decoded recording and makes room for it.</summary>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public async Task StoreAsync(string hash, short[] samples, CancellationToken ct)
    {
        var folder = Folder;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, hash + ".pcm");
        await Task.Run(() => Write(path + ".new", samples, CheckOf(hash, samples)), ct);
        File.Move(path + ".new", path, overwrite: true);
        Trim(folder, keep: path);
    }

    private void Trim(string folder, string keep)
    {
        lock (_gate)
        {
            var old = time.GetUtcNow().UtcDateTime - PartKept;
            foreach (var part in Directory.GetFiles(folder, "*.part").Where(p => File.GetLastWriteTimeUtc(p) < old)) File.Delete(part);
            long bytes = 0;
            foreach (var file in new DirectoryInfo(folder).GetFiles("*.pcm").OrderByDescending(f => f.FullName == keep).ThenByDescending(f => f.LastWriteTimeUtc))
            {
                bytes += file.Length;
                if (bytes <= BytesMax || file.FullName == keep) continue;
                LogTrimmed(file.Name, file.Length.ToString(CultureInfo.InvariantCulture));
                file.Delete();
            }
        }
    }

    private static void Read(string path, short[] samples, byte[] check)
    {
        using var file = File.OpenRead(path);
        file.ReadExactly(MemoryMarshal.AsBytes(samples.AsSpan()));
        file.ReadExactly(check);
    }

    private static void Write(string path, short[] samples, byte[] check)
    {
        using var file = File.Create(path);
        file.Write(MemoryMarshal.AsBytes(samples.AsSpan()));
        file.Write(check);
        file.Flush(flushToDisk: true);
    }

    private static byte[] CheckOf(string hash, short[] samples)
    {
        using var check = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        check.AppendData(Encoding.ASCII.GetBytes(hash));
        check.AppendData(MemoryMarshal.AsBytes(samples.AsSpan()));
        return check.GetHashAndReset();
    }

    // A card that takes no writes is read all the same.
    private string PathOf(string hash)
    {
        var path = Path.Combine(Folder, hash + ".pcm");
        return data.IsReadOnly && !File.Exists(path) ? Path.Combine(data.Card, "audio", hash + ".pcm") : path;
    }

    [LoggerMessage(1, LogLevel.Warning, "The recording {Hash} on the disk is no longer what it was; it is fetched again")]
    private partial void LogWorn(string hash);

    [LoggerMessage(2, LogLevel.Information, "{File}, {Bytes} bytes, made room for a newer recording")]
    private partial void LogTrimmed(string file, string bytes);

    [LoggerMessage(3, LogLevel.Warning, "When {File} was used last is not kept: {Why}")]
    private partial void LogUntouched(string file, string why);
}
