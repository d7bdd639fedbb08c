using System.Globalization;
using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests.Figures;

/// <summary>What an interpreter has to work through from a frame in the mailbox to the siren's relay, HMAC included.</summary>
public sealed class AcceptancePathTests
{
    private const string ResultFile = "BROADCAST_ACCEPTANCE_FIGURE";

    // Measured 16,267 and 94,291 (docs/firmware.md); a change that adds a fifth wants a reason.
    private const int InstructionsOfShortOrderMax = 20_000;
    private const int InstructionsOfLongestOrderMax = 110_000;

    [Fact]
    public async Task From_frame_to_siren_relay_the_interpreted_work_stays_small()
    {
        using var folder = new TempFolder("firmware-il");
        var program = CountingCopy.Make(folder["counting"]);
        var environment = new Dictionary<string, string> { [ResultFile] = folder["figure"] };
        await using (var run = RunningProcess.StartDotnet(program, ["-explicit", "only", "-method", $"{typeof(AcceptancePathTests).FullName}.{nameof(Count_in_the_copy)}"], environment))
            await run.WaitForExitAsync(TimeSpan.FromMinutes(2));
        File.Exists(folder["figure"]).ShouldBeTrue();
        var counts = (await File.ReadAllLinesAsync(folder["figure"])).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).ToList();
        TestContext.Current.SendDiagnosticMessage($"IL instructions from frame to siren relay: {counts[0]} for 36 characters, {counts[1]} for 500");
        counts[0].ShouldBeInRange(1_000, InstructionsOfShortOrderMax);
        counts[1].ShouldBeInRange(1_000, InstructionsOfLongestOrderMax);
    }

    [Fact(Explicit = true)]
    public void Count_in_the_copy()
    {
        var counter = typeof(Order).Assembly.GetType(CountingCopy.Counter).ShouldNotBeNull("run by the other test, in its copy").GetField("Value")!;
        List<string> counts = [];
        foreach (var characters in new[] { 36, 500 })
        {
            var bench = new BoardBench();
            bench.Run(5_000);
            bench.Send(bench.Alert(new string('水', characters), siren: true));
            long at = -1;
            bench.Machine.Pin(Board.SirenPin).Driven += on => at = on && at < 0 ? (long)counter.GetValue(null)! : at;
            var before = (long)counter.GetValue(null)!;
            bench.Gateway.Step(bench.Clock.MonotonicMs);
            at.ShouldBeGreaterThan(0, "the siren came on in this step");
            counts.Add((at - before).ToString(CultureInfo.InvariantCulture));
        }

        File.WriteAllLines(Environment.GetEnvironmentVariable(ResultFile)!, counts);
    }
}
