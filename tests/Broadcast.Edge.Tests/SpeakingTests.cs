using Broadcast.Device;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A real gateway process, over TLS, that really speaks; what it said is measured with sox.</summary>
public sealed class SpeakingTests : IAsyncLifetime
{
    private const string Text = "咸安区气象台发布暴雨预警,请立即转移。";

    private readonly TempFolder _folder = new("edge");
    private TestCloud _cloud = null!;

    public async ValueTask InitializeAsync() => _cloud = await TestCloud.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_warning_is_a_tone_then_speech_as_often_as_ordered_with_silence_between()
    {
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        var order = _cloud.Alert(Text);
        order.Repetitions = 3;
        _cloud.Send(order);
        var wav = await edge.WavAsync();

        var stretches = await Sox.StretchesAsync(wav, gap: 1);
        stretches.Count.ShouldBe(3, "tone with the first speech, and two repetitions");
        stretches[0].Start.ShouldBeLessThan(0.05, "the tone is the first thing");
        (await Sox.LevelNearAsync(wav, 0.1, 0.8, 853)).ShouldBeGreaterThan(-18);
        (await Sox.LevelNearAsync(wav, 0.1, 0.8, 960)).ShouldBeGreaterThan(-18);
        (await Sox.LevelNearAsync(wav, 1.1, 2, 853)).ShouldBeLessThan(-25, "the tone ends when the speech begins");
        (await Sox.StretchesAsync(wav, gap: 0.3)).First().End.ShouldBeGreaterThan(1.3, "no gap of 300 ms after the tone");
        (await Sox.LevelAsync(wav, stretches[1].Start, 2)).Rms.ShouldBeGreaterThan(-30, "speech");
        (stretches[1].Start - stretches[0].End).ShouldBeInRange(1.9, 2.4);
        (await Sox.LevelAsync(wav, stretches[0].End + 0.1, 1.7)).Peak.ShouldBeLessThan(-90);
        (await Sox.LevelAsync(wav, 0, await Sox.SecondsAsync(wav))).Peak.ShouldBeLessThan(-0.2, "nothing clips");

        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Played), EdgeProcess.Patience);
        _cloud.StatesOf(order).ShouldBe([ReceiptState.Received, ReceiptState.Playing, ReceiptState.Played]);
        var played = _cloud.Receipts.First(r => r.State == ReceiptState.Played).AtMs - _cloud.Receipts.First(r => r.State == ReceiptState.Playing).AtMs;
        (played / 1000.0).ShouldBeInRange(stretches[2].End - 0.3, stretches[2].End + 5, "played is said after the last sound, not before");
    }

    /// <summary>The quickest of a few: a machine that stands still for a moment makes one late, a gateway that is late makes all late.</summary>
    [Fact]
    public async Task A_cancel_silences_within_200_ms()
    {
        var quickest = double.MaxValue;
        for (var n = 0; n < 5 && quickest >= 200; n++) quickest = Math.Min(quickest, await SilencedAfterMsAsync(_folder[$"{n}"]));
        quickest.ShouldBeLessThan(200);
    }

    private async Task<double> SilencedAfterMsAsync(string folder)
    {
        await using var edge = await EdgeProcess.StartAsync(_cloud, folder);
        var order = _cloud.Alert(Text);
        order.ToneMs = 20_000;
        _cloud.Send(order);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Playing), EdgeProcess.Patience);
        var cancelMs = _cloud.NowMs;
        _cloud.Send(_cloud.CancelOf(order));
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Stopped), EdgeProcess.Patience);

        var wav = await edge.WavAsync();
        var sound = (await Sox.StretchesAsync(wav, gap: 0.1)).ShouldHaveSingleItem();
        return EdgeProcess.BeganMs(wav) + (sound.End * 1000) - cancelMs;
    }

    [Fact]
    public async Task By_night_a_programme_is_limited_and_a_warning_is_not()
    {
        // The site's night begins in this very hour, and lasts three.
        var hour = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(TimeProvider.System.GetUtcNow(), "Asia/Shanghai").Hour;
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path, null,
            "--sound:nightVolumeMax=40", $"--sound:nightFromHour={hour}", $"--sound:nightToHour={(hour + 3) % 24}");
        List<double> levels = [];
        foreach (var warningClass in new[] { WarningClass.Programme, WarningClass.Actual })
        {
            var order = _cloud.Alert(Text, warningClass);
            order.Repetitions = 1;
            _cloud.Send(order);
            await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Played), EdgeProcess.Patience);
            var silent = levels.Count + 1;
            await Eventually.HoldsAsync(() => edge.Process.Output.Split('\n').Count(line => line.Contains("silent", StringComparison.Ordinal)) >= silent, EdgeProcess.Patience);
            levels.Add(await Sox.LevelNearAsync(Directory.GetFiles(edge.WavFolder).Order(StringComparer.Ordinal).Last(), 0.1, 0.8, 853));
        }
        (levels[1] - levels[0]).ShouldBe(16, 0.5, "40 % by the square is -16 dB");
    }

    [Fact]
    public async Task A_red_takes_over_from_a_programme_which_fades_and_does_not_clip()
    {
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        var programme = _cloud.Alert("今天的节目。" + Text, WarningClass.Programme, WarningLevel.None);
        programme.ToneMs = 0;
        programme.Repetitions = 20;
        programme.Volume = 30;
        _cloud.Send(programme);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(programme).Contains(ReceiptState.Playing), EdgeProcess.Patience);
        var red = _cloud.Alert(Text, level: WarningLevel.Red);
        red.Repetitions = 1;
        _cloud.Send(red);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(red).Contains(ReceiptState.Played), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(programme).Count() >= 4, EdgeProcess.Patience);
        _cloud.Send(_cloud.CancelOf(programme));

        _cloud.StatesOf(programme).ShouldBe([ReceiptState.Received, ReceiptState.Playing, ReceiptState.Interrupted, ReceiptState.Playing]);
        _cloud.StatesOf(red).ShouldBe([ReceiptState.Received, ReceiptState.Playing, ReceiptState.Played]);
        var wav = await edge.WavAsync();
        (await Sox.LevelAsync(wav, 0, await Sox.SecondsAsync(wav))).Peak.ShouldBeLessThan(-0.2);
        (await Sox.LevelNearAsync(wav, 0, 3, 853)).ShouldBeGreaterThan(-25, "the red's tone");
    }
}
