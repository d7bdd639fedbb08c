using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Broadcast.Device;

namespace Broadcast.Edge.Recordings;

/// <summary>How one try to fetch a recording ended.</summary>
internal enum FetchOutcome
{
    /// <summary>The file holds what its hash says.</summary>
    Fetched,

    /// <summary>The line broke, or the cloud is busy: what came is kept, and the next try goes on from there.</summary>
    Broken,

    /// <summary>What came is not it: nothing is kept.</summary>
    Wrong,

    /// <summary>The cloud has none of this hash, now.</summary>
    Missing,
}

/// <summary>
/// One try to fetch a recording over HTTPS, from where the last one broke off. Only the authority of the link is believed, the device
/// shows a ticket of its order key, and what came is compared with the hash that the authenticated order named.
/// </summary>
internal sealed class RecordingFetcher(CloudDoor door)
{
    /// <summary>Silence of the line after which a try is given up; the next one resumes.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);

    /// <summary>Fetches what is missing of <paramref name="part"/>.</summary>
    /// <param name="audio">The hash that the order named.</param>
    /// <param name="part">The file that grows; the next try goes on from its end.</param>
    /// <param name="wallMs">The time for the ticket, UTC milliseconds.</param>
    /// <returns>How it ended, and why in words.</returns>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public Task<(FetchOutcome Outcome, string Why)> TryAsync(byte[] audio, string part, long wallMs, CancellationToken ct) =>
        TryAsync($"api/audio/{Convert.ToHexStringLower(audio)}", audio, part, Limits.AudioBytesMax, wallMs, ct);

    /// <summary>Fetches what is missing of anything that the cloud keeps by its hash.</summary>
    /// <param name="path">Where it is, below the door.</param>
    /// <param name="hash">SHA-256 of all of it; the ticket names it too.</param>
    /// <param name="part">The file that grows.</param>
    /// <param name="bytesMax">More than that is not taken.</param>
    /// <param name="wallMs">The time for the ticket, UTC milliseconds.</param>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public async Task<(FetchOutcome Outcome, string Why)> TryAsync(string path, byte[] hash, string part, long bytesMax, long wallMs, CancellationToken ct)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        silence.CancelAfter(SilenceMax);
        try
        {
            using var request = door.Ask(HttpMethod.Get, path, hash, wallMs);
            if (Length(part) is > 0 and var have) request.Headers.Range = new RangeHeaderValue(have, null);
            using var response = await door.SendAsync(request, silence.Token);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return Judge(hash, part); // All of it is here already.
            if (response.StatusCode == HttpStatusCode.NotFound) return (FetchOutcome.Missing, "the cloud has none of this hash");
            if (!response.IsSuccessStatusCode) return (FetchOutcome.Broken, $"the cloud answered {(int)response.StatusCode}");
            return await CopyAsync(response, part, bytesMax, silence) ? Judge(hash, part) : Spoiled(part, $"it is larger than {bytesMax} bytes");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (FetchOutcome.Broken, $"nothing came for {SilenceMax.TotalSeconds:0} s");
        }
        catch (Exception broken) when (broken is HttpRequestException or HttpIOException)
        {
            return (FetchOutcome.Broken, broken.InnerException?.Message ?? broken.Message);
        }
    }

    // False when it is more than it may be.
    private static async Task<bool> CopyAsync(HttpResponseMessage response, string part, long bytesMax, CancellationTokenSource silence)
    {
        // Whoever answers with the whole, or with another stretch than was asked, is taken from the beginning.
        var from = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? -1 : 0;
        if (from < 0 || from > Length(part)) from = 0;
        await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        file.SetLength(from);
        file.Position = from;
        await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
        var block = new byte[32 << 10];
        for (int count; (count = await ReadAsync(body, block, silence.Token)) > 0;)
        {
            if (file.Position + count > bytesMax) return false;
            file.Write(block.AsSpan(0, count)); // To the page cache: what a power cut takes is fetched again.
            silence.CancelAfter(SilenceMax);
        }

        return true;
    }

    // A connection that is reset within the body throws as a disk does.
    private static async ValueTask<int> ReadAsync(Stream body, byte[] block, CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(block, ct);
        }
        catch (IOException broken)
        {
            throw new HttpRequestException(broken.Message, broken);
        }
    }

    private static (FetchOutcome Outcome, string Why) Judge(byte[] hash, string part)
    {
        using (var file = File.OpenRead(part))
        {
            if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(file), hash)) return (FetchOutcome.Fetched, "");
        }
        return Spoiled(part, "its hash is wrong");
    }

    private static (FetchOutcome Outcome, string Why) Spoiled(string part, string why)
    {
        File.Delete(part);
        return (FetchOutcome.Wrong, why);
    }

    private static long Length(string part) => new FileInfo(part) is { Exists: true } file ? file.Length : 0;
}
