using System.Security.Cryptography;
using System.Text;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Townships;

/// <summary>
/// Tells townships' Pis whom they carry and with which keys they may speak to them, tells children what is revoked, and keeps what they say of orders that
/// were not the cloud's. The keys are derived when they are sent, and lie nowhere here.
/// </summary>
public sealed partial class TownshipDesk(LedgerStore ledger, DirectoryHolder directory, KeyRing keys, NodeSessions sessions, TimeProvider clock, ILogger<TownshipDesk> log)
{
    /// <summary>How long a delegated key is good: longer than an uplink is down after a flood, and so short that a Pi which keeps a revocation back gains little.</summary>
    public static readonly TimeSpan DelegatedFor = TimeSpan.FromDays(14);

    /// <summary>Keys that are good for less get new ones: a Pi that loses its uplink has thirteen days at least.</summary>
    public static readonly TimeSpan RenewedBelow = TimeSpan.FromDays(13);

    /// <summary>Makes these the children of a Pi, and tells all who are here what that means for them.</summary>
    public async Task<TownshipRecord> PutAsync(DeviceId parent, IReadOnlyList<DeviceId> children, bool delegated, Actor actor, CancellationToken ct)
    {
        var before = directory.Current;
        var township = await ledger.PutChildrenAsync(parent, children, delegated ? DelegatedFor : null, actor, ct);
        await directory.ReloadAsync(ct);
        var losers = children.Select(c => before.Find(c)?.Parent).OfType<DeviceId>().Where(p => p != parent).Distinct();
        foreach (var device in before.ChildrenOf(parent).Select(c => c.Id).Concat(children).Distinct()) TellRevoked(before, device);
        foreach (var pi in losers.Append(parent))
        {
            if (sessions.Find(pi) is { } live) await TellAsync(live);
        }

        return township;
    }

    /// <summary>Gives new keys to the Pi if its own are soon good for nothing.</summary>
    public async Task RenewAsync(DeviceId parent, CancellationToken ct)
    {
        if (sessions.Find(parent) is not { } live) return; // Who is away gets them in its next session.
        if (await ledger.RenewDelegationAsync(parent, clock.GetUtcNow() + RenewedBelow, DelegatedFor, ct) is { } township) Send(live, township);
    }

    /// <summary>Says to a Pi that has come whom it carries; new keys where the old ones are old.</summary>
    public async Task TellAsync(LiveDevice pi)
    {
        TownshipRecord? township = null;
        try
        {
            township = await ledger.RenewDelegationAsync(pi.Id, clock.GetUtcNow() + RenewedBelow, DelegatedFor);
        }
        catch (StorageFullException e)
        {
            LogNotRenewed(log, pi.Id.Value, e); // It goes on with the keys that it has; whom it carries, it may have forgotten.
        }

        if ((township ?? await ledger.TownshipAsync(pi.Id)) is { } known) Send(pi, known);
    }

    /// <summary>Its session was full when something was said to it: what is revoked at it, and whom it carries, once more.</summary>
    public async Task SayAgainAsync(LiveDevice device)
    {
        var record = directory.Current.Find(device.Id);
        if (record is { RevokedUpTo: > 0 and var upTo }) device.Say(MessageType.Revocation, new Revocation { UpTo = upTo }.Encode());
        if (record is { IsTownship: true }) await TellAsync(device);
    }

    /// <summary>Whether that one can have ordered something of the device: its own page, its talk button, or the Pi that carries it.</summary>
    public bool MayHaveOrdered(DeviceId device, string orderedBy, out DeviceId by) =>
        DeviceId.TryParse(orderedBy, out by) && (by == device || orderedBy == Order.TalkButton || by == directory.Current.Find(device)?.Parent);

    /// <summary>A device has changed hands: its own Pi hears of the new keys, and its children here of what is revoked.</summary>
    public async Task ChangedAsync(DeviceId device)
    {
        foreach (var child in directory.Current.ChildrenOf(device).Where(c => c.RevokedUpTo > 0)) sessions.Find(child.Id)?.Say(MessageType.Revocation, new Revocation { UpTo = child.RevokedUpTo }.Encode());
        if (directory.Current.Find(device)?.Parent is { } parent && sessions.Find(parent) is { } pi) await TellAsync(pi);
    }

    /// <summary>A device said something of an order that was not the cloud's: kept, with who ordered it.</summary>
    public async ValueTask SaidAsync(LiveDevice device, Receipt receipt, DeviceId by) =>
        await ledger.LocalReceiptAsync(
            device.Id, new ReceiptRecord(WarningId.FromWire(receipt.WarningId)!.Value, receipt.Revision, receipt.Sequence, receipt.State, receipt.Reason, receipt.Attempt, receipt.AtMs, receipt.Clock, receipt.Number),
            by, receipt.Class);

    // The next welcome says it too, and again: this only makes it quick.
    private void TellRevoked(SiteDirectory before, DeviceId child)
    {
        if (directory.Current.Find(child) is not { } now || now.RevokedUpTo <= (before.Find(child)?.RevokedUpTo ?? 0)) return;
        if (sessions.Find(child) is not { } live) return;
        live.Say(MessageType.Revocation, new Revocation { UpTo = now.RevokedUpTo }.Encode());
        // Who is carried by a Pi that may not carry it any more has to find another way.
        if (live.Session is ChildLine && now.Parent != before.Find(child)?.Parent) live.Session.Close(Broadcast.Link.LinkCloseReason.ClosedByAuthority);
    }

    private void Send(LiveDevice pi, TownshipRecord township)
    {
        var parts = township.Children.Select(c => directory.Current.Find(c)).OfType<DeviceRecord>().Select(c => ChildOf(pi, township, c)).Chunk(Limits.ChildrenOfPartMax).ToArray();
        var count = Math.Max(1, parts.Length);
        for (var part = 0; part < count; part++)
        {
            var list = new Township
            {
                Revision = township.Revision, Part = part, Parts = count, Epoch = township.Epoch, ExpiresMs = township.Epoch == 0 ? 0 : township.Expires.ToUnixTimeMilliseconds(),
                Children = parts.Length == 0 ? [] : parts[part],
            };
            if (!pi.Say(MessageType.Township, list.Encode())) return; // The sweep says it again, or its next session begins with it.
        }

        LogTold(log, pi.Id.Value, township.Children.Count, township.Epoch);
    }

    private TownshipChild ChildOf(LiveDevice pi, TownshipRecord township, DeviceRecord child)
    {
        var (orderKey, expiresMs) = (keys.OrderKey(child.Id, child.KeyEpoch), township.Expires.ToUnixTimeMilliseconds());
        return new TownshipChild
        {
            Id = child.Id.Value, KeyEpoch = child.KeyEpoch,
            Verifier = SHA256.HashData(Encoding.ASCII.GetBytes(Delegation.LinkSecret(orderKey, pi.Id.Value))),
            Key = township.Epoch == 0 ? [] : Delegation.Wrap(pi.OrderKey, child.Id.Value, township.Epoch, expiresMs, Delegation.Key(orderKey, pi.Id.Value, township.Epoch, expiresMs)),
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Pi} carries {Children} children, delegation {Epoch}.")]
    private static partial void LogTold(ILogger log, string pi, int children, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Pi} was given no new keys.")]
    private static partial void LogNotRenewed(ILogger log, string pi, Exception e);
}
