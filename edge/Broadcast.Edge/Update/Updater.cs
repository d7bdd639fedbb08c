using System.Security.Cryptography;
using System.Text.Json;
using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Service;
using Broadcast.Edge.Storage;
using Broadcast.Link.Update;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Update;

/// <summary>
/// Brings the gateway's program to what the cloud wants: asks, fetches, verifies, installs into the other slot and ends the process, so that the
/// starter begins the new one; a new one proves itself here, or goes back. Nothing it does can keep a warning from being said.
/// </summary>
internal sealed partial class Updater(
    EdgeSettings settings, GatewayLoop loop, GatewayBody body, GatewayStore store, SiteSensors sensors, ServiceNotice notice, Uplink uplink, CloudDoor door, RecordingFetcher fetcher,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Updater> logger) : BackgroundService
{
    private const int AnswerBytesMax = 4_096;
    private const int WrongMax = 3; // Downloads of a wrong hash before the package is refused: once may be a disk.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(10); // A broken download goes on where it broke off.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AliveWithin = TimeSpan.FromSeconds(5);

    private readonly ProgramSlots? _slots = ProgramSlots.OfThisProcess();
    private UpdateRecord _record = new("");
    private int _wrong;

    /// <summary>For the page.</summary>
    public string Summary => settings.Update.Key.Length == 0 ? "关 off" : _slots is null ? "关 off: not started by broadcast-edge-start"
        : $"{_slots.Running} {Version}, {_record.Stage}{(_record.Why.Length > 0 ? ": " + _record.Why : "")}";

    private string Version => _slots?.RunningManifest?.Version ?? Product.Name.Replace("edge ", "", StringComparison.Ordinal);

    private TimeSpan RetryEvery => TimeSpan.FromMinutes(Math.Min(settings.Update.CheckMinutes, RetryMax.TotalMinutes));

    private string Part => Path.Combine(_slots!.Root, "package.part");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Update.Key.Length == 0) return;
        if (_slots is null)
        {
            LogNoStarter();
            return;
        }
        try
        {
            using var key = UpdateSettings.Load(settings.Update.Key) ?? throw new IOException($"the key {settings.Update.Key} is gone");
            _record = UpdateRecord.Open(Path.Combine(_slots.Root, "update"));
            if (await StandTrialAsync(stoppingToken)) await FollowAsync(key, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // Everything that counts is in files.
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            LogBroken(broken.Message); // The disk: the loudspeaker is the job, and goes on.
        }
    }

    /// <summary>What became of the last switch; false where this process goes.</summary>
    private async Task<bool> StandTrialAsync(CancellationToken ct)
    {
        if (_slots!.Fallen is { } fallen)
        {
            if (fallen.Package == _record.Package) _record.Move(UpdateStage.RolledBack, fallen.Why);
            _slots.ForgetFallen();
            LogFallen(fallen.Why);
        }
        if (_slots.OwnTrial is not { } trial)
        {
            // The power went between the proof and its note.
            if (_record.Stage == UpdateStage.Trial) _record.Move(_slots.ProvedPackage == _record.Package ? UpdateStage.Installed : UpdateStage.Downloading);
            return true;
        }
        _record.Move(UpdateStage.Trial);
        LogTrial(Version);
        var missing = await ProveAsync(trial, ct);
        if (missing.Length == 0) missing = NoteProof(trial);
        if (missing.Length == 0)
        {
            _record.Move(UpdateStage.Installed);
            LogProved(Version);
            return true;
        }
        LogFallen(missing);
        _slots.GoBack(trial, missing);
        await EndAsync(ct);
        return false;
    }

    /// <summary>Why the proof could not be kept; empty where it was.</summary>
    private string NoteProof(Trial trial)
    {
        try
        {
            _slots!.Prove(trial);
            return "";
        }
        catch (IOException full)
        {
            return $"the disk does not take its proof: {full.Message}";
        }
    }

    /// <summary>Ends this process for the other one: between warnings, or at once where it could say none.</summary>
    private async Task EndAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (!IsCalm && await notice.IsAliveAsync(AliveWithin, ct)) await timer.WaitForNextTickAsync(ct);
        lifetime.StopApplication();
    }

    private bool IsCalm => UpdateJudge.IsCalm(loop.Core.PlayingId != 0, loop.Core.WaitingOrders, sensors.Last.Stage);

    private async Task<string> ProveAsync(Trial trial, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        var soak = TimeSpan.FromSeconds(settings.Update.SoakSeconds);
        long? well = null;
        using var timer = new PeriodicTimer(LookEvery, time);
        while (true)
        {
            await timer.WaitForNextTickAsync(ct);
            var isAlive = await notice.IsAliveAsync(AliveWithin, ct);
            var missing = UpdateJudge.Missing(loop.Core.IsSessionUp, isAlive, store.Probe(), trial.Faults, body.Faults);
            var isSoaked = well is { } at && time.GetElapsedTime(at) >= soak;
            if (missing.Length == 0 && (well is null || isSoaked)) missing = await MuteAsync(trial, ct); // A synthesizer a second would be work for nothing.
            well = missing.Length == 0 ? well ?? time.GetTimestamp() : null;
            if (well is not null && (isSoaked || soak == TimeSpan.Zero)) return "";
            if (time.GetElapsedTime(begun) > TimeSpan.FromMinutes(settings.Update.TrialMinutes)) return missing.Length > 0 ? missing : $"it was not well for {soak.TotalSeconds:0} s without a break";
        }
    }

    private async Task<string> MuteAsync(Trial trial, CancellationToken ct) =>
        await body.CheckSpeechAsync(ct) is { Length: > 0 } mute && (trial.Faults & FaultFlags.Speech) == 0 ? $"it cannot speak: {mute}" : "";

    private async Task FollowAsync(ECDsa key, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        long? asked = null, tried = null;
        while (true)
        {
            await timer.WaitForNextTickAsync(ct);
            if (!loop.Core.IsSessionUp) continue;
            if (IsDue(ref asked, TimeSpan.FromMinutes(settings.Update.CheckMinutes))) await AskAsync(ct);
            if (_record.Stage == UpdateStage.Downloading && IsDue(ref tried, RetryEvery) && await FetchAsync(key, ct)) await AskAsync(ct); // So that the cloud hears of it now.
            if (_record.Stage == UpdateStage.Ready && IsCalm && IsDue(ref tried, RetryEvery) && await InstallAsync(key, ct)) return;
        }
    }

    private bool IsDue(ref long? last, TimeSpan every)
    {
        if (last is { } at && time.GetElapsedTime(at) < every) return false;
        last = time.GetTimestamp();
        return true;
    }

    /// <summary>Says where this gateway is, and hears what is wanted of it.</summary>
    private async Task AskAsync(CancellationToken ct)
    {
        var said = new UpdateSaid(Version, _slots!.RunningManifest?.Number ?? 0, UpdateJudge.Target, _record.Revision, _record.Stage, _record.Why, new FileInfo(Part) is { Exists: true } part ? part.Length : 0);
        var content = JsonSerializer.SerializeToUtf8Bytes(said, JsonSerializerOptions.Web);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(AnswerWithin);
        try
        {
            using var request = door.Ask(HttpMethod.Post, "api/updates/check", SHA256.HashData(content), loop.Core.WallMs(loop.NowMs));
            request.Content = new ByteArrayContent(content) { Headers = { ContentType = new("application/json") } };
            using var response = await door.SendAsync(request, late.Token);
            if (!response.IsSuccessStatusCode) return;
            await using var body = await response.Content.ReadAsStreamAsync(late.Token);
            var answer = new byte[AnswerBytesMax]; // However long it says it is: what is cut off is no JSON.
            var bytes = await body.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, late.Token);
            if (UpdateJudge.Wanted(answer.AsSpan(0, bytes)) is { } wanted) Take(wanted);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogUnanswered(failed.Message); // Asked again at the next turn.
        }
    }

    private void Take(UpdateWanted wanted)
    {
        if (wanted.Revision == _record.Revision) return;
        if (wanted.Package != _record.Package) File.Delete(Part);
        _wrong = 0;
        _record.Set(wanted.Revision, wanted.Package, UpdateStage.Downloading);
        LogWanted(wanted.Revision, wanted.Package);
    }

    /// <summary>One try; true when there is something to say.</summary>
    private async Task<bool> FetchAsync(ECDsa key, CancellationToken ct)
    {
        if (uplink.IsMetered) return Note("waits for a line that costs nothing");
        var hash = Convert.FromHexString(_record.Package);
        try
        {
            var (outcome, why) = await fetcher.TryAsync($"api/updates/{_record.Package}", hash, Part, UpdatePackage.BytesMax, loop.Core.WallMs(loop.NowMs), ct);
            if (outcome is FetchOutcome.Broken or FetchOutcome.Missing) return Note(why); // Another node of a cluster may have it, or it is offered again.
            if (outcome == FetchOutcome.Wrong && ++_wrong < WrongMax) return Note(why);
            if (outcome == FetchOutcome.Wrong) return Refuse(why);
            var head = UpdatePackage.ReadHead(Part);
            var objection = UpdateJudge.Objection(head, key, _slots!.HighestNumber);
            if (objection.Length == 0 && !head!.HasPayload(Part)) objection = "its payload is not the one that was signed";
            if (objection.Length > 0) return Refuse(objection);
            _record.Move(UpdateStage.Ready);
            return true;
        }
        catch (IOException full)
        {
            return Note($"the disk does not take it: {full.Message}");
        }
    }

    private bool Note(string why)
    {
        if (_record.Why == why) return false;
        _record.Move(UpdateStage.Downloading, why);
        LogWaits(why);
        return true;
    }

    private bool Refuse(string why)
    {
        _record.Move(UpdateStage.Refused, why);
        File.Delete(Part);
        LogRefused(why);
        return true;
    }

    /// <summary>True when this process is to end for the new one.</summary>
    private async Task<bool> InstallAsync(ECDsa key, CancellationToken ct)
    {
        try
        {
            // Verified again: between the download and now lay perhaps a power cut.
            var head = File.Exists(Part) ? UpdatePackage.ReadHead(Part) : null;
            if (head is null || UpdateJudge.Objection(head, key, _slots!.HighestNumber).Length > 0 || !head.HasPayload(Part))
            {
                File.Delete(Part);
                Note("the package was damaged on the disk");
                return false;
            }
            _slots.Install(head, Part, _record.Package, body.Faults);
            File.Delete(Part); // Its room is the new program's.
            _record.Move(UpdateStage.Trial);
            LogSwitched(head.Manifest.Version);
            await AskAsync(ct);
            await EndAsync(ct); // It took a while, and a warning may have begun meanwhile.
            return true;
        }
        catch (Exception unfit) when (unfit is InvalidDataException)
        {
            Refuse(unfit.Message);
        }
        catch (IOException full)
        {
            _record.Move(UpdateStage.Ready, $"the disk does not take it: {full.Message}"); // Tried again: somebody may make room.
        }
        await AskAsync(ct);
        return false;
    }

    [LoggerMessage(1, LogLevel.Warning, "Updates are wanted, but this process was not started by broadcast-edge-start: there are none")]
    private partial void LogNoStarter();

    [LoggerMessage(2, LogLevel.Information, "update: revision {Revision} wants package {Package}")]
    private partial void LogWanted(int revision, string package);

    [LoggerMessage(3, LogLevel.Information, "update: waits: {Why}")]
    private partial void LogWaits(string why);

    [LoggerMessage(4, LogLevel.Error, "update: refused: {Why}")]
    private partial void LogRefused(string why);

    [LoggerMessage(5, LogLevel.Information, "update: {Version} is installed and begins its trial with the next start")]
    private partial void LogSwitched(string version);

    [LoggerMessage(6, LogLevel.Information, "update: {Version} is on trial")]
    private partial void LogTrial(string version);

    [LoggerMessage(7, LogLevel.Information, "update: {Version} has proved itself")]
    private partial void LogProved(string version);

    [LoggerMessage(8, LogLevel.Error, "update: rolled back: {Why}")]
    private partial void LogFallen(string why);

    [LoggerMessage(9, LogLevel.Warning, "update: the cloud does not answer: {Why}")]
    private partial void LogUnanswered(string why);

    [LoggerMessage(10, LogLevel.Error, "update: the program folder cannot be used: {Why}")]
    private partial void LogBroken(string why);
}
