using Broadcast.Ledger.Writing;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>
/// A device that is out of the right hands: new keys, or out of service. Both are taken on a full disk too, and audited with the reason. What a township's
/// Pi was delegated is revoked in the same commit: there is no moment at which it has lost its own keys and has its children's.
/// </summary>
public sealed partial class LedgerStore
{
    private const int ReasonCharsMax = 200;

    /// <summary>Gives the device the next key epoch and another link secret; null where there is no such device.</summary>
    /// <param name="linkVerifier">What the new link secret is checked against.</param>
    public Task<DeviceRecord?> RekeyAsync(DeviceId device, byte[] linkVerifier, Actor actor, string reason, CancellationToken cancel = default)
    {
        if (linkVerifier.Length is 0 or > VerifierBytesMax) throw new ArgumentException($"The link verifier has {linkVerifier.Length} bytes; expected 1–{VerifierBytesMax}.", nameof(linkVerifier));
        CheckText(reason, ReasonCharsMax, "reason");
        return WriteAsync(vital: true, async tx =>
        {
            var renewed = await ChangedAsync(tx, "UPDATE device SET key_epoch = key_epoch + 1, verifier = @verifier WHERE id = @id", ("id", device.Value), ("verifier", linkVerifier));
            if (renewed is null) return null;
            Note(tx, actor, "rekey-device", device.Value, $"key epoch {renewed.KeyEpoch}: {reason}");
            await RevokeOfAsync(tx, device, actor);
            await RenewListOfParentAsync(tx, device);
            return renewed;
        }, cancel);
    }

    /// <summary>Takes the device into or out of service; null where there is no such device.</summary>
    public Task<DeviceRecord?> SetServiceAsync(DeviceId device, ServiceState service, Actor actor, string reason, CancellationToken cancel = default)
    {
        CheckText(reason, ReasonCharsMax, "reason");
        return WriteAsync(vital: true, async tx =>
        {
            var changed = await ChangedAsync(tx, "UPDATE device SET service = @service WHERE id = @id", ("id", device.Value), ("service", (long)service));
            if (changed is not null) Note(tx, actor, "set-service", device.Value, $"{service}: {reason}");
            if (changed is not null && service == ServiceState.Decommissioned) await RevokeOfAsync(tx, device, actor);
            return changed;
        }, cancel);
    }

    private static Task<DeviceRecord?> ChangedAsync(GroupTransaction tx, string update, params (string, object?)[] arguments) => tx.Sql.FirstAsync(
        update + " RETURNING id, site, key_epoch, verifier, service",
        r => new DeviceRecord(new DeviceId(r.GetString(0)), new SiteId(r.GetString(1)), (int)r.GetInt64(2), r.GetBytes(3), (ServiceState)r.GetInt64(4)), arguments);
}
