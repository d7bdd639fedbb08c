using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Settings;

/// <summary>
/// Brings desired and reported together: whoever says which settings are in force is sent what is wanted of its site where that is newer.
/// So nothing need be remembered of what was sent: a frame that was lost is made up for by the next session.
/// </summary>
public sealed partial class SettingsDesk(LedgerStore ledger, DirectoryHolder directory, NodeSessions sessions, IGrainFactory grains, ILogger<SettingsDesk> log)
{
    /// <summary>A device said what is in force: kept, and answered.</summary>
    public async ValueTask SaidAsync(LiveDevice device, SettingsState state)
    {
        device.Settings = state;
        if (await ledger.PutSettingsStateAsync(device.Id, state)) LogSaid(log, device.Id.Value, state.InForce, state.Judged, state.Refusal);
        if (directory.Current.Find(device.Id) is { } record && await ledger.DesiredSettingsAsync(record.Site) is { } desired) Send(device, desired.Revision, desired.Body);
    }

    /// <summary>Settings have changed: whatever node has the device's session sends them now. Without a session the next one asks.</summary>
    public async Task SendAsync(DeviceId device, DesiredSettings desired)
    {
        try
        {
            await grains.GetGrain<IDeviceGrain>(device.Value).SendSettings(desired.Revision, desired.Body);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotSent(log, device.Value, e); // They are in the ledger, and go out in the device's next session.
        }
    }

    /// <summary>Sends to a session of this node, if there is one that has said what is in force.</summary>
    public void SendHere(DeviceId device, int revision, byte[] body)
    {
        if (sessions.Find(device) is { } live) Send(live, revision, body);
    }

    /// <summary>Its session was full when something was said to it: what it is to go by, where it does not yet.</summary>
    public async Task SayAgainAsync(LiveDevice device)
    {
        if (device.Settings is not null && directory.Current.Find(device.Id) is { } record && await ledger.DesiredSettingsAsync(record.Site) is { } desired) Send(device, desired.Revision, desired.Body);
    }

    private static void Send(LiveDevice device, int revision, byte[] body)
    {
        // Who never says what is in force does not know the message.
        if (device.Settings is { } state && state.Judged < revision) device.Say(MessageType.Settings, body);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} goes by settings {InForce}, has judged {Judged}: {Refusal}.")]
    private static partial void LogSaid(ILogger log, string device, int inForce, int judged, SettingsRefusal refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings of {Device} could not be handed over now.")]
    private static partial void LogNotSent(ILogger log, string device, Exception e);
}
