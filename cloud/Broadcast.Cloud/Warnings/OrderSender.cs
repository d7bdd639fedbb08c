using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>A committed order and the session that gets it.</summary>
/// <param name="Frame">Sealed for this session already; null where it is to be.</param>
public readonly record struct OutgoingOrder(LiveDevice Device, OrderForm Form, long Sequence, byte[]? Frame = null);

/// <summary>Puts committed orders on the wire of sessions of this node.</summary>
public sealed partial class OrderSender(SentNotes notes, ILogger<OrderSender> log)
{
    /// <summary>So many are out before another thread has woken up.</summary>
    public const int InlineMax = 64;

    /// <summary>Sends on the thread that asks, however many there are: a simulation has one, and its order is the seed's.</summary>
    public bool OnCallersThread { get; init; }

    /// <summary>The order that a device gets: a revision's content under the device's own sequence number.</summary>
    /// <param name="warning">The revision.</param>
    /// <param name="kind">A cancel where an update leaves the site out.</param>
    /// <param name="sequence">The device's own.</param>
    /// <param name="expires">As the ledger has it of the order: the word to stop is good for longer than the update that brings it, as long as what it stops.</param>
    public static Order OrderOf(Warning warning, OrderKind kind, long sequence, DateTimeOffset expires) => new()
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
        ExpiresMs = expires.ToUnixTimeMilliseconds(),
        Language = warning.Content.Language,
        Text = kind == OrderKind.Cancel ? "" : warning.Content.Text, // A cancel silences; what it silences, the id says.
        Repetitions = warning.Content.Repetitions,
        Volume = warning.Content.Volume,
        ToneMs = warning.Content.ToneMs,
        Siren = kind != OrderKind.Cancel && warning.Content.Siren,
        Audio = kind != OrderKind.Cancel && AudioHash.TryParse(warning.Content.Audio, out var hash) ? hash.ToWire() : [],
    };

    /// <summary>
    /// Hands each order to its session, on as many threads as there are processors: sealing and the calls to the network are what a county
    /// costs. Completes when every session was tried; that the ledger hears of it is left to <see cref="SentNotes"/>.
    /// </summary>
    public Task SendAsync(IReadOnlyList<OutgoingOrder> orders)
    {
        if (orders.Count > InlineMax && !OnCallersThread) return Task.Run(() => Parallel.ForEach(orders, Hand));
        foreach (var order in orders) Hand(order);
        return Task.CompletedTask;
    }

    private void Hand(OutgoingOrder order)
    {
        if (Handed(order)) notes.Taken(order.Device, order.Sequence);
    }

    /// <summary>One device whose order cannot be sealed or sent keeps no other from theirs.</summary>
    private bool Handed(OutgoingOrder order)
    {
        try
        {
            return order.Device.Send(order.Form, order.Sequence, order.Frame);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotHanded(log, order.Sequence, order.Device.Id.Value, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The order {Sequence} could not be handed to {Device}.")]
    private static partial void LogNotHanded(ILogger log, long sequence, string device, Exception e);
}
