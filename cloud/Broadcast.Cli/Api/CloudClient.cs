using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Broadcast.Cli.Api;

/// <summary>
/// The HTTP API as one person uses it. Reads and what carries an idempotency key are sent again while the cloud is away;
/// everything else is sent once. A token that a restarted cloud no longer knows is renewed once a request.
/// </summary>
internal sealed class CloudClient : IDisposable
{
    private const long AnswerBytesMax = 64L << 20; // Ten thousand sites with names are about 3 MB.
    private static readonly TimeSpan BackupWithin = TimeSpan.FromHours(1); // The ledger is copied whole before its first byte comes; it may hold gigabytes of recordings.
    private readonly CloudLocator _locator;
    private readonly Patience _patience;
    private readonly HttpClient _http;
    private readonly X509Certificate2? _authority;
    private (string Name, string Password)? _credentials;
    private AuthenticationHeaderValue? _bearer;

    public CloudClient(CloudLocator locator, Patience patience)
    {
        _locator = locator;
        _patience = patience;
        if (locator.CertificateAuthority is { } file) _authority = X509CertificateLoader.LoadCertificateFromFile(file);
        _http = new HttpClient(MakeHandler(_authority)) { MaxResponseContentBufferSize = AnswerBytesMax, Timeout = Timeout.InfiniteTimeSpan };
    }

    public PersonShape? Person { get; private set; }

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The first word is not waited for: a cloud that is not there is said at once. What follows is patient.</summary>
    public Task<PersonShape> SignInAsync(string name, string password, CancellationToken ct)
    {
        _credentials = (name, password);
        return SignInOnceAsync(ct);
    }

    /// <summary>Replaces the password that this person signed in with; the client goes on with the new one.</summary>
    public async Task SetPasswordAsync(string newPassword, CancellationToken ct)
    {
        var (name, password) = _credentials!.Value;
        var answer = await OnceAsync<SignInShape>(() => Json(HttpMethod.Post, "api/password", new { password, newPassword }), ct);
        _credentials = (name, newPassword);
        _bearer = new AuthenticationHeaderValue("Bearer", answer.Token);
    }

    public Task<RegionShape> RegionAsync(string code, CancellationToken ct) => GetAsync<RegionShape>($"api/regions/{Uri.EscapeDataString(code)}", ct);

    /// <summary>Who would speak, as the cloud wrote it; for programs.</summary>
    public Task<JsonElement> TargetsAsync(AreaShape area, CancellationToken ct) =>
        AgainAsync<JsonElement>(() => Json(HttpMethod.Post, "api/targets", new { area }), ct);

    public Task<RevisionShape> DraftAsync(DraftShape draft, CancellationToken ct) =>
        OnceAsync<RevisionShape>(() => Json(HttpMethod.Post, "api/warnings", draft), ct);

    public Task<RevisionShape> ActAsync(string id, string act, CancellationToken ct) =>
        OnceAsync<RevisionShape>(() => Json(HttpMethod.Post, $"{Warning(id)}/{act}", new { }), ct);

    public Task<ReleaseShape> ReleaseAsync(string id, string key, CancellationToken ct) =>
        AgainAsync<ReleaseShape>(() => Keyed(Json(HttpMethod.Post, $"{Warning(id)}/release", new { }), key), ct);

    public Task<JsonElement> CancelAsync(string id, string reason, string key, CancellationToken ct) =>
        AgainAsync<JsonElement>(() => Keyed(Json(HttpMethod.Post, $"{Warning(id)}/cancel", new { reason }), key), ct);

    /// <summary>Sent once: each rekey takes the keys of the one before out of force, and a lost answer is seen in the status of the device.</summary>
    public Task<CustodyShape> RekeyAsync(string device, string reason, CancellationToken ct) => OnceAsync<CustodyShape>(() => Json(HttpMethod.Post, $"{Device(device)}/rekey", new { reason }), ct);

    public Task<CustodyShape> SetServiceAsync(string device, string service, string reason, CancellationToken ct) =>
        AgainAsync<CustodyShape>(() => Json(HttpMethod.Post, $"{Device(device)}/service", new { service, reason }), ct);

    public Task<JsonElement> WarningAsync(string id, CancellationToken ct) => GetAsync<JsonElement>(Warning(id), ct);

    public Task<JsonElement> WarningsAsync(int limit, CancellationToken ct) => GetAsync<JsonElement>($"api/warnings?limit={limit}", ct);

    /// <summary>The first page of those in a state.</summary>
    public Task<PageShape<OrderShape>> OrdersAsync(string id, int revision, string state, int limit, CancellationToken ct) =>
        GetAsync<PageShape<OrderShape>>($"{Warning(id)}/orders?revision={revision}&state={state}&limit={limit}", ct);

    public Task<JsonElement> StatusAsync(CancellationToken ct) => GetAsync<JsonElement>("api/status", ct);

    /// <summary>Brings a package of the gateways' program; the file is read once more where the sign-in is renewed.</summary>
    public Task<PackageShape> BringUpdateAsync(string file, CancellationToken ct) =>
        OnceAsync<PackageShape>(() => new HttpRequestMessage(HttpMethod.Post, "api/updates") { Content = new StreamContent(File.OpenRead(file)) }, ct);

