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
        // Rekeyed while its Pi is here: what it was before speaks no more, and what it is now may come in.
        var before = parent.Children?.GetValueOrDefault(id);
        var place = parent.PlaceOf(record);
        if (before is not null && before != place) _ = EndChildAsync(before, SessionEnd.Refused, clock.GetUtcNow());
        var device = place.Live ??= NewChild(session, record, epoch: 0);
        var opened = Envelope.Open(frame, device.OrderKey, device.KeyEpoch, Direction.Up, id.Value);
        if (opened.Refusal != Refusal.None) return BadOfChild(child, place);
        place.Verified();
        if (opened.Type != MessageType.Hello) return place.IsOpen || !MayComeBack(record, place) ? TakeAsync(session, device, place, opened) : ComeBackAsync(session, record, place, opened);
        return Hello.Decode(opened.Body) is { } hello ? GreetChildAsync(session, record, place, hello) : BadOfChild(child, place);
    }

    /// <summary>A child's hello opens its session, above every earlier one of it, wherever that is: the newest epoch wins.</summary>
    private async ValueTask GreetChildAsync(LinkSession session, DeviceRecord record, ChildPlace place, Hello hello)
    {
        await place.Turn.WaitAsync();
        try
        {
            place.Hello = hello;
            if (!session.IsOpen) return; // The Pi is gone, or here in another session: that one's word counts.
            if (!place.IsOpen) await OpenChildAsync(session, record, place);
            await HelloAsync(place.Live!, hello);
            if (!session.IsOpen) EndChild(place, SessionEnd.ParentLost, session.LastHeard);
        }
        finally
        {
            place.Turn.Release();
        }
    }

    private async ValueTask OpenChildAsync(LinkSession session, DeviceRecord record, ChildPlace place)
    {
        var opened = await ledger.OpenSessionAsync(record.Id, options.Node, clock.GetUtcNow());
        var epoch = opened.Epoch;
        if (opened.TakenFrom is { } other && other != options.Node) _ = CloseOlderAsync(other, record.Id, epoch);
        if (sessions.Find(record.Id) is { } older && older.Epoch < epoch) older.Session.Close(LinkCloseReason.TakenOver);
        place.Live = NewChild(session, record, epoch);
    }

    // Not from a session of its own: what comes through its Pi may be late, or sent again.
    private bool MayComeBack(DeviceRecord record, ChildPlace place) => place.Hello is not null && sessions.Find(record.Id) is not { Session: LinkSession { IsOpen: true } };

    /// <summary>
    /// A child whose line was closed here speaks on: neither it nor its Pi was told, and it will not say hello again. So its true word opens a session as a
    /// hello does, or it would be owed its orders for as long as the Pi's session lasts.
    /// </summary>
    private async ValueTask ComeBackAsync(LinkSession session, DeviceRecord record, ChildPlace place, Opened said)
    {
        await place.Turn.WaitAsync();
        try
        {
            if (place is { IsOpen: false, Hello: { } hello } && session.IsOpen)
            {
                await OpenChildAsync(session, record, place);
                var device = place.Live!;
                device.Looked = Task.CompletedTask; // It was said before.
                await HelloAsync(device, hello);
                // The welcome is the one that it had, and changes nothing: what is revoked since is said by itself.
                if (directory.Current.Find(record.Id) is { RevokedUpTo: > 0 and var upTo }) device.Say(MessageType.Revocation, new Revocation { UpTo = upTo }.Encode());
                if (!session.IsOpen) EndChild(place, SessionEnd.ParentLost, session.LastHeard);
            }
        }
        finally
        {
            place.Turn.Release();
        }

        await TakeAsync(session, place.Live!, place, said);
    }

    /// <summary>The Pi says that a child's connection has ended.</summary>
    private async ValueTask ChildGoneAsync(LiveDevice parent, ChildGone gone)
    {
        if (!DeviceId.TryParse(gone.Child, out var id) || parent.Children?.GetValueOrDefault(id) is not { } place) return;
        await EndChildAsync(place, SessionEnd.LinkLost, clock.GetUtcNow() - TimeSpan.FromMilliseconds(gone.SilenceMs));
    }

    /// <summary>With a Pi's session go those of its children: nobody hears from them until it, or they themselves, are back.</summary>
    private static void EndChildrenOf(LiveDevice parent, SessionEnd why, DateTimeOffset lastHeard)
    {
        foreach (var (_, place) in parent.Children ?? []) _ = EndChildAsync(place, why, lastHeard);
    }

    private static async Task EndChildAsync(ChildPlace place, SessionEnd why, DateTimeOffset lastHeard)
    {
        await place.Turn.WaitAsync();
        place.Hello = null;
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
        if (place?.BadFrame() == true && place.Live is { } live) live.Session.Close(LinkCloseReason.ProtocolViolation);
        return ValueTask.CompletedTask;
    }
}
