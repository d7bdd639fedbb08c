using System.Threading.Channels;
using Broadcast.Cloud.Link;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Warnings;

/// <summary>
/// Tells the ledger which orders have left this process. It waits a moment first: most devices answer within it, and their receipts say more
/// than "sent" would (R6). So a county's burst is not held up by notes that nobody needs; a note that is lost costs nothing, the order stays owed.
/// What a session took and still holds is looked at again; what it held when it ended was never sent.
/// </summary>
public sealed partial class SentNotes(LedgerStore ledger, ProgressBatcher progress, TimeProvider clock, ILogger<SentNotes> log) : BackgroundService
{
    /// <summary>Long enough for the answers of a county on a busy machine, short enough that a person sees "sent" as it happens.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const int NotesAtOnceMax = 4_096;

    // Bounded by the orders that sessions have taken: a window and a queue each.
    private readonly Channel<(LiveDevice Device, long Sequence)> _taken = Channel.CreateUnbounded<(LiveDevice, long)>(new UnboundedChannelOptions { SingleReader = true });

    public void Taken(LiveDevice device, long sequence) => _taken.Writer.TryWrite((device, sequence));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _taken.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Patience, clock, stoppingToken);
            await NoteTakenAsync(stoppingToken);
        }
    }

    /// <summary>Notes what was taken up to now, has left and is not answered.</summary>
    public async Task NoteTakenAsync(CancellationToken stopping)
    {
        var notes = new List<(DeviceId, long)>();
        List<(LiveDevice, long)>? held = null;
        while (_taken.Reader.TryRead(out var taken))
        {
            if (!taken.Device.Awaits(taken.Sequence)) continue;
            var open = taken.Device.Session.IsOpen; // Before what it holds: an end in between loses what was held, and says so.
            if (!taken.Device.Session.HasUnsent) notes.Add((taken.Device.Id, taken.Sequence));
            else if (open) (held ??= []).Add(taken);
            if (notes.Count >= NotesAtOnceMax) await NoteAsync(notes, stopping);
        }

        if (notes.Count > 0) await NoteAsync(notes, stopping);
        foreach (var (device, sequence) in held ?? []) Taken(device, sequence);
    }

    private async Task NoteAsync(List<(DeviceId, long)> notes, CancellationToken stopping)
    {
        try
        {
            foreach (var moved in await ledger.SentAsync([.. notes], stopping)) progress.Changed(moved.Warning);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogNotNoted(log, notes.Count, e); // The orders are out; the receipts that follow say more than this note would have.
        }

        notes.Clear();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} orders were handed over, but the ledger could not note it.")]
    private static partial void LogNotNoted(ILogger log, int count, Exception e);
}
