using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broadcast.Testing;

/// <summary>An answer of the API, whole: tests look at refusals as often as at successes.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, string? MediaType, string Text)
{
    /// <summary>What the service says of its own time (W3C Server Timing): "release;dur=4.1, commit;dur=3.2"; null where it says nothing.</summary>
    public string? ServerTiming { get; init; }

    /// <summary>One parameter of one of its names: "dur", in milliseconds, or "ticks".</summary>
    public double? Timing(string name, string parameter = "dur") => ServerTiming?.Split(',', StringSplitOptions.TrimEntries).Select(t => t.Split(';'))
        .Where(t => t[0] == name).SelectMany(t => t.Skip(1)).Where(p => p.StartsWith(parameter + "=", StringComparison.Ordinal))
        .Select(p => (double?)double.Parse(p[(parameter.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    /// <summary>The body; an empty object where there is none.</summary>
    public JsonNode Json => Text.Length > 0 ? JsonNode.Parse(Text)! : new JsonObject();

    /// <summary>The fields that a problem names.</summary>
    public IReadOnlyList<string> ProblemFields => [.. (Json["errors"]?.AsArray() ?? []).Select(e => (string?)e?["field"] ?? "")];

    /// <summary>This answer, if it is a success.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message holds the answer.</exception>
    public ApiAnswer Ensure() => (int)Status is >= 200 and < 300 ? this : throw new InvalidOperationException($"{(int)Status} {Status}: {Text}");
}

/// <summary>
/// One signed-in person at a running service, over HTTPS with the service's own authority and nobody else's. Sends what it is
/// told, however wrong: the service is what is tested.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly X509Certificate2? _authority;

    /// <param name="address">Such as https://127.0.0.1:8443.</param>
    /// <param name="authorityFile">The authority's certificate (PEM); null for plain HTTP.</param>
    public ApiClient(string address, string? authorityFile)
    {
        _authority = authorityFile is null ? null : X509CertificateLoader.LoadCertificateFromFile(authorityFile);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), ConnectTimeout = TimeSpan.FromSeconds(10), Expect100ContinueTimeout = TimeSpan.FromSeconds(10),
            ResponseDrainTimeout = TimeSpan.Zero, // A stream of events that is left is left now: read on for two seconds, it would count as open.
        };
        if (_authority is not null) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = OnlyOurAuthority(_authority) };
        _http = new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Signs in; what is asked from now on is asked as this person.</summary>
    public async Task<ApiAnswer> SignInAsync(string name, string password)
    {
        var answer = await PostAsync("/api/sign-in", new JsonObject { ["name"] = name, ["password"] = password });
        if (answer.Status == HttpStatusCode.OK) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)answer.Json["token"]!);
        return answer;
    }

    /// <summary>Asks with this token, true or not.</summary>
    public void UseToken(string token) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public Task<ApiAnswer> GetAsync(string path, CancellationToken ct = default) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ct);

    public Task<ApiAnswer> PostAsync(string path, JsonNode? body = null, string? idempotencyKey = null, CancellationToken ct = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        return SendAsync(request, ct);
    }

    public Task<ApiAnswer> PutAsync(string path, JsonNode body, CancellationToken ct = default) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body) }, ct);

    /// <summary>Sends a body as it is, once the service has said that it will read it: so a refusal by size is heard and not lost in a broken pipe.</summary>
    public Task<ApiAnswer> DeleteAsync(string path, CancellationToken ct = default) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), ct);

    public Task<ApiAnswer> PostRawAsync(string path, HttpContent body, CancellationToken ct = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.ExpectContinue = true;
        return SendAsync(request, ct);
    }

    /// <summary>A body of bytes, such as a backup, into a file.</summary>
    public async Task DownloadAsync(string path, string file, CancellationToken ct = default)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
        response.EnsureSuccessStatusCode();
        await using var target = File.Create(file);
        await response.Content.CopyToAsync(target, ct);
    }

    /// <summary>Opens a stream of server-sent events, after <paramref name="lastEventId"/> where it is a resumption.</summary>
    public async Task<EventReader> OpenEventsAsync(string path, string? lastEventId = null, CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        response.EnsureSuccessStatusCode();
        return new EventReader(response, await response.Content.ReadAsStreamAsync(ct));
    }

    public void Dispose()
    {
        _http.Dispose();
        _authority?.Dispose();
    }

    private async Task<ApiAnswer> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, ct);
            return new ApiAnswer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(ct))
            {
                ServerTiming = response.Headers.TryGetValues("Server-Timing", out var timing) ? string.Join(", ", timing) : null,
            };
        }
    }

    private static X509ChainPolicy OnlyOurAuthority(X509Certificate2 authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        RevocationMode = X509RevocationMode.NoCheck, // A demo's authority publishes no list.
    };
}
