using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Townships;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Sites;

/// <summary>What became of a device, and where that is known already.</summary>
/// <param name="NotReached">Nodes that did not answer: they look for themselves once a minute.</param>
public sealed record Custody(DeviceRecord Device, IReadOnlyList<string> NotReached);

/// <summary>
/// A device that is stolen or lost: it is given another link secret and the next key epoch, or taken out of service. Committed first, then told to every
/// node, which reads the directory again and closes the session. The new keys go into a file that only the owner of the service reads, never over
/// HTTP: who may rekey must not come to speak with a device's voice.
/// </summary>
public sealed partial class CustodyDesk(LedgerStore ledger, KeyRing keys, IGrainFactory grains, NodeCustody here, DirectoryHolder directory, CloudOptions options, ILogger<CustodyDesk> log)
{
    /// <summary>The file in the data folder that `provision` reads.</summary>
    public const string HandOver = "devices.csv";

    private const string Header = "device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude";
    private const int LinkSecretBytes = 24; // 192 bits: nothing to guess, so a plain hash verifies it.
    private static readonly SemaphoreSlim OneFile = new(1);

    /// <summary>Null where there is no such device.</summary>
    public async Task<Custody?> RekeyAsync(DeviceId device, Actor actor, string reason, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested(); // Once begun it goes through, whether or not somebody waits for the answer.
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LinkSecretBytes));
        if (await ledger.RekeyAsync(device, CloudAuthority.VerifierOf(secret), actor, reason, CancellationToken.None) is not { } renewed) return null;
        // The thief first: a file that cannot be written costs another rekey.
        var custody = new Custody(renewed, await TellAsync(device));
        await HandOverAsync(renewed, directory.Current.Find(renewed.Site), secret);
        return custody;
    }

    /// <summary>Null where there is no such device.</summary>
    public async Task<Custody?> SetServiceAsync(DeviceId device, ServiceState service, Actor actor, string reason, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await ledger.SetServiceAsync(device, service, actor, reason, CancellationToken.None) is { } changed ? new Custody(changed, await TellAsync(device)) : null;
    }

    private async Task<IReadOnlyList<string>> TellAsync(DeviceId device)
    {
        await here.ChangedAsync(device); // Without a grain: on one machine nothing can come between.
        var missed = new List<string>();
        string[] nodes = [];
        try
        {
            nodes = await grains.GetGrain<INodesGrain>(INodesGrain.Key).Alive();
            // Who shares the ledger and is in no cluster with this node hears nothing from here.
            if (await ledger.NewestSessionAsync(device) is { End: SessionEnd.Open } held && held.Node != options.Node && !nodes.Contains(held.Node)) missed.Add(held.Node);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotTold(log, device.Value, "?", e);
            missed.Add("?");
        }

        foreach (var node in nodes.Where(n => n != options.Node))
        {
            try
            {
                await grains.GetGrain<INodeGrain>(node).DeviceChanged(device.Value);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogNotTold(log, device.Value, node, e);
                missed.Add(node);
            }
        }

        return missed;
    }

    private async Task HandOverAsync(DeviceRecord device, Site? site, string secret)
    {
        await OneFile.WaitAsync();
        try
        {
            var path = options.PathOf(HandOver);
            var rows = File.Exists(path) ? await File.ReadAllLinesAsync(path) : [Header];
            var row = string.Create(CultureInfo.InvariantCulture,
                $"{device.Id},{device.Site},{site?.Village.Code},{secret},{Convert.ToHexStringLower(keys.OrderKey(device.Id, device.KeyEpoch))},{device.KeyEpoch},{site?.Latitude},{site?.Longitude}");
            PrivateFiles.Write(path, Encoding.UTF8.GetBytes(string.Join('\n', Replaced(rows, device.Id + ",", row)) + "\n"));
        }
        finally
        {
            OneFile.Release();
        }
    }

    // In its place, so that what else is in the file stays as it was.
    private static IEnumerable<string> Replaced(string[] rows, string prefix, string row)
    {
        var at = Array.FindIndex(rows, r => r.StartsWith(prefix, StringComparison.Ordinal));
        return at < 0 ? rows.Append(row) : rows.Select((r, i) => i == at ? row : r);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Node {Node} could not be told that {Device} has changed hands; it goes by the old keys until it looks for itself.")]
    private static partial void LogNotTold(ILogger log, string device, string node, Exception e);
}

/// <summary>What a node does when a device has changed hands: the new directory first, then the end of whatever session there is, then what others have to know.</summary>
public sealed class NodeCustody(DirectoryHolder directory, NodeSessions sessions, IServiceProvider services)
{
    /// <summary>Looks for what other nodes have changed and could not tell.</summary>
    public async Task LookAsync()
    {
        await directory.ReloadAsync();
        foreach (var live in sessions.All.Where(HasChangedHands)) live.Session.Close(LinkCloseReason.ClosedByAuthority);
    }

    public async Task ChangedAsync(DeviceId device)
    {
        await directory.ReloadAsync();
        // Asked for late: the endpoint itself is made with an authority that is made with much of this house.
        if (services.GetRequiredService<LinkEndpoint>().TryGet(device.Value, out var session)) session.Close(LinkCloseReason.ClosedByAuthority);
        // A child that a Pi carries has a session and no connection that could come back: it is cut off only for cause.
        if (sessions.Find(device) is { } live && HasChangedHands(live)) live.Session.Close(LinkCloseReason.ClosedByAuthority);
        await services.GetRequiredService<TownshipDesk>().ChangedAsync(device);
    }

    private bool HasChangedHands(LiveDevice live) =>
        directory.Current.Find(live.Id) is not { } now || now.KeyEpoch != live.KeyEpoch || now.Service == ServiceState.Decommissioned;
}
