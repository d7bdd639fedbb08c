using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Broadcast.Device;
using Broadcast.Testing;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Edge.Tests;

/// <summary>The cloud's door for recordings, which can break off, hang, and give something else than was asked.</summary>
internal sealed class AudioDoor
{
    private readonly ConcurrentDictionary<string, byte[]> _recordings = new();
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>The ranges that were asked for, the first request first; empty for all of it.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>The next answer breaks off after so many bytes, once <see cref="HasCome"/> says that they have come.</summary>
    public int? BreaksOffAfter { get; set; }

    /// <summary>Whether the other side has so many bytes: what is merely sent can be lost when the connection is cut.</summary>
    public Func<int, bool> HasCome { get; set; } = _ => true;

    /// <summary>Says nothing for as long as it is true.</summary>
    public bool Hangs { get; set; }

    /// <summary>Brings a recording and gives its hash.</summary>
    public byte[] Bring(byte[] content, byte[]? givenInstead = null)
    {
        var hash = SHA256.HashData(content);
        _recordings[Convert.ToHexStringLower(hash)] = givenInstead ?? content;
        return hash;
    }

    public async Task AnswerAsync(HttpContext http)
    {
        var hash = (string)http.Request.RouteValues["hash"]!;
        _asked.Enqueue(http.Request.Headers.Range.ToString());
        if (!IsGoodTicket(http.Request.Headers.Authorization.ToString(), hash)) http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (Hangs) await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        else if (!_recordings.TryGetValue(hash, out var content)) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (BreaksOffAfter is { } bytes) await BreakOffAsync(http, content, bytes);
        else await Results.Bytes(content, "audio/wav", enableRangeProcessing: true).ExecuteAsync(http);
    }

    private async Task BreakOffAsync(HttpContext http, byte[] content, int bytes)
    {
        BreaksOffAfter = null;
        http.Response.ContentLength = content.Length;
        await http.Response.Body.WriteAsync(content.AsMemory(0, bytes));
        await http.Response.Body.FlushAsync();
        await Eventually.HoldsAsync(() => HasCome(bytes), EdgeProcess.Patience);
        http.Abort();
    }

    private static bool IsGoodTicket(string header, string hash)
    {
        var opened = Envelope.Open(Base64Url.DecodeFromChars(header.AsSpan("Device ".Length)), TestCloud.OrderKey, TestCloud.KeyEpoch, Direction.Up, TestCloud.Device);
        return opened.Type == MessageType.AudioTicket && AudioTicket.Decode(opened.Body)!.IsGoodFor(Convert.FromHexString(hash), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
