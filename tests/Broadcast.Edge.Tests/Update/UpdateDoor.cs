using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Broadcast.Link.Update;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Edge.Tests.Update;

/// <summary>The cloud's doors for programs: says what is wanted, gives packages by ranges, keeps what the gateway says.</summary>
internal sealed class UpdateDoor
{
    private readonly ConcurrentDictionary<string, byte[]> _packages = new();
    private readonly ConcurrentQueue<UpdateSaid> _said = new();
    private readonly ConcurrentQueue<string> _ranges = new();
    private volatile UpdateWanted _wanted = new(0, "", 0);
    private int _revision;

    public IReadOnlyList<UpdateSaid> Said => [.. _said];

    public IReadOnlyList<string> Ranges => [.. _ranges];

    /// <summary>Bytes a second; 0 for as fast as it goes.</summary>
    public int Pace { get; set; }

    /// <summary>Called before an answer is given; the gateway waits for it.</summary>
    public Func<UpdateSaid, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    /// <summary>As a node that has no package.</summary>
    public bool HasNone { get; set; }

    public UpdateSaid? Last => _said.LastOrDefault();

    public string Want(byte[] package, byte[]? givenInstead = null)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(package));
        _packages[hash] = givenInstead ?? package;
        _wanted = new UpdateWanted(++_revision, hash, package.Length);
        return hash;
    }

    public void Map(WebApplication app)
    {
        app.MapPost("/api/updates/check", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var said = JsonSerializer.Deserialize<UpdateSaid>(body.ToArray(), JsonSerializerOptions.Web)!;
            _said.Enqueue(said);
            await BeforeAnswer(said);
            await http.Response.WriteAsJsonAsync(_wanted); // In chunks, without a length, as the cloud answers.
        });
        app.MapGet("/api/updates/{hash}", async (string hash, HttpContext http) =>
        {
            _ranges.Enqueue(http.Request.Headers.Range.ToString());
            if (HasNone || !_packages.TryGetValue(hash, out var package)) http.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (Pace == 0) await Results.Bytes(package, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(http);
            else await TrickleAsync(http, package);
        });
    }

    private async Task TrickleAsync(HttpContext http, byte[] package)
    {
        var from = 0;
        if (http.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = $"bytes {from}-{package.Length - 1}/{package.Length}";
        }
        http.Response.ContentLength = package.Length - from;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var step = Pace / 50; from < package.Length; from += step)
        {
            // Not a wait for anything: this is the pace of the line.
            await tick.WaitForNextTickAsync(http.RequestAborted);
            await http.Response.Body.WriteAsync(package.AsMemory(from, Math.Min(step, package.Length - from)));
        }
    }
}
