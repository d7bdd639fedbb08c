using System.Text.Json;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Page;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Service;

/// <summary>Where this gateway can be heard and seen, for programs that start it: <c>gateway.json</c> in the data folder, while it runs.</summary>
/// <param name="Page">The local page; null without one.</param>
/// <param name="Sound">The sound card by its ALSA name, or the folder of the WAV files.</param>
/// <param name="IsWav">Whether <paramref name="Sound"/> is a folder.</param>
/// <param name="Township">Where the township's devices find it; null where it carries none.</param>
/// <param name="TownshipCa">The authority that they must trust.</param>
internal sealed record GatewayPlace(int Pid, string Device, string? Page, string Sound, bool IsWav, string? Township, string? TownshipCa);

/// <summary>Writes the file once everything has started, and takes it away at the end.</summary>
internal sealed partial class ReadyFile(EdgeSettings settings, LocalPage page, Townships.ChildDoor door, ISoundOutput output, DataFolder data, ILogger<ReadyFile> logger) : IHostedService
{
    private string Path => System.IO.Path.Combine(settings.Data, "gateway.json");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var isWav = output is WavOutput;
        var place = new GatewayPlace(Environment.ProcessId, settings.Device.Id, page.Address, isWav ? GatewayHost.WavFolderOf(settings, data.Path) : settings.Sound.AlsaDevice, isWav, door.Address, door.AuthorityFile);
        LogSound(isWav ? "WAV files in" : "the sound card", place.Sound);
        try
        {
            var half = Path + ".new";
            await File.WriteAllBytesAsync(half, JsonSerializer.SerializeToUtf8Bytes(place, JsonSerializerOptions.Web), cancellationToken);
            File.Move(half, Path, overwrite: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogUnwritten(failed.Message); // It helps who looks for the gateway; the gateway goes on.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogUnwritten(failed.Message); // It names a process that is gone, as after a power cut.
        }
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "Sound goes to {What} {Where}")]
    private partial void LogSound(string what, string where);

    [LoggerMessage(2, LogLevel.Warning, "gateway.json cannot be written: {Why}")]
    private partial void LogUnwritten(string why);
}
