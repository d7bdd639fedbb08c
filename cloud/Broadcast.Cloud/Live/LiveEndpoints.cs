using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Http;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Microsoft.AspNetCore.Http.Features;

namespace Broadcast.Cloud.Live;

/// <param name="Listeners">Devices that hear now.</param>
/// <param name="DelayMs">Half of them hear within this time, from the microphone to the loudspeaker; null before the first has told.</param>
/// <param name="DelayMsMost">The slowest.</param>
/// <param name="Now">The service's clock: a speaker's page sets its own by it.</param>
public sealed record LiveView(int Listeners, int? DelayMs, int? DelayMsMost, DateTimeOffset Now);

/// <summary>
/// The doors for live speech: the speaker posts blocks of a tenth of a second, each device that was ordered to listen takes a stream.
/// The order goes the way of every warning; this is only the voice.
/// </summary>
public static class LiveEndpoints
{
    /// <summary>A second: what a page sends after a hiccup of its own line.</summary>
    private const int BlockBytesMax = 2 * LiveSpeech.SamplesPerSecond;

    /// <summary>A capture time farther from now than this is the clock of a page that is wrong, and would make delays absurd.</summary>
    private static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(30);

    private static readonly Problem NotLive = new("id", "not-live", "There is no released live speech of yours with this id.", "没有您已发布的该现场喊话。");

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live", () => Results.Content(LivePage.Html, "text/html; charset=utf-8")).ExcludeFromDescription();
        var group = routes.MapGroup("/api/live/{id}").WithTags("live");
        group.MapPost("/", SpeakAsync).RequireAuthorization().WithName("speakLive").Produces<LiveView>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        group.MapPost("/end", EndAsync).RequireAuthorization().WithName("endLive").Produces<LiveView>().ProducesProblem(404);
        group.MapGet("/", ListenAsync).AllowAnonymous().WithName("hearLive").Produces(200, contentType: "application/octet-stream").ProducesProblem(401).ProducesProblem(404);
        group.MapPost("/heard", HeardAsync).AllowAnonymous().WithName("heardLive").Produces(204).ProducesProblem(401);
    }

    private static async Task<IResult> SpeakAsync(string id, long at, HttpContext http, LedgerStore ledger, LiveHall hall, TimeProvider clock, CancellationToken ct)
    {
        if (await SpokenByAsync(id, http.Caller(), ledger, clock, ct) is not { } warning) return Problems.Result(404, "Not spoken", NotLive);
        var block = await BlockAsync(http, ct);
        var now = clock.GetUtcNow();
        if (block is null || Math.Abs(now.ToUnixTimeMilliseconds() - at) > SkewMax.TotalMilliseconds)
            return Problems.Result(422, "Not spoken", new Problem("body", "bad-block", $"Expected up to {BlockBytesMax} bytes of 16 bit samples at {LiveSpeech.SamplesPerSecond} Hz, and ?at= their time.", "音频块格式不正确。"));
        var speech = hall.Of(warning.Id);
        var begins = !speech.HasBegun;
        if (!speech.Say(at, block)) return Problems.Result(409, "Not spoken", new Problem("id", "over", "This speech is over; release another.", "本次喊话已结束，请重新发布。"));
        if (begins) await ledger.AuditAsync(Actor.Of(http.Caller().Id), "speak", $"{warning.Id}/{warning.Revision}", "", ct);
        return Results.Ok(ViewOf(speech, now));
    }

    private static async Task<IResult> EndAsync(string id, HttpContext http, LedgerStore ledger, LiveHall hall, TimeProvider clock, CancellationToken ct)
    {
        if (await SpokenByAsync(id, http.Caller(), ledger, clock, ct) is not { } warning) return Problems.Result(404, "Not ended", NotLive);
        var speech = hall.Of(warning.Id);
        speech.End();
        return Results.Ok(ViewOf(speech, clock.GetUtcNow()));
    }

    private static async Task<IResult> ListenAsync(string id, HttpContext http, LedgerStore ledger, LiveHall hall, DeviceTickets tickets, TimeProvider clock, IHostApplicationLifetime life, CancellationToken ct)
    {
        if (DeviceOf(id, http, tickets) is not { } device) return NoTicket();
        if (await ReleasedAsync(id, ledger, clock, ct) is not { } warning) return Problems.Result(404, "Not heard", NotLive);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "application/octet-stream";
        await http.Response.Body.FlushAsync(ct); // The head goes out now: the device knows that it listens.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, life.ApplicationStopping);
        try
        {
            await foreach (var block in hall.Of(warning.Id).ListenAsync(device.Id, stop.Token))
            {
                await http.Response.Body.WriteAsync(block, stop.Token);
                await http.Response.Body.FlushAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The device is gone, or the cloud stops and must not be kept by who only waits: it is owed its order, and comes again.
        }

        return Results.Empty;
    }

    private static IResult HeardAsync(string id, int delayMs, HttpContext http, LiveHall hall, DeviceTickets tickets)
    {
        if (DeviceOf(id, http, tickets) is not { } device) return NoTicket();
        if (WarningId.TryParse(id, out var warning)) hall.Find(warning)?.Heard(device.Id, Math.Clamp(delayMs, 0, 60_000));
        return Results.NoContent();
    }

    private static DeviceRecord? DeviceOf(string id, HttpContext http, DeviceTickets tickets) =>
        WarningId.TryParse(id, out var warning) ? tickets.Read(http.Request.Headers.Authorization, AudioTicket.LiveName(warning.ToWire())) : null;

    private static IResult NoTicket() =>
        Problems.Result(401, "Not heard", new Problem("Authorization", "ticket-needed", "A device's ticket for this speech is needed.", "需要终端凭据。"));

    /// <summary>The speech, where this person wrote it and may still speak there: rank and region can have been taken away since.</summary>
    private static async Task<Warning?> SpokenByAsync(string id, Person by, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        if (await ReleasedAsync(id, ledger, clock, ct) is not { } warning || warning.Author != by.Id || (by.Duties & Duties.Operator) == 0) return null;
        return by.Region.Level <= Authority.LowestRank(WarningClass.LiveSpeech) && by.Region.Contains(warning.Issuer) ? warning : null;
    }

    private static async Task<Warning?> ReleasedAsync(string id, LedgerStore ledger, TimeProvider clock, CancellationToken ct)
    {
        if (!WarningId.TryParse(id, out var parsed)) return null;
        var newest = (await ledger.GetWarningAsync(parsed, ct)).LastOrDefault(w => w.Released is not null);
        return newest is { Kind: not OrderKind.Cancel, State: WarningState.Released, Content.Class: WarningClass.LiveSpeech } && newest.Expires > clock.GetUtcNow() ? newest : null;
    }

    private static async Task<byte[]?> BlockAsync(HttpContext http, CancellationToken ct)
    {
        var block = new byte[BlockBytesMax + 1];
        var count = await http.Request.Body.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, ct);
        return count is > 0 and <= BlockBytesMax && count % 2 == 0 ? block[..count] : null;
    }

    private static LiveView ViewOf(LiveSpeech speech, DateTimeOffset now)
    {
        var delays = speech.Delays;
        return new LiveView(speech.Listeners, delays.Count > 0 ? delays[delays.Count / 2] : null, delays.Count > 0 ? delays[^1] : null, now);
    }
}
