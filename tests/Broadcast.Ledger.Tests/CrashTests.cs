using System.Diagnostics;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Kills = 12;

    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_writer_killed_at_any_moment_has_kept_all_it_acknowledged_and_no_half_of_anything(Database database)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var ledger = await TestLedger.OpenAsync(database, _ => CrashWriter.Options(_.ConnectionString, _.AnchorPath));
        await ledger.CountyAsync(CrashWriter.Targets);
        var acknowledged = new HashSet<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await ledger.CloseAsync();
            acknowledged.UnionWith(await WriteUntilKilledAsync(ledger.Options, random.Next(1, 400)));
            await ledger.ReopenAsync();
            (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue($"seed {seed}, kill {kill}");
        }

        await CompareAsync(ledger.Store, acknowledged);
        output.WriteLine($"{acknowledged.Count} acknowledgements over {Kills} kills");
    }

    private static async Task<List<string>> WriteUntilKilledAsync(LedgerOptions options, int lines)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [CrashWriter.Argument, options.ConnectionString, options.AnchorPath]) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Insert(0, typeof(CrashTests).Assembly.Location);
        using var writer = Process.Start(start)!;
        var read = new List<string>();
        while (read.Count <= lines && await writer.StandardOutput.ReadLineAsync() is { } line) read.Add(line);
        writer.Kill(); // SIGKILL: nothing of it runs any more, no buffer is flushed.
        var rest = await writer.StandardOutput.ReadToEndAsync();
        await writer.WaitForExitAsync();
        read.AddRange(rest.Split('\n').SkipLast(1)); // The last piece may be half a line.
        read.Count.ShouldBeGreaterThan(lines, "the writer ended by itself");
        return read;
    }

    private static async Task CompareAsync(LedgerStore store, HashSet<string> acknowledged)
    {
        var warnings = await store.ListWarningsAsync(null, 10_000);
        var sequences = new HashSet<long>();
        foreach (var warning in warnings.Items)
        {
            var orders = (await store.OrdersAsync(warning.Id, 1, null, 1_000)).Items;
            orders.Count.ShouldBe(warning.State == WarningState.Released ? CrashWriter.Targets : 0, "a release is whole or not there");
            if (orders.Count > 0) sequences.Add(orders.Select(o => o.Sequence).Distinct().ShouldHaveSingleItem()).ShouldBeTrue("no number is given twice");
            foreach (var order in orders)
            {
                (await store.ReceiptsAsync(order.Warning, 1, order.Device)).Count.ShouldBe(order.State == OrderState.Played ? 1 : 0, "history and state agree");
                if (order.State == OrderState.Played) acknowledged.Remove($"played {order.Warning} {order.Device}");
            }

            if (orders.Count > 0) acknowledged.Remove($"released {warning.Id} {orders[0].Sequence}");
            if (warning.State is WarningState.Released or WarningState.Approved) acknowledged.Remove($"approved {warning.Id}");
        }

        acknowledged.Remove("open");
        acknowledged.ShouldBeEmpty("acknowledged, and not in the ledger");
    }
}
