using System.Text.Json;
using System.Text.RegularExpressions;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Up;

/// <summary>A device of the demo, as the cloud handed it out.</summary>
internal sealed record DemoDevice(string Id, string Site, string Village, string LinkSecret, string OrderKey, int KeyEpoch)
{
    public static async Task<IReadOnlyList<DemoDevice>> ReadAsync(string data, CancellationToken ct)
    {
        var file = Path.Combine(data, "devices.csv");
        if (!File.Exists(file)) return [];
        return [.. (await File.ReadAllLinesAsync(file, ct)).Skip(1).Select(line => line.Split(',')).Where(f => f.Length >= 6)
            .Select(f => new DemoDevice(f[0], f[1], f[2], f[3], f[4], int.Parse(f[5], System.Globalization.CultureInfo.InvariantCulture)))];
    }
}

/// <summary>Where a gateway can be heard and seen, as it says itself.</summary>
internal sealed record GatewayPlace(int Pid, string Device, string? Page, string Sound, bool IsWav, string? Township = null, string? TownshipCa = null);

/// <summary>What a gateway of the demo is to be.</summary>
/// <param name="Wav">Folder for WAV files; null for the sound card where there is one.</param>
/// <param name="Page">Address of its page.</param>
/// <param name="Board">A board file; null for a machine without pins.</param>
/// <param name="IsTownship">Whether it carries other devices of its township.</param>
internal sealed record GatewayWish(string? Wav, string Page, string? Board, bool IsTownship = false);

/// <summary>
/// A real gateway in the place of one of the demo's simulated devices. The fleet leaves a device alone while its name lies in the
/// folder of lent devices; two bodies of one device would put each other off line again and again.
/// </summary>
internal sealed partial class DemoGateway(CliContext context, string data, DemoDevice device)
{
    private const string Synthesizer = "espeak-ng";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public DemoDevice Device => device;

    public string Folder => Path.Combine(data, "edge", device.Id);

    public static string LentFolder(string data) => Path.Combine(data, "run", "lent");

    /// <summary>Whether this machine can speak; without, a gateway would report that it failed, rightly.</summary>
    public static bool HasSpeech(CliContext context) => (context.Environment("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Synthesizer)));

    /// <summary>The first device of the demo that no gateway has; <paramref name="wanted"/> where one is named.</summary>
    /// <exception cref="UsageException">There is no such device, or another gateway has it.</exception>
    public static async Task<DemoDevice> ChooseAsync(CliContext context, string data, string? wanted, CancellationToken ct)
    {
        var devices = await DemoDevice.ReadAsync(data, ct);
        bool IsLent(DemoDevice d) => File.Exists(Path.Combine(LentFolder(data), d.Id));
        if (wanted is null) return devices.FirstOrDefault(d => !IsLent(d)) ?? throw new UsageException(context.Texts.NoDemoDevice(data));
        var chosen = devices.FirstOrDefault(d => d.Id == wanted) ?? throw new UsageException(context.Texts.UnknownDevice(wanted));
        return IsLent(chosen) ? throw new UsageException(context.Texts.DeviceIsLent(wanted)) : chosen;
    }

    /// <summary>From now on the fleet leaves the device alone.</summary>
    public void Borrow()
    {
        Directory.CreateDirectory(LentFolder(data));
        File.WriteAllText(Path.Combine(LentFolder(data), device.Id), "");
    }

    public void GiveBack() => File.Delete(Path.Combine(LentFolder(data), device.Id));

    public async Task<ManagedProcess> StartAsync(CloudFile cloud, GatewayWish wish, bool detached, CancellationToken ct)
    {
        PrivateFolder(Folder);
        File.Delete(Path.Combine(Folder, "gateway.json"));
        var settings = Path.Combine(Folder, "edge.json");
        var colon = cloud.Link.LastIndexOf(':');
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                device = new { id = device.Id, orderKey = device.OrderKey, keyEpoch = device.KeyEpoch },
                link = new { host = cloud.Link[..colon], port = int.Parse(cloud.Link[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture), ca = Path.Combine(data, "tls", "ca.pem"), secret = device.LinkSecret },
                sound = new { output = wish.Wav is null ? "auto" : "wav", wavFolder = wish.Wav ?? Path.Combine(Folder, "wav") },
                page = new { listen = wish.Page },
                township = new { listen = wish.IsTownship ? "127.0.0.1:0" : "" },
                data = Folder,
                board = wish.Board ?? "",
            }, Output.Indented);
        // Keys lie in it: the owner's alone, from its first byte on.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(settings, options)) await file.WriteAsync(content, ct);
        return await ManagedProcess.StartAsync("edge-" + device.Id, ["dotnet", context.House.EdgeProgram, "--config", settings], data, detached, ct);
    }

    /// <summary>Where it is; null when it ended or did not come up in time.</summary>
    public async Task<GatewayPlace?> WaitReadyAsync(ManagedProcess process, CancellationToken ct)
    {
        var started = context.Clock.GetTimestamp();
        using var look = new PeriodicTimer(LookEvery, context.Clock);
        do
        {
            if (await PlaceAsync(ct) is { } place && place.Pid == process.Pid) return place;
            if (process.HasEnded) return null;
        }
        while (context.Clock.GetElapsedTime(started) < ReadyWithin && await look.WaitForNextTickAsync(ct));
        return null;
    }

    /// <summary>The code that opens the page next: the log's last, because each is good once.</summary>
    public static async Task<string?> CodeAsync(string log, CancellationToken ct) =>
        File.Exists(log) ? CodeInLog().Matches(await File.ReadAllTextAsync(log, ct)).LastOrDefault()?.Groups[1].Value : null;

    private async Task<GatewayPlace?> PlaceAsync(CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize<GatewayPlace>(await File.ReadAllTextAsync(Path.Combine(Folder, "gateway.json"), ct), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // Not up yet.
        }
    }

    private static void PrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex(@"one-time code is (\d+)", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CodeInLog();
}
