namespace Broadcast.Device.Tests;

/// <summary>All decoders by message type.</summary>
internal static class Messages
{
    /// <summary>Decodes and encodes again; null when the decoder refuses.</summary>
    public static byte[]? DecodeAndEncode(MessageType type, byte[] body) => type switch
    {
        MessageType.Order => Order.Decode(body)?.Encode(),
        MessageType.Receipt => Receipt.Decode(body)?.Encode(),
        MessageType.Hello => Hello.Decode(body)?.Encode(),
        MessageType.Welcome => Welcome.Decode(body)?.Encode(),
        MessageType.Report => Report.Decode(body)?.Encode(),
        MessageType.Alarm => Alarm.Decode(body)?.Encode(),
        MessageType.Reading => Reading.Decode(body)?.Encode(),
        MessageType.SoundTest => SoundTest.Decode(body)?.Encode(),
        MessageType.Settings => SiteSettings.Decode(body)?.Encode(),
        MessageType.SettingsState => SettingsState.Decode(body)?.Encode(),
        MessageType.Township => Township.Decode(body)?.Encode(),
        MessageType.Revocation => Revocation.Decode(body)?.Encode(),
        MessageType.Delegated => DelegatedOrder.Decode(body)?.Encode(),
        MessageType.ChildGone => ChildGone.Decode(body)?.Encode(),
        MessageType.Ping => Ping.Decode(body)?.Encode(),
        MessageType.AudioTicket => AudioTicket.Decode(body)?.Encode(),
        _ => null,
    };
}
