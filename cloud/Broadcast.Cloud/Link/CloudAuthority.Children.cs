using Broadcast.Device;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

// Children of a township's Pi: their frames come in its session, untouched and under their own keys. What they say means the same as in a session of their own.
public sealed partial class CloudAuthority
{
    private ValueTask FromChildAsync(LinkSession session, LiveDevice parent, string child, byte[] frame)
    {
        // Nobody carries whom the ledger does not give them (R8), nor before they have proved who they are.
        if (!parent.Greeted || !DeviceId.TryParse(child, out var id) || directory.Current.Find(id) is not { } record || record.Parent != parent.Id || record.Service is ServiceState.Decommissioned)
            return BadOfChild(child, null);
        var place = parent.PlaceOf(id);
        if (place.IsIgnored) return ValueTask.CompletedTask;
        // Rekeyed while its Pi is here: what it was before speaks no more, and what it is now may come in.
        var device = place.Live is { } live && live.KeyEpoch == record.KeyEpoch ? live : place.Live = NewChild(session, record, epoch: 0);
        var opened = Envelope.Open(frame, device.OrderKey, device.KeyEpoch, Direction.Up, id.Value);
        if (opened.Refusal != Refusal.None) return BadOfChild(child, place);
        if (opened.Type != MessageType.Hello) return TakeAsync(session, device, place, opened);
        return Hello.Decode(opened.Body) is { } hello ? GreetChildAsync(session, record, place, hello) : BadOfChild(child, place);
    }

    /// <summary>A child's hello opens its session, above every earlier one of it, wherever that is: the newest epoch wins.</summary>
    private async ValueTask GreetChildAsync(LinkSession session, DeviceRecord record, ChildPlace place, Hello hello)
    {
        await place.Turn.WaitAsync();
        try
        {
            if (place.Live is not { Session: { Epoch: > 0, IsOpen: true } })
            {
                var opened = await ledger.OpenSessionAsync(record.Id, options.Node, clock.GetUtcNow());
                var epoch = opened.Epoch;
                if (opened.TakenFrom is { } other && other != options.Node) _ = CloseOlderAsync(other, record.Id, epoch);
                if (sessions.Find(record.Id) is { } older && older.Epoch < epoch) older.Session.Close(LinkCloseReason.TakenOver);
                place.Live = NewChild(session, record, epoch);
            }

            await HelloAsync(place.Live, hello);
            if (!session.IsOpen) EndChild(place, SessionEnd.ParentLost, session.LastHeard);
        }
        finally
        {
            place.Turn.Release();
        }
    }

    /// <summary>The Pi says that a child's connection has ended.</summary>
    private async ValueTask ChildGoneAsync(LiveDevice parent, ChildGone gone)
    {
        if (!DeviceId.TryParse(gone.Child, out var id) || parent.Children?.GetValueOrDefault(id) is not { } place) return;
        await EndChildAsync(place, SessionEnd.LinkLost, clock.GetUtcNow() - TimeSpan.FromMilliseconds(gone.SilenceMs));
    }

    /// <summary>With a Pi's session go those of its children: nobody hears from them until it, or they themselves, are back.</summary>
    private void EndChildrenOf(LiveDevice parent, DateTimeOffset lastHeard)
    {
        foreach (var (_, place) in parent.Children ?? []) _ = EndChildAsync(place, SessionEnd.ParentLost, lastHeard);
    }

    private static async Task EndChildAsync(ChildPlace place, SessionEnd why, DateTimeOffset lastHeard)
    {
        await place.Turn.WaitAsync();
        EndChild(place, why, lastHeard);
        place.Turn.Release();
    }

    private static void EndChild(ChildPlace place, SessionEnd why, DateTimeOffset lastHeard)
    {
        if (place.Live is not { } live) return;
        var last = live.Report is { Mains: false } && why == SessionEnd.LinkLost ? SessionEnd.MainsLost : why;
        (live.Session as ChildLine)?.End(last, lastHeard);
    }

    private LiveDevice NewChild(LinkSession session, DeviceRecord record, long epoch)
    {
        LiveDevice? child = null;
        var line = new ChildLine(session, epoch, clock, (line, why) =>
        {
            if (epoch == 0) return; // It never had a session.
            sessions.Leave(child!);
            _ = CloseAsync(child!, why, line.LastHeard);
        });
        return child = new LiveDevice(line, record, keys.OrderKey(record.Id, record.KeyEpoch), clock);
    }

    private ValueTask BadOfChild(string child, ChildPlace? place)
    {
        counters.BadFrame();
        LogBadFrame(log, child);
        place?.BadFrame();
        return ValueTask.CompletedTask;
    }
}
