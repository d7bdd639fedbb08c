using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Talk;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Talk;

/// <summary>The talk and stop buttons on a register-level board, with a WAV file of 500 Hz in the microphone's place.</summary>
[Collection(InQuiet.Name)]
public sealed class PushToTalkTests : IDisposable
{
    private readonly TempFolder _folder = new("talk");

    [Fact]
    public async Task While_the_button_is_held_the_microphone_is_heard_and_the_cloud_is_told_by_whom_and_when()
    {
        await using var bench = await StartAsync();
        var before = bench.Cloud.NowMs;
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Playing));
        await SpeakAsync(TimeSpan.FromSeconds(3));
        LetGo(bench);
        var releasedAt = bench.Cloud.NowMs;
        await Eventually.HoldsAsync(() => StateIs(bench, ReceiptState.Played), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);

        bench.Cloud.Receipts.Select(r => r.State).ShouldBe([ReceiptState.Received, ReceiptState.Playing, ReceiptState.Played]);
        bench.Cloud.Receipts.ShouldAllBe(r => r.OrderedBy == Order.TalkButton && r.Class == WarningClass.LocalNotice);
        bench.Cloud.Receipts[1].AtMs.ShouldBeInRange(before, before + 2_000);
        bench.Cloud.Receipts[2].AtMs.ShouldBeInRange(releasedAt - 50, releasedAt + 1_500, "over when the button is let go, and what was said until then was heard");
        ((SoundCheck)bench.Cloud.Receipts[2].Reason).ShouldBe(SoundCheck.AmplifierDriven);
        bench.Get<PushToTalk>().Summary.ShouldContain("ms from the microphone to the loudspeaker");
        bench.Get<GatewayBody>().Faults.ShouldBe(FaultFlags.None);

        var wav = Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem();
        (await Sox.LevelNearAsync(wav, 0.1, 0.3, 853)).ShouldBeGreaterThan(-18, "the tone");
        (await Sox.LevelNearAsync(wav, 0.7, 1.5, 500)).ShouldBeGreaterThan(-16, "the voice");
        (await Sox.LevelAsync(wav, 0, await Sox.SecondsAsync(wav))).Peak.ShouldBeLessThan(-0.2, "nothing clips");
        var sound = (await Sox.StretchesAsync(wav, gap: 1)).ShouldHaveSingleItem();
        sound.End.ShouldBeInRange(2.5, 5);
    }

    [Fact]
    public async Task A_bounce_is_no_press()
    {
        await using var bench = await StartAsync();
        for (var i = 0; i < 20; i++) bench.Chip.Wire(GatewayBench.TalkPin, high: i % 2 != 0); // It ends high: open.
        await SpeakAsync(TimeSpan.FromMilliseconds(300));
        await bench.Get<GatewayLoop>().AnswerAsync();
        bench.Cloud.Receipts.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_red_takes_over_at_once_fades_the_voice_and_the_button_that_was_let_go_meanwhile_is_withdrawn()
    {
        await using var bench = await StartAsync();
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Playing));
        await SpeakAsync(TimeSpan.FromSeconds(1));
        var red = bench.Cloud.Alert("请立即转移", level: WarningLevel.Red);
        bench.Cloud.Send(red);
        await Eventually.HoldsAsync(() => StateIs(bench, ReceiptState.Interrupted), EdgeProcess.Patience);
        LetGo(bench);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(red).Contains(ReceiptState.Played), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.OrderedBy == Order.TalkButton && r.State == ReceiptState.Stopped && r.Reason == (byte)StopReason.Operator), EdgeProcess.Patience);
        bench.Cloud.Receipts.Count(r => r.OrderedBy == Order.TalkButton && r.State == ReceiptState.Playing).ShouldBe(1);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);
        var wav = Directory.GetFiles(_folder["wav"]).Order(StringComparer.Ordinal).Last();
        (await Sox.LevelAsync(wav, 0, await Sox.SecondsAsync(wav))).Peak.ShouldBeLessThan(-0.2, "the fading voice under the tone does not clip");
    }

    [Fact]
    public async Task The_stop_button_ends_a_talk_and_not_a_warning_of_the_cloud()
    {
        await using var bench = await StartAsync();
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Playing));
        await PressStopAsync(bench);
        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Stopped && r.Reason == (byte)StopReason.Operator), EdgeProcess.Patience);
        LetGo(bench);

        var warning = bench.Cloud.Alert("大雨");
        bench.Cloud.Send(warning);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Playing), EdgeProcess.Patience);
        await PressStopAsync(bench);
        await Eventually.HoldsAsync(() => bench.Get<GatewayBody>().Recent.Any(line => line.Contains("nothing that it may stop", StringComparison.Ordinal)), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
    }

    [Fact]
    public async Task A_button_that_hangs_is_let_go_by_the_gateway()
    {
        await using var bench = await StartAsync(talkSecondsMax: 5);
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Played));
        var played = bench.Cloud.Receipts.Last(r => r.State == ReceiptState.Played).AtMs - bench.Cloud.Receipts.First(r => r.State == ReceiptState.Playing).AtMs;
        played.ShouldBeInRange(4_500, 7_500);
    }

    [Fact]
    public async Task Let_go_within_the_tone_and_pressed_again_the_first_talk_is_over_and_no_synthesizer_speaks_for_it()
    {
        await using var bench = await StartAsync();
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Playing));
        LetGo(bench);
        await SpeakAsync(TimeSpan.FromMilliseconds(60)); // Longer than the 30 ms in which the board's button settles; shorter than the tone.
        await HoldAsync(bench, () => bench.Cloud.Receipts.Count(r => r.State == ReceiptState.Playing) == 2);
        await SpeakAsync(TimeSpan.FromSeconds(1));
        LetGo(bench);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.AmplifierPin) && bench.Get<GatewayLoop>().Core.WaitingOrders == 0, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => StateIs(bench, ReceiptState.Played) && StateIs(bench, ReceiptState.Stopped), EdgeProcess.Patience);
        bench.Cloud.Receipts.Count(r => r.State == ReceiptState.Playing).ShouldBe(2, "the first is not begun again");
    }

    [Fact]
    public async Task A_talk_that_was_let_go_and_is_then_broken_off_by_a_red_is_not_spoken_after_it()
    {
        await using var bench = await StartAsync();
        await HoldAsync(bench, () => StateIs(bench, ReceiptState.Playing));
        var red = bench.Cloud.Alert("请立即转移", level: WarningLevel.Red);
        LetGo(bench);
        await SpeakAsync(TimeSpan.FromMilliseconds(60));
        await bench.Get<GatewayLoop>().AnswerAsync();
        bench.Cloud.Send(red);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(red).Contains(ReceiptState.Played), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => StateIs(bench, ReceiptState.Stopped), EdgeProcess.Patience);
        bench.Cloud.Receipts.Count(r => r.OrderedBy == Order.TalkButton && r.State == ReceiptState.Playing).ShouldBe(1);
    }

    [Fact]
    public async Task A_talk_that_nobody_speaks_is_never_spoken_from_its_text()
    {
        await using var bench = await StartAsync();
        Order talk = new() { Event = "LOCAL-TALK", Text = "现场讲话", Repetitions = 1, Volume = 100, ToneMs = 500, OrderedBy = Order.TalkButton, Class = WarningClass.LocalNotice };
        ((IDeviceBody)bench.Get<GatewayBody>()).Play(7_000, talk, 1);
        await Eventually.HoldsAsync(() => bench.Get<GatewayBody>().Recent.Any(line => line.Contains("play 7000: ended, failure NoSpeech", StringComparison.Ordinal)), EdgeProcess.Patience);
        (bench.Get<GatewayBody>().Faults & FaultFlags.Speech).ShouldBe(FaultFlags.None, "the synthesizer was not asked");
    }

    [Fact]
    public async Task Without_a_microphone_the_talk_fails_by_name_and_warnings_speak()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), microphone: new MicrophoneSettings { Recorder = "no-such-recorder" });
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count >= 1, EdgeProcess.Patience);
        await HoldAsync(bench, () => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Failed && r.Reason == (byte)Failure.NoSpeech));
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Microphone) != 0 && (r.Faults & (int)FaultFlags.Speech) == 0), EdgeProcess.Patience);
        LetGo(bench);
        var warning = bench.Cloud.Alert("大雨");
        bench.Cloud.Send(warning);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<GatewayBench> StartAsync(int talkSecondsMax = 60)
    {
        await RunningProcess.RunAsync("sox", ["-n", "-r", "22050", "-c", "1", "-b", "16", _folder["voice.wav"], "synth", "20", "sine", "500", "gain", "-6"], EdgeProcess.Patience);
        var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), microphone: new MicrophoneSettings { WavFile = _folder["voice.wav"], TalkSecondsMax = talkSecondsMax });
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count >= 1, EdgeProcess.Patience);
        return bench;
    }

    private static bool StateIs(GatewayBench bench, ReceiptState state) => bench.Cloud.Receipts.Any(r => r.OrderedBy == Order.TalkButton && r.State == state);

    private static Task HoldAsync(GatewayBench bench, Func<bool> until)
    {
        bench.Chip.Wire(GatewayBench.TalkPin, high: false);
        return Eventually.HoldsAsync(until, EdgeProcess.Patience);
    }

    private static void LetGo(GatewayBench bench) => bench.Chip.Wire(GatewayBench.TalkPin, high: true);

    private static async Task PressStopAsync(GatewayBench bench)
    {
        bench.Chip.Wire(GatewayBench.StopPin, high: false);
        await SpeakAsync(TimeSpan.FromMilliseconds(250)); // As a hand does; the board's button settles in 30 ms.
        bench.Chip.Wire(GatewayBench.StopPin, high: true);
        await SpeakAsync(TimeSpan.FromMilliseconds(100)); // The hand leaves it, and it settles open.
    }

    /// <summary>Not a wait for anything: as long as somebody speaks, or presses.</summary>
    private static async Task SpeakAsync(TimeSpan time)
    {
        using var pace = new PeriodicTimer(time);
        await pace.WaitForNextTickAsync();
    }
}
