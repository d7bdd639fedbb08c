using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>Puts committed orders on the wire of sessions of this node.</summary>
public sealed partial class OrderSender(SentNotes notes, ILogger<OrderSender> log)
{
    private const int InlineMax = 64; // So many are out before another thread has woken up.

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
        Audio = kind != OrderKind.Cancel && AudioHash.TryParse(warning.Content.Audio, out var hash) ? hash.ToWire() : [],
    };

    /// <summary>
    /// Hands each order to its session, on as many threads as there are processors: sealing and the calls to the network are what a county
    /// costs. Completes when every session was tried; that the ledger hears of it is left to <see cref="SentNotes"/>.
    /// </summary>
    public Task SendAsync(IReadOnlyList<(LiveDevice Device, OrderForm Form, long Sequence)> orders)
    {
        if (orders.Count > InlineMax) return Task.Run(() => Parallel.ForEach(orders, o => Hand(o.Device, o.Form, o.Sequence)));
        foreach (var (device, form, sequence) in orders) Hand(device, form, sequence);
        return Task.CompletedTask;
    }

    private void Hand(LiveDevice device, OrderForm form, long sequence)
    {
        if (Handed(device, form, sequence)) notes.Taken(device, sequence);
    }

    /// <summary>One device whose order cannot be sealed or sent keeps no other from theirs.</summary>
    private bool Handed(LiveDevice device, OrderForm form, long sequence)
    {
        try
        {
            return device.Send(form, sequence);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotHanded(log, sequence, device.Id.Value, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The order {Sequence} could not be handed to {Device}.")]
    private static partial void LogNotHanded(ILogger log, long sequence, string device, Exception e);
}
