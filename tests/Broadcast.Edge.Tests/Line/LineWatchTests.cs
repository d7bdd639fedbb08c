using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Line;
using Broadcast.Edge.Storage;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Line;

/// <summary>A whole gateway with amplifier and loudspeakers at register level: verified audible is what was measured, and faults have names.</summary>
[Collection(InQuiet.Name)]
public sealed class LineWatchTests : IDisposable
{
    private readonly TempFolder _folder = new("line");

    [Fact]
    public async Task What_the_loudspeakers_carried_is_verified_audible()
    {
        await using var bench = await StartAsync();
        (await PlayAsync(bench)).ShouldBe(SoundCheck.AmplifierDriven);
        bench.Get<GatewayBody>().Faults.ShouldBe(FaultFlags.None);
    }

    [Fact]
    public async Task A_dead_amplifier_plays_to_nobody_and_says_so()
    {
        await using var bench = await StartAsync();
        bench.Line.Gain = 0;
        (await PlayAsync(bench)).ShouldBe(SoundCheck.AmplifierSilent);
        await Eventually.HoldsAsync(() => HasFault(bench, FaultFlags.Amplifier), EdgeProcess.Patience);
        bench.Line.Gain = 1;
        (await PlayAsync(bench)).ShouldBe(SoundCheck.AmplifierDriven, "what was measured now counts, not what was wrong before");
        bench.Get<GatewayBody>().Faults.ShouldBe(FaultFlags.None);
    }

    [Fact]
    public async Task A_cut_wire_is_an_open_line_and_no_claim()
    {
        await using var bench = await StartAsync();
        bench.Line.LoadOhms = double.PositiveInfinity;
        (await PlayAsync(bench)).ShouldBe(SoundCheck.AmplifierSilent);
        await Eventually.HoldsAsync(() => HasFault(bench, FaultFlags.LineOpen), EdgeProcess.Patience);
    }

    [Fact]
    public async Task The_amplifier_that_wakes_for_a_broadcast_is_not_put_to_rest_before_its_first_sample()
    {
        await using var bench = await StartAsync();
        var line = bench.Get<LineWatch>();
        line.Sounds(true); // The output is being opened: nothing sounds yet, and a disk may take its time.
        line.RestAmplifier();
        bench.Chip.Level(GatewayBench.AmplifierPin).ShouldBeTrue();
        line.Sounds(false);
        bench.Chip.Level(GatewayBench.AmplifierPin).ShouldBeFalse();
    }

    [Fact]
    public async Task A_converter_that_does_not_answer_measures_nothing()
    {
        await using var bench = await StartAsync();
        bench.Adc.IsGone = true;
        (await PlayAsync(bench)).ShouldBe(SoundCheck.NotMeasured);
    }

    [Theory]
    [InlineData(4.2, 1, SoundTestResult.Passed, FaultFlags.None)]
    [InlineData(8.4, 1, SoundTestResult.LineChanged, FaultFlags.LineChanged)] // One of two loudspeakers.
    [InlineData(double.PositiveInfinity, 1, SoundTestResult.LineOpen, FaultFlags.LineOpen)]
    [InlineData(0.2, 1, SoundTestResult.LineShort, FaultFlags.LineShort)]
    [InlineData(4.2, 0, SoundTestResult.AmplifierSilent, FaultFlags.Amplifier)]
    [InlineData(4.2, 0.3, SoundTestResult.AmplifierSilent, FaultFlags.Amplifier)] // Somebody turned the knob.
    public async Task A_self_test_that_nobody_hears_names_the_fault_here_and_in_the_cloud(double ohms, double gain, SoundTestResult result, FaultFlags fault)
    {
        await using var bench = await StartAsync(new LineSettings { SuperviseSeconds = 0, SelfTestMinutes = 1_440, FirstSeconds = 1 }, line => (line.LoadOhms, line.Gain) = (ohms, gain));
        await Eventually.HoldsAsync(() => bench.Cloud.SoundTests.Count == 1, EdgeProcess.Patience);
        var test = bench.Cloud.SoundTests[0];
        (test.Result, test.NominalMilliohms, test.Clock).ShouldBe((result, 4_200, ClockQuality.Cloud));
        test.AtMs.ShouldBeInRange(bench.Cloud.NowMs - 60_000, bench.Cloud.NowMs);
        if (result is SoundTestResult.Passed or SoundTestResult.LineChanged) (test.Milliohms / 1_000.0).ShouldBe(ohms, ohms * 0.02);
        await Eventually.HoldsAsync(() => bench.Get<GatewayStore>().WaitingSoundTests() == 0, EdgeProcess.Patience);
        bench.Get<LineWatch>().Faults.ShouldBe(fault);
        if (fault != FaultFlags.None) await Eventually.HoldsAsync(() => HasFault(bench, fault), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);

        var wav = Directory.GetFiles(_folder["wav"]).Order(StringComparer.Ordinal).First();
        var all = await Sox.LevelAsync(wav, 0, 2);
        all.Peak.ShouldBeInRange(-30.5, -29.5, "30 dB below full scale");
        (await Sox.LevelAboveAsync(wav, 0, 2, 100)).ShouldBeLessThan(-75, "and nothing of it where anybody hears");
        (await Sox.LevelNearAsync(wav, 0.5, 1, 45)).ShouldBeInRange(-36, -30, "it is there: a sine of 25 Hz, measured from 5 to 85 Hz");
    }

