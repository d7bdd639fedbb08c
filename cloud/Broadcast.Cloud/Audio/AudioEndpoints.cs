using System.Collections.Concurrent;
using System.Text;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Broadcast.Cloud.Audio;

public sealed record AudioView(string Hash, string Format, int Bytes, double Seconds, string Name, string Author, DateTimeOffset At)
{
    public static AudioView Of(AudioRecord a) => new(a.Hash.Value, Wording.Camel(a.Facts.Format), a.Bytes, a.Facts.Length.TotalSeconds, a.Name, a.Author.Value, a.At);
}

/// <summary>The doors for recordings: operators bring and remove them, everybody who signed in may listen, devices fetch what an order names.</summary>
public static class AudioEndpoints
{
    private const int ListMax = 200;

    // Four uploads hold some 128 MB; who comes fifth awaits. One a person: else somebody with a slow line, or ill will, kept all others from it for hours.
    private static readonly SemaphoreSlim Uploads = new(4, 4);
    private static readonly ConcurrentDictionary<PersonId, bool> Bringing = new();

    public static void MapAudio(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/audio").WithTags("audio");
        group.MapPost("/", BringAsync).RequireAuthorization().WithName("bringAudio")
            .Produces<AudioView>(201).Produces<AudioView>().ProducesProblem(403).ProducesProblem(413).ProducesProblem(422).ProducesProblem(429).ProducesProblem(507);
        group.MapGet("/", ListAsync).RequireAuthorization().WithName("listAudio").Produces<AudioView[]>();
        // Two ways in, and the framework knows only one of them: the handler asks.
        group.MapGet("/{hash}", FetchAsync).AllowAnonymous().WithName("fetchAudio").Produces(200, null, "audio/wav", "audio/mpeg", "audio/ogg").Produces(206, null, "audio/wav", "audio/mpeg", "audio/ogg").ProducesProblem(401).ProducesProblem(404);
        group.MapDelete("/{hash}", RemoveAsync).RequireAuthorization().WithName("removeAudio").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> BringAsync(string? name, HttpContext http, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        var by = http.Caller();
        if ((by.Duties & Duties.Operator) == 0)
            return Refused(403, new Problem("person", "duty-missing", $"{by.Name} has no operator's duty.", $"{by.Name} 没有操作员职责。"));
        var called = string.IsNullOrWhiteSpace(name) ? "recording" : name.Trim();
        if (called.Length > AudioLimits.NameCharsMax || called.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
            return Refused(422, new Problem("name", "bad-name", $"At most {AudioLimits.NameCharsMax} characters, none of them a control character.", $"名称最多 {AudioLimits.NameCharsMax} 个字符，不得含控制字符。"));
        if (!Bringing.TryAdd(by.Id, true)) return Refused(429, new Problem("person", "one-at-a-time", "Another recording of yours is on its way; bring one after the other.", "您有一个录音正在上传，请逐个上传。"));
        try
        {
            return await BringInTurnAsync(called, by, http, ledger, clock, ct);
        }
        finally
        {
            Bringing.TryRemove(by.Id, out _);
        }
    }

    private static async Task<IResult> BringInTurnAsync(string called, Person by, HttpContext http, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        await Uploads.WaitAsync(ct);
        try
        {
            if (await ReadAsync(http, ct) is not { } content) return Refused(413, TooLarge);
            var (facts, problem) = AudioProbe.Look(content);
            if (facts is not { } known) return Refused(problem!.Code == "too-large" ? 413 : 422, problem);
            var audio = new AudioRecord(AudioHash.Of(content), known, content.Length, called, by.Id, DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()));
            return await KeepAsync(audio, content, by, ledger, ct);
        }
        finally
        {
            Uploads.Release();
        }
    }

    private static async Task<IResult> KeepAsync(AudioRecord audio, byte[] content, Person by, LedgerStore ledger, CancellationToken ct) =>
        await ledger.AddAudioAsync(audio, content, Actor.Of(by.Id), ct) switch
        {
            AudioKept.Yes => Results.Created($"/api/audio/{audio.Hash}", AudioView.Of(audio)),
            AudioKept.Already => Results.Ok(AudioView.Of(await ledger.FindAudioAsync(audio.Hash, ct) ?? audio)),
            _ => Refused(507, new Problem("audio", "too-many", $"All recordings together hold at most {AudioLimits.AllBytesMax >> 20} MB: remove some first.", $"所有录音合计不得超过 {AudioLimits.AllBytesMax >> 20} MB，请先删除不用的录音。")),
        };

    private static async Task<IResult> ListAsync(LedgerStore ledger, CancellationToken ct) =>
        Results.Ok((await ledger.ListAudioAsync(ListMax, ct)).Select(AudioView.Of));

    private static async Task<IResult> FetchAsync(string hash, HttpContext http, AudioShelf shelf, DeviceTickets tickets)
    {
        var named = AudioHash.TryParse(hash, out var audio);
        var mayHear = http.User.Identity is { IsAuthenticated: true } || (named && tickets.Read(http.Request.Headers.Authorization, audio) is not null);
        if (!mayHear)
            return Refused(401, new Problem("Authorization", "ticket-needed", "A bearer token, or a device's ticket for this recording, is needed.", "需要登录令牌或终端凭据。"));
        if (!named || await shelf.TakeAsync(audio) is not { } found)
            return Refused(404, Unknown);
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable"; // The name is the content.
        return Results.Bytes(found.Content, TypeOf(found.Audio.Facts.Format), enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{audio}\""));
    }