    public Task<SiteUpdateShape> WantUpdateAsync(string site, string package, CancellationToken ct) =>
        OnceAsync<SiteUpdateShape>(() => Json(HttpMethod.Put, $"api/sites/{Uri.EscapeDataString(site)}/update", new { package }), ct);

    public Task<SiteUpdateShape> UpdateAsync(string site, CancellationToken ct) => GetAsync<SiteUpdateShape>($"api/sites/{Uri.EscapeDataString(site)}/update", ct);

    /// <summary>Makes these devices the children of a township's gateway, with keys for local alarms and notices.</summary>
    public Task<JsonElement> PutChildrenAsync(string gateway, IReadOnlyList<string> children, CancellationToken ct) =>
        AgainAsync<JsonElement>(() => Json(HttpMethod.Put, $"api/devices/{Uri.EscapeDataString(gateway)}/children", new { children, delegated = true }), ct);

    /// <summary>The whole ledger as a stream; the caller disposes it.</summary>
    public Task<HttpResponseMessage> BackupAsync(CancellationToken ct) => OpenAsync(() => new HttpRequestMessage(HttpMethod.Get, "api/backup"), ct, BackupWithin);

    /// <summary>The progress of a warning from <paramref name="lastEventId"/> on; one attempt, because <see cref="ProgressStream"/> owns the resuming.</summary>
    public Task<HttpResponseMessage> OpenProgressAsync(string id, int revision, string? lastEventId, CancellationToken ct) => OpenAsync(
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"{Warning(id)}/progress?revision={revision}");
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
            return request;
        },
        ct);

    public void Dispose()
    {
        _http.Dispose();
        _authority?.Dispose();
    }

    private static string Device(string id) => $"api/devices/{Uri.EscapeDataString(id)}";

    private static string Warning(string id) => $"api/warnings/{Uri.EscapeDataString(id)}";

    private static HttpRequestMessage Json(HttpMethod method, string path, object body) =>
        new(method, path) { Content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web) };

    private static HttpRequestMessage Keyed(HttpRequestMessage request, string key)
    {
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private Task<T> GetAsync<T>(string path, CancellationToken ct) => AgainAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, path), ct);

    private Task<T> AgainAsync<T>(Func<HttpRequestMessage> make, CancellationToken ct) => _patience.TryUntilAsync(() => OnceAsync<T>(make, ct), ct);

    private async Task<T> OnceAsync<T>(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(AnswerWithin);
        try
        {
            using var response = await OpenAsync(make, bounded.Token);
            return await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, bounded.Token)
                ?? throw new CloudUnreachableException("the answer was empty");
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new CloudUnreachableException($"no answer within {AnswerWithin.TotalSeconds:F0} s", e);
        }
        catch (JsonException e)
        {
            throw new CloudUnreachableException($"the answer is not of this API: {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CloudUnreachableException(e.Message, e);
        }
    }

    /// <summary>Sends, renews a token that is no longer known, and turns every refusal into its problem.</summary>
    private async Task<HttpResponseMessage> OpenAsync(Func<HttpRequestMessage> make, CancellationToken ct, TimeSpan? within = null)
    {
        var response = await SendAsync(make(), within ?? AnswerWithin, ct);
        if (response.StatusCode == HttpStatusCode.Unauthorized && _bearer is not null && _credentials is not null)
        {
            response.Dispose();
            await SignInOnceAsync(ct);
            response = await SendAsync(make(), within ?? AnswerWithin, ct);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response) throw await RefusalAsync(response, ct);
    }

    private static async Task<Exception> RefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        // 502–504 come from something in front of the cloud, or from a cloud that is just starting: nobody decided anything.
        if ((int)response.StatusCode is >= 502 and <= 504) return new CloudUnreachableException($"HTTP {(int)response.StatusCode}");
        return new CloudRefusedException(CloudProblem.Read(response.StatusCode, await response.Content.ReadAsStringAsync(ct)));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan within, CancellationToken ct)
    {
        using (request)
        {
            var address = await _locator.FindAsync(ct) ?? throw new CloudUnreachableException("no cloud is running here");
            request.RequestUri = new Uri(address, request.RequestUri!);
            request.Headers.Authorization = _bearer;
            using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
            bounded.CancelAfter(within);
            try
            {
                return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            }
            catch (HttpRequestException e)
            {
                throw new CloudUnreachableException($"{address.Authority}: {e.InnerException?.Message ?? e.Message}", e);
            }
            catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
            {
                throw new CloudUnreachableException($"{address.Authority}: no answer within {within.TotalSeconds:F0} s", e);
            }
        }
    }

    private async Task<PersonShape> SignInOnceAsync(CancellationToken ct)
    {
        var (name, password) = _credentials!.Value;
        _bearer = null;
        var answer = await OnceAsync<SignInShape>(() => Json(HttpMethod.Post, "api/sign-in", new { name, password }), ct);
        _bearer = new AuthenticationHeaderValue("Bearer", answer.Token);
        return Person = answer.Person;
    }

    private static SocketsHttpHandler MakeHandler(X509Certificate2? authority)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), ResponseDrainTimeout = TimeSpan.Zero, UseProxy = false, AllowAutoRedirect = false };
        if (authority is null) return handler;
        // The generated CA and nobody else; the name in the certificate is still checked.
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        return handler;
    }
}