    [Fact]
    public async Task A_fault_of_the_line_is_known_within_100_s_on_mains_and_the_pilot_rests_on_battery()
    {
        await using var bench = await StartAsync(new LineSettings { SuperviseSeconds = 10, SelfTestMinutes = 0, FirstSeconds = 1 });
        var line = bench.Get<LineWatch>();
        await Eventually.HoldsAsync(() => line.Summary.StartsWith("Passed", StringComparison.Ordinal), EdgeProcess.Patience);
        bench.Chip.Level(GatewayBench.AmplifierPin).ShouldBeTrue("it stays awake on mains: its relay is not for a click a minute");
        bench.Line.LoadOhms = double.PositiveInfinity;
        await Eventually.HoldsAsync(() => HasFault(bench, FaultFlags.LineOpen), TimeSpan.FromSeconds(50)); // 10 s, twice 2 s, and a report's 10 s.
        bench.Chip.Wire(GatewayBench.MainsPin, high: true);
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.AmplifierPin), EdgeProcess.Patience);
        bench.Line.LoadOhms = 4.2;
        var state = await line.MeasureAsync(TestContext.Current.CancellationToken);
        (state!.Result, line.Faults).ShouldBe((SoundTestResult.Passed, FaultFlags.None), "asked for, it measures on battery too");
    }

    [Fact]
    public async Task A_warning_ends_the_pilot_at_once_and_the_test_is_made_up_for()
    {
        await using var bench = await StartAsync();
        var asked = bench.Get<LineWatch>().MeasureAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => bench.Line.Samples > 5_000, EdgeProcess.Patience);
        (await PlayAsync(bench)).ShouldBe(SoundCheck.AmplifierDriven);
        (await asked).ShouldBeNull("it gave way");
        (await bench.Get<LineWatch>().MeasureAsync(TestContext.Current.CancellationToken))!.Result.ShouldBe(SoundTestResult.Passed);
    }

    [Fact]
    public async Task The_line_as_it_is_at_commissioning_is_learned_and_outlives_a_restart()
    {
        await using (var bench = await StartAsync(change: line => line.LoadOhms = 8.1))
        {
            var line = bench.Get<LineWatch>();
            (await line.MeasureAsync(TestContext.Current.CancellationToken))!.Result.ShouldBe(SoundTestResult.LineChanged);
            (await line.LearnAsync(TestContext.Current.CancellationToken))!.Value.ShouldBeInRange(7_950, 8_250);
            (await line.MeasureAsync(TestContext.Current.CancellationToken))!.Result.ShouldBe(SoundTestResult.Passed);
            bench.Line.Gain = 0;
            (await line.LearnAsync(TestContext.Current.CancellationToken)).ShouldBeNull("a dead amplifier teaches nothing");
        }
        await using var again = await StartAsync(change: line => line.LoadOhms = 8.1);
        (await again.Get<LineWatch>().MeasureAsync(TestContext.Current.CancellationToken))!.Result.ShouldBe(SoundTestResult.Passed);
    }

    [Fact]
    public async Task A_board_that_names_no_nominal_learns_it_and_claims_nothing_before()
    {
        var board = await File.ReadAllTextAsync(Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json"), TestContext.Current.CancellationToken);
        var unlearned = board.Replace("\"nominalMilliohms\": 4200", "\"nominalMilliohms\": 0", StringComparison.Ordinal);
        unlearned.ShouldNotBe(board);
        await File.WriteAllTextAsync(_folder["board.json"], unlearned, TestContext.Current.CancellationToken);
        await using var bench = await StartAsync(board: _folder["board.json"]);
        var line = bench.Get<LineWatch>();
        (await PlayAsync(bench)).ShouldBe(SoundCheck.NotMeasured);
        line.Faults.ShouldBe(FaultFlags.None);
        bench.Line.Gain = 0;
        (await line.LearnAsync(TestContext.Current.CancellationToken)).ShouldBeNull("a dead amplifier teaches nothing");
        bench.Line.Gain = 1;
        (await line.LearnAsync(TestContext.Current.CancellationToken))!.Value.ShouldBeInRange(4_100, 4_300);
        (await line.MeasureAsync(TestContext.Current.CancellationToken))!.Result.ShouldBe(SoundTestResult.Passed);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<GatewayBench> StartAsync(LineSettings? line = null, Action<Broadcast.Edge.Tests.Hardware.SimulatedLine>? change = null, string board = "")
    {
        var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), line: line, board: board);
        change?.Invoke(bench.Line);
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count >= 1, EdgeProcess.Patience);
        return bench;
    }

    private static async Task<SoundCheck> PlayAsync(GatewayBench bench)
    {
        var warning = bench.Cloud.Alert("咸安区发布暴雨预警,请立即转移。");
        bench.Cloud.Send(warning);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
        return (SoundCheck)bench.Cloud.Receipts.Last(r => r.Sequence == warning.Sequence).Reason;
    }

    private static bool HasFault(GatewayBench bench, FaultFlags fault) => bench.Cloud.Reports.Any(r => (r.Faults & (int)fault) != 0);
}
