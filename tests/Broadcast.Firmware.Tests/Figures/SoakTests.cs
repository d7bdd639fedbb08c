using Broadcast.Device;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests.Figures;

/// <summary>Orders by the thousand: the memory stays flat, because every queue, window and list has its bound.</summary>
public sealed class SoakTests
{
    private const long GrowthBytesMax = 256 * 1024; // What the collector's own tables and the test's counters move about.

    // In a process of its own: other tests' memory comes and goes beside it.
    [Fact]
    public async Task Memory_is_flat_over_ten_thousand_orders()
    {
        await using var run = RunningProcess.StartDotnet(
            Path.Combine(AppContext.BaseDirectory, "Broadcast.Firmware.Tests.dll"), ["-explicit", "only", "-method", $"{typeof(SoakTests).FullName}.{nameof(Ten_thousand_alone)}"]);
        await run.WaitForExitAsync(TimeSpan.FromMinutes(5));
        run.ExitCode.ShouldBe(0, run.Output);
        run.Output.ShouldContain("Total: 1");
    }

    [Fact(Explicit = true)]
    public void Ten_thousand_alone() => Soak(10_000, warmUp: 2_000);

    [Fact(Explicit = true)]
    public void Memory_is_flat_over_a_hundred_thousand_orders() => Soak(100_000, warmUp: 2_000);

    private static void Soak(int orders, int warmUp)
    {
        var bench = new BoardBench();
        bench.Chip.MsACharacter = 20;
        bench.Run(2_000);
        long flat = 0;
        long played = 0;
        for (var i = 0; i < orders; i++)
        {
            if (i == warmUp) flat = GC.GetTotalMemory(forceFullCollection: true);
            var order = bench.Alert(i % 7 == 0 ? "演练。" : "请立即转移。", i % 7 == 0 ? WarningClass.Test : WarningClass.Actual, siren: i % 3 == 0, validMs: 60_000);
            bench.Send(order);
            // A cancel and a repeat among them.
            if (i % 11 == 0) bench.Send(order);
            bench.Run(4_000);
            played += bench.Receipts.Count(r => r.State == ReceiptState.Played);
            bench.Receipts.Clear();
            bench.Reports.Clear();
            bench.Chip.Forget();
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - flat;
        GC.KeepAlive(bench);
        TestContext.Current.SendDiagnosticMessage($"{orders} orders, {played} played, {grown} bytes more than after {warmUp}");
        played.ShouldBe(orders);
        grown.ShouldBeLessThan(GrowthBytesMax);
        bench.Gateway.Errors.ShouldBe(0);
    }
}
