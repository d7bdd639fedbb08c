using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>Puts committed orders on the wire of sessions of this node, and tells the ledger which were handed over.</summary>
public sealed partial class OrderSender(LedgerStore ledger, ProgressBatcher progress, TimeProvider clock, ILogger<OrderSender> log)
{
    /// <summary>The order that a device gets: a revision's content under the device's own sequence number.</summary>
    public static Order OrderOf(Warning warning, OrderKind kind, long sequence) => new()
    {
        WarningId = warning.Id.ToWire(),
        Revision = warning.Revision,
        Kind = kind,
        Class = warning.Content.Class,
        Level = warning.Content.Level,
        Issuer = warning.Issuer.Level,
        Event = warning.Content.Event,
        Sequence = sequence,
        NotBeforeMs = warning.NotBefore.ToUnixTimeMilliseconds(),
        ExpiresMs = warning.Expires.ToUnixTimeMilliseconds(),
        Language = warning.Content.Language,
        Text = kind == OrderKind.Cancel ? "" : warning.Content.Text, // A cancel silences; what it silences, the id says.
        Repetitions = warning.Content.Repetitions,
        Volume = warning.Content.Volume,
        ToneMs = warning.Content.ToneMs,
        Siren = kind != OrderKind.Cancel && warning.Content.Siren,
    };

    /// <summary>Hands each order to its session. Completes when the ledger knows what was handed over; that is a note, no promise (R6).</summary>
    public async Task SendAsync(IEnumerable<(LiveDevice Device, Order Order)> orders, CancellationToken ct)
    {
        var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var sent = new List<(DeviceId, long)>();
        foreach (var (device, order) in orders)
        {
            if (device.Send(order, nowMs)) sent.Add((device.Id, order.Sequence));
        }

        if (sent.Count == 0) return;
        try
        {
            foreach (var moved in await ledger.SentAsync(sent, ct)) progress.Changed(moved.Warning);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotNoted(log, sent.Count, e); // The orders are out; the receipts that follow say more than this note would have.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} orders were handed over, but the ledger could not note it.")]
    private static partial void LogNotNoted(ILogger log, int count, Exception e);
}
