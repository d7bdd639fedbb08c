using System.Text.Json;
using Broadcast.Cli.Api;
using Spectre.Console;

namespace Broadcast.Cli.Warn;

/// <summary>Shows a released warning going out, to its end, and says at the end how it went. Ctrl-C ends the looking, never the warning.</summary>
internal sealed class Watch(CliContext context, CloudClient cloud)
{
    public bool Json { get; init; }

    /// <summary>How long to look at most; null to the end.</summary>
    public TimeSpan? For { get; init; }

    public Patience Patience { get; init; } = Patience.Ordinary(context.Clock);

    // What a timer can wait for at most; no warning lives so long.
    private static readonly TimeSpan ForMax = TimeSpan.FromDays(49);

    public async Task<int> FollowAsync(string id, int revision, CancellationToken ct)
    {
        using var enough = For is { } time ? new CancellationTokenSource(time < ForMax ? time : ForMax, context.Clock) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, enough.Token);
        var seen = new Seen();
        try
        {
            await ShowAsync(id, revision, seen, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Looked long enough; the summary says how far it came.
        }
        catch (OperationCanceledException)
        {
            context.ErrorLine(context.Texts.GoesOn(id));
            return ExitCodes.Interrupted;
        }

        return await FinishAsync(id, seen.Progress, ct);
    }

    private async Task<int> FinishAsync(string id, ProgressShape? last, CancellationToken ct)
    {
        if (last is null)
        {
            context.ErrorLine(context.Texts.GoesOn(id));
            return ExitCodes.NotAllPlayed;
        }

        var summary = await Summary.MakeAsync(cloud, last, ct);
        if (Json) context.Line(JsonSerializer.Serialize(summary, Output.Indented));
        else summary.Write(context);
        return summary.Exit;
    }

    private Task ShowAsync(string id, int revision, Seen seen, CancellationToken ct)
    {
        if (Json) return RunAsync(id, revision, seen, _ => { }, _ => { }, ct);
        if (!context.Interactive) return RunAsync(id, revision, seen, new PlainProgress(context).Show, broken => context.ErrorLine(context.Texts.Stream(broken)), ct);
        var view = new LiveProgress(context.Texts);
        return context.Out.Live(view.Render()).AutoClear(true).StartAsync(live =>
        {
            void Refresh() => live.UpdateTarget(view.Render());
            return RunAsync(id, revision, seen, p => { view.Progress = p; Refresh(); }, broken => { view.Broken = broken; Refresh(); }, ct);
        });
    }

    private async Task RunAsync(string id, int revision, Seen seen, Action<ProgressShape> show, Action<bool> broken, CancellationToken ct)
    {
        var stream = new ProgressStream(cloud, Patience) { Broken = broken };
        await foreach (var progress in stream.FollowAsync(id, revision, ct))
        {
            seen.Progress = progress;
            show(progress);
        }
    }

    private sealed class Seen
    {
        public ProgressShape? Progress { get; set; }
    }
}