    private static async Task<IResult> RemoveAsync(string hash, HttpContext http, LedgerStore ledger, AudioShelf shelf, CancellationToken ct)
    {
        var by = http.Caller();
        if (!AudioHash.TryParse(hash, out var audio) || await ledger.FindAudioAsync(audio, ct) is not { } found) return NotRemoved(404, Unknown);
        var mayRemove = (by.Duties & Duties.Administrator) != 0 || ((by.Duties & Duties.Operator) != 0 && found.Author == by.Id);
        if (!mayRemove)
            return NotRemoved(403, new Problem("person", "not-yours", "Who brought a recording removes it, as an operator; an administrator removes any.", "录音只能由上传它的操作员或管理员删除。"));
        var removal = await ledger.RemoveAudioAsync(audio, Actor.Of(by.Id), ct);
        if (removal == AudioRemoval.InUse)
            return NotRemoved(409, new Problem("hash", "in-use", "A warning that is not over names it; remove it when its validity has ended.", "尚未结束的预警正在使用该录音，请在其有效期结束后再删除。"));
        shelf.Forget(audio);
        return removal == AudioRemoval.Done ? Results.NoContent() : NotRemoved(404, Unknown);
    }

    private static string TypeOf(AudioFormat format) => format switch { AudioFormat.Wav => "audio/wav", AudioFormat.Mp3 => "audio/mpeg", _ => "audio/ogg" };

    /// <summary>The whole body; null where it is larger than a recording may be.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext http, CancellationToken ct)
    {
        if (http.Request.ContentLength > AudioLimits.BytesMax) return null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = AudioLimits.BytesMax + 1L;
        using var content = new MemoryStream();
        var block = new byte[64 << 10];
        for (int count; (count = await http.Request.Body.ReadAsync(block, ct)) > 0;)
        {
            if (content.Length + count > AudioLimits.BytesMax) return null;
            content.Write(block, 0, count);
        }

        return content.ToArray();
    }

    private static readonly Problem TooLarge = new("audio", "too-large", $"A recording has at most {AudioLimits.BytesMax} bytes.", $"录音最多 {AudioLimits.BytesMax} 字节。");

    private static readonly Problem Unknown = new("hash", "unknown-recording", "There is no such recording.", "没有该录音。");

    private static IResult NotRemoved(int status, Problem problem) => Problems.Result(status, "The recording was not removed", problem);

    private static IResult Refused(int status, Problem problem) => Problems.Result(status, "The recording was not taken", problem);
}
