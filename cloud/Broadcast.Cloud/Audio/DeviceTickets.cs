using System.Buffers.Text;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Cloud.Audio;

/// <summary>
/// Who a device is at the HTTPS door: <c>Authorization: Device …</c> with a ticket sealed under its order key, base64url. No secret
/// travels, and a ticket that leaks is good for one recording and ten minutes.
/// </summary>
public sealed class DeviceTickets(DirectoryHolder directory, KeyRing keys, TimeProvider clock)
{
    public const string Scheme = "Device ";

    /// <summary>A ticket is 122 bytes for the longest device id; what is longer is none.</summary>
    private const int CharsMax = 400;

    /// <summary>The device that shows a good ticket for this recording; null for anything else.</summary>
    public DeviceRecord? Read(string? header, AudioHash audio) => Read(header, audio.ToWire());

    /// <summary>The device that shows a good ticket for what has this name: a recording's hash, or a live speech (<see cref="AudioTicket.LiveName"/>).</summary>
    public DeviceRecord? Read(string? header, byte[] name)
    {
        if (header is null || header.Length > CharsMax || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var text = header.AsSpan(Scheme.Length);
        if (!Base64Url.IsValid(text)) return null;
        var frame = Base64Url.DecodeFromChars(text);
        if (!Envelope.TryPeek(frame, out var sender, out _, out _) || !DeviceId.TryParse(sender, out var id)) return null;
        if (directory.Current.Find(id) is not { } device || device.Service == ServiceState.Decommissioned) return null;
        var opened = Envelope.Open(frame, keys.OrderKey(id, device.KeyEpoch), device.KeyEpoch, Direction.Up, id.Value);
        var isGood = opened.Refusal == Refusal.None && opened.Type == MessageType.AudioTicket
            && AudioTicket.Decode(opened.Body) is { } ticket && ticket.IsGoodFor(name, clock.GetUtcNow().ToUnixTimeMilliseconds());
        return isGood ? device : null;
    }
}
