using System.Text.Json;

namespace Broadcast.Cli.Api;

/// <summary>What a running cloud writes into its data folder when it is ready.</summary>
internal sealed record CloudFile(int Pid, string Https, string Http, string Link, string? LinkPlain, string Lane, string Node)
{
    /// <summary>Null while there is none, or while it is half written.</summary>
    public static async Task<CloudFile?> ReadAsync(string data, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize<CloudFile>(await File.ReadAllTextAsync(Path.Combine(data, "cloud.json"), ct), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Not ready yet, or just gone: the caller waits or says so.
            return null;
        }
    }
}

/// <summary>
/// Where the cloud is now. Asked again at each attempt, because a restarted cloud may listen elsewhere.
/// Either a fixed address or the data folder of a cloud on this machine.
/// </summary>
internal sealed class CloudLocator(string data, Uri? fixedAddress = null, string? certificateAuthority = null)
{
    public string DataFolder { get; } = data;

    /// <summary>The CA to trust besides nobody: the demo's own, or the one given; null where the system's trust applies.</summary>
    public string? CertificateAuthority
    {
        get
        {
            var own = Path.Combine(DataFolder, "tls", "ca.pem");
            return certificateAuthority ?? (fixedAddress is null && File.Exists(own) ? own : null);
        }
    }

    public async Task<Uri?> FindAsync(CancellationToken ct)
    {
        if (fixedAddress is not null) return fixedAddress;
        return await CloudFile.ReadAsync(DataFolder, ct) is { } file ? new Uri(file.Https) : null;
    }

    /// <summary>A password in clear over a network would be anybody's: plain HTTP is for this machine alone.</summary>
    public static Uri Parse(string text, Texts texts)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            throw new UsageException(texts.BadCloudAddress(text));
        return uri;
    }
}
