using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Link;

/// <summary>
/// The cloud's side of the device link: who may connect, what a device's frames mean. Every frame is verified under the device's
/// own key before a byte of its body is believed; receipts, alarms and readings are acknowledged on the link only after the ledger has committed them.
/// </summary>
public sealed partial class CloudAuthority(
    DirectoryHolder directory, KeyRing keys, LedgerStore ledger, IGrainFactory grains, NodeSessions sessions, OwedOrders owed,
    ProgressBatcher progress, ReportBuffer reports, SiteJournal journal, Settings.SettingsDesk settings, Townships.TownshipDesk townships, LinkCounts counters, CloudOptions options, TimeProvider clock, ILogger<CloudAuthority> log)
    : ILinkAuthority
{
    /// <summary>How often a device reports itself unasked; with a keep-alive a minute apart, presence does not need more.</summary>
    private const int ReportSeconds = 300;

    public async ValueTask<ConnectVerdict> AuthenticateAsync(ConnectRequest request, CancellationToken ct)
    {
        // The client id is the device: a second identity in one connection could only confuse who sent what.
        if (!DeviceId.TryParse(request.ClientId, out var id) || request.UserName != request.ClientId) return ConnectVerdict.Refuse(ConnectCode.IdentifierRejected);
        if (directory.Current.Find(id) is not { } record || !Matches(record.LinkVerifier, request.Password.Span)) return ConnectVerdict.Refuse(ConnectCode.BadCredentials);
        if (record.Service is ServiceState.Decommissioned) return ConnectVerdict.Refuse(ConnectCode.NotAuthorized);
        var opened = await ledger.OpenSessionAsync(id, options.Node, clock.GetUtcNow());
        // On its own node the link endpoint takes over by itself.
        if (opened.TakenFrom is { } other && other != options.Node) _ = CloseOlderAsync(other, id, opened.Epoch);
        return ConnectVerdict.Accept(id.Value, opened.Epoch, Topics.UpPrefix(id.Value), Topics.Down(id.Value)) with { State = record };
    }

    public void Opened(LinkSession session)
    {
        var id = new DeviceId(session.DeviceId);
        // Removed, rekeyed or taken out of service between the handshake and now: who does that closes the sessions that are there by then, and this is the other side of it.
        if (directory.Current.Find(id) is { } record && IsAsAdmitted(record, session.State as DeviceRecord)) session.State = new LiveDevice(session, record, keys.OrderKey(id, record.KeyEpoch), clock);
        else session.Close(LinkCloseReason.AuthorityFailed);
    }

    private static bool IsAsAdmitted(DeviceRecord now, DeviceRecord? admitted) =>
        admitted is not null && now.KeyEpoch == admitted.KeyEpoch && now.Service == admitted.Service && now.LinkVerifier.AsSpan().SequenceEqual(admitted.LinkVerifier);

    public void Subscribed(LinkSession session)
    {
        // The hello asks for everything; before it nothing is sent.
    }

    public ValueTask ReceivedAsync(LinkSession session, string topic, ReadOnlyMemory<byte> payload)
    {
        if (session.State is not LiveDevice device) return Bad(session, null);
        if (topic != Topics.Up(session.DeviceId))
        {
            var child = Topics.ChildOf(session.DeviceId, topic);
            return child.Length > 0 ? FromChildAsync(session, device, child, BytesOf(payload)) : Bad(session, null);
        }

        var opened = Envelope.Open(BytesOf(payload), device.OrderKey, device.KeyEpoch, Direction.Up, device.Id.Value);
        if (opened.Refusal != Refusal.None) return Bad(session, device);
        return opened.Type switch
        {
            MessageType.Hello when Hello.Decode(opened.Body) is { } hello => HelloAsync(device, hello),
            MessageType.ChildGone when ChildGone.Decode(opened.Body) is { } gone => ChildGoneAsync(device, gone),
            _ => TakeAsync(session, device, null, opened),
        };
    }

    /// <summary>What a device says in its session, by whatever way.</summary>
    /// <param name="place">Its place in the session of its township's Pi; null where the session is its own.</param>
    private ValueTask TakeAsync(LinkSession session, LiveDevice device, ChildPlace? place, Opened opened) => opened.Type switch
    {
        MessageType.Receipt when Receipt.Decode(opened.Body) is { } receipt => receipt.OrderedBy.Length == 0 ? ReceiptAsync(device, receipt) : LocalReceiptAsync(session, device, place, receipt),
        MessageType.Report when Report.Decode(opened.Body) is { } report => Reported(device, report),
        MessageType.Alarm when Alarm.Decode(opened.Body) is { } alarm => device.MayKeep() ? journal.AlarmAsync(device.Id, alarm) : TooMuch(session, device, place),
        MessageType.Reading when Reading.Decode(opened.Body) is { } reading => device.MayKeep() ? journal.ReadingAsync(device.Id, reading) : TooMuch(session, device, place),
        MessageType.SoundTest when SoundTest.Decode(opened.Body) is { } test => device.MayKeep() ? journal.SoundTestAsync(device.Id, test) : TooMuch(session, device, place),
        MessageType.SettingsState when SettingsState.Decode(opened.Body) is { } state => device.MayKeep() ? settings.SaidAsync(device, state) : TooMuch(session, device, place),
        _ => place is null ? Bad(session, device) : BadOfChild(device.Id.Value, place),
    };

    private ValueTask LocalReceiptAsync(LinkSession session, LiveDevice device, ChildPlace? place, Receipt receipt)
    {
        // Said by somebody who cannot have ordered it: taken off the link, or it would come for ever, and not kept.
        if (!townships.MayHaveOrdered(device.Id, receipt.OrderedBy, out var by)) return NotBelieved(device, receipt.OrderedBy);
        return device.MayKeep() ? townships.SaidAsync(device, receipt, by) : TooMuch(session, device, place);
    }

    private ValueTask NotBelieved(LiveDevice device, string orderedBy)
    {
        counters.BadFrame();
        LogNotBelieved(log, device.Id.Value, orderedBy);
        return ValueTask.CompletedTask;
    }

    // More than the ledger takes of one device. Its own session ends before that is acknowledged, and it says it again. A child's frame is acknowledged with
    // those of all its Pi carries, in order: there it is lost, and the others go on.
    private ValueTask TooMuch(LinkSession session, LiveDevice device, ChildPlace? place)
    {
        LogTooMuch(log, device.Id.Value);
        if (place is null) session.Close(LinkCloseReason.Flooding);
        return ValueTask.CompletedTask;
    }

    public void Delivered(LinkSession session, long tag)
    {
        // That the link has carried it says nothing of the device's verdict: the receipt does (R6).
    }

    public void Closed(LinkSession session, LinkClosed why)
    {
        if (session.State is not LiveDevice device) return;
        sessions.Leave(device);
        EndChildrenOf(device, why.Reason == LinkCloseReason.ServerStopping ? SessionEnd.CloudStopped : SessionEnd.ParentLost, why.LastHeard);
        var end = why.Reason switch
        {
            LinkCloseReason.TakenOver => SessionEnd.TakenOver,
            LinkCloseReason.ServerStopping => SessionEnd.CloudStopped,
            LinkCloseReason.ClosedByAuthority when HasChangedHands(device) => SessionEnd.Refused,
            LinkCloseReason.Disconnected => device.Report is { Mains: false } ? SessionEnd.MainsLost : SessionEnd.Disconnected,
            _ => device.Report is { Mains: false } ? SessionEnd.MainsLost : SessionEnd.LinkLost,
        };
        _ = CloseAsync(device, end, why.LastHeard);
    }

    private bool HasChangedHands(LiveDevice device) =>
        directory.Current.Find(device.Id) is not { } now || now.KeyEpoch != device.KeyEpoch || now.Service == ServiceState.Decommissioned;

    private async Task CloseAsync(LiveDevice device, SessionEnd end, DateTimeOffset lastHeard)
    {
        try
        {
            await ledger.CloseSessionAsync(device.Id, device.Epoch, lastHeard, end);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogCloseFailed(log, device.Id.Value, e); // The silence rule judges it offline all the same; the next session's epoch closes the row.
        }
    }

    private async Task CloseOlderAsync(string node, DeviceId device, long epoch)
    {
        try
        {
            await grains.GetGrain<INodeGrain>(node).CloseOlder(device.Value, epoch);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogOlderNotClosed(log, node, device.Value, e); // Its row is closed already; the other node cuts it when it falls silent.
        }
    }

    private async ValueTask HelloAsync(LiveDevice device, Hello hello)
    {
        await ledger.RaiseHighWaterAsync(device.Id, hello.HighWater);
        await (device.Looked ??= owed.LookAsync(device, hello.HighWater)); // Before anything is handed over in this session.
        device.Looked = Task.CompletedTask;
        var welcome = new Welcome
        {
            Nonce = hello.Nonce, NowMs = clock.GetUtcNow().ToUnixTimeMilliseconds(), ReportSeconds = ReportSeconds, Epoch = device.Epoch,
            RevokedUpTo = directory.Current.Find(device.Id)?.RevokedUpTo ?? 0,
        };
        if (!device.Say(MessageType.Welcome, welcome.Encode())) return;
        device.Greeted = true;
        if (sessions.Find(device.Id) is { Session: ChildLine } older && older.Epoch < device.Epoch) older.Session.Close(LinkCloseReason.TakenOver); // It came through its Pi before.
        // First findable, then asked for what it is owed: an order committed in between is seen by one of the two, and doubles are the device's to drop.
        if (sessions.Enter(device)) owed.Ask(device);
        if (directory.Current.Find(device.Id) is { IsTownship: true }) await townships.TellAsync(device);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))] // A county says this twice in a second.
    private async ValueTask ReceiptAsync(LiveDevice device, Receipt receipt)
    {
        var outcome = await ledger.ReceiptAsync(device.Id, new ReceiptRecord(
            WarningId.FromWire(receipt.WarningId)!.Value, receipt.Revision, receipt.Sequence, receipt.State, receipt.Reason, receipt.Attempt, receipt.AtMs, receipt.Clock, receipt.Number));
        switch (outcome)
        {
            // A refusal for want of time leaves the order owed: it stays with the retry.
            case ReceiptOutcome.Applied { Transition: { } moved }:
                if (!OrderLife.IsOwed(moved.To)) device.Answered(moved.Sequence);
                progress.Changed(moved.Warning);
                break;
            case ReceiptOutcome.UnknownOrder:
                counters.UnknownOrder();
                device.Answered(receipt.Sequence);
                break;
            default:
                device.Answered(receipt.Sequence);
                break;
        }
    }

    /// <summary>The array itself where the message is all of it, as the link gives it.</summary>
    private static byte[] BytesOf(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var part) && part.Array is { } all && part.Count == all.Length ? all : payload.ToArray();

    private ValueTask Reported(LiveDevice device, Report report)
    {
        device.Report = report;
        reports.Put(device.Id, report);
        return ValueTask.CompletedTask;
    }

    private ValueTask Bad(LinkSession session, LiveDevice? device)
    {
        counters.BadFrame();
        LogBadFrame(log, session.DeviceId);
        if (device is null || device.TooManyBadFrames()) session.Close(LinkCloseReason.ProtocolViolation);
        return ValueTask.CompletedTask;
    }

    /// <summary>Link secrets are 128 random bits or more, so one SHA-256 is verifier enough: there is nothing to guess.</summary>
    public static byte[] VerifierOf(string linkSecret) => SHA256.HashData(Encoding.UTF8.GetBytes(linkSecret));

    private static bool Matches(byte[] verifier, ReadOnlySpan<byte> password)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(password, hash);
        return CryptographicOperations.FixedTimeEquals(hash, verifier);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A frame of {Device} did not verify.")]
    private static partial void LogBadFrame(ILogger log, string device);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Device} says more than is kept of one device; this was not kept.")]
    private static partial void LogTooMuch(ILogger log, string device);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Device} names {OrderedBy}, which is not its township's Pi, for who ordered what it said; this was not kept.")]
    private static partial void LogNotBelieved(ILogger log, string device, string orderedBy);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Node} could not be told that {Device} has gone elsewhere.")]
    private static partial void LogOlderNotClosed(ILogger log, string node, string device, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of the session of {Device} could not be recorded.")]
    private static partial void LogCloseFailed(ILogger log, string device, Exception e);
}
