using Broadcast.Device;

namespace Broadcast.Firmware.OnTarget;

/// <summary>Who goes before whom (R5), cancels (R4), and a power cut in the middle (R2).</summary>
internal static class QueueTests
{
    internal static void Run(Verdict verdict)
    {
        TargetBench bench = new TargetBench();
        Order blue = bench.Alert(WarningLevel.Blue, WarningClass.Actual);
        bench.Send(blue);
        Order red = bench.Alert(WarningLevel.Red, WarningClass.Actual);
        bench.Send(red);
        verdict.That(Last(bench) == red.Sequence && bench.Core.WaitingOrders == 1, "Red interrupts blue");
        Order test = bench.Alert(WarningLevel.Red, WarningClass.Test);
        bench.Send(test);
        verdict.That(Last(bench) == red.Sequence && bench.Core.WaitingOrders == 2, "A test waits for an actual warning");
        bench.Core.PlaybackEnded(bench.Body.PlayId, Failure.None, bench.NowMs);
        verdict.That(Last(bench) == blue.Sequence, "Blue goes on before the test");

        Order cancel = bench.Alert(WarningLevel.Blue, WarningClass.Actual);
        cancel.WarningId = blue.WarningId;
        cancel.Revision = 2;
        cancel.Kind = OrderKind.Cancel;
        cancel.Repetitions = 0;
        bench.Send(cancel);
        verdict.That(Last(bench) == test.Sequence, "A cancel silences at once and the next one speaks");

        Order orange = bench.Alert(WarningLevel.Orange, WarningClass.Actual);
        bench.Send(orange);
        int plays = bench.Body.Played.Count;
        bench.Reboot();
        verdict.That(bench.Body.Played.Count == plays + 1 && Last(bench) == orange.Sequence, "An actual warning that a power cut broke off starts again");
        for (int i = 0; i < Limits.QueueOrdersMax + 4; i++)
            bench.Send(bench.Alert(WarningLevel.Yellow, WarningClass.Programme));
        bench.Send(bench.Alert(WarningLevel.Red, WarningClass.Actual));
        verdict.That(bench.Core.WaitingOrders < Limits.QueueOrdersMax && bench.Core.PlayingId != 0, "A flood of programmes leaves room for a red warning");
    }

    private static long Last(TargetBench bench) => ((Order)bench.Body.Played[bench.Body.Played.Count - 1]!).Sequence;
}
