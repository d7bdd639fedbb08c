using Broadcast.Device;
using Broadcast.Rules;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Ledger.Tests;

/// <summary>The process that CrashTests kills: it writes without end, and prints what was acknowledged to it, and only then.</summary>
internal static class CrashWriter
{
    public const string Argument = "--write-until-killed";
    public const int Targets = 40;

    public static LedgerOptions Options(string connection, string anchor) => new(connection, "crash", anchor, new byte[32], ReserveBytes: 0, FreeBytesMin: 0);

    public static async Task<int> RunAsync(string connection, string anchor)
    {
        await using var store = await LedgerStore.OpenAsync(Options(connection, anchor), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        await output.WriteLineAsync("open");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReleaseWithoutEndAsync(store, output)));
        return 0;
    }

    private static async Task ReleaseWithoutEndAsync(LedgerStore store, TextWriter output)
    {
        var person = Actor.Of(new PersonId("li-wei"));
        while (true)
        {
            var now = TimeProvider.System.GetUtcNow();
            var county = Region.Create("421202000000", RegionLevel.County);
            var draft = new Warning(WarningId.New(TimeProvider.System), 1, OrderKind.Alert, new WarningContent(WarningClass.Actual, WarningLevel.Yellow, "11B03", "暴雨"), Area.Of(county), county,
                now, now.AddHours(1), WarningState.Draft, new PersonId("li-wei"), null, now, null);
            await store.AddRevisionAsync(draft, person);
            await store.MoveAsync(draft.Id, 1, WarningState.Draft, WarningState.Approved, new PersonId("wang-fang"), person, "approve");
            await output.WriteLineAsync($"approved {draft.Id}");
            var targets = Enumerable.Range(0, Targets).Select(i => new ReleaseTarget(TestLedger.TargetOf(i), OrderKind.Alert)).ToList();
            var done = (ReleaseResult.Done)await store.ReleaseAsync(new ReleaseRequest(draft, targets, person, draft.Id.ToString(), [1]));
            await output.WriteLineAsync($"released {draft.Id} {done.Orders[0].Sequence}");
            await Task.WhenAll(done.Orders.Select(async order =>
            {
                await store.ReceiptAsync(order.Device, new ReceiptRecord(order.Warning, 1, order.Sequence, ReceiptState.Played, 0, 1, 0, ClockQuality.Cloud, order.Sequence));
                await output.WriteLineAsync($"played {draft.Id} {order.Device}");
            }));
        }
    }
}
