using System.Text;

namespace Broadcast.Link.Tests;

/// <summary>Packets as a foreign device would write them, independent of the product's codec and able to be wrong.</summary>
internal static class Wire
{
    public const int Clean = 0x02, Will = 0x04, WillRetain = 0x20, Password = 0x40, User = 0x80;

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Text(string text) => Field(Encoding.UTF8.GetBytes(text));

    public static byte[] Field(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    public static byte[] Id(int id) => [(byte)(id >> 8), (byte)id];

    public static byte[] Packet(int header, params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part)];
        List<byte> packet = [(byte)header];
        var rest = body.Length;
        do
        {
            packet.Add((byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
            rest >>= 7;
        }
        while (rest > 0);
        return [.. packet, .. body];
    }

    /// <summary>A CONNECT with these flags and whatever fields the test gives it.</summary>
    public static byte[] Connect(int flags, int keepAlive, params byte[][] payload) =>
        Packet(0x10, [Text("MQTT"), [4, (byte)flags], Id(keepAlive), .. payload]);

    /// <summary>A proper CONNECT of a device.</summary>
    public static byte[] SignIn(string device, int keepAlive = 60, int flags = Clean) =>
        Connect(flags | User | Password, keepAlive, Text(device), Text(device), Text(TestAuthority.Password));

    public static byte[] SignInWithWill(string device, string topic, string message, int willQos = 0, int more = 0) =>
        Connect(Clean | User | Password | Will | willQos << 3 | more, 60, Text(device), Text(topic), Text(message), Text(device), Text(TestAuthority.Password));

    public static byte[] Publish(string topic, string payload, int qos = 1, int id = 1, int flags = 0) =>
        Packet(0x30 | qos << 1 | flags, Text(topic), qos > 0 ? Id(id) : [], Encoding.UTF8.GetBytes(payload));

    public static byte[] Subscribe(int id, params (string Filter, int Qos)[] filters) =>
        Packet(0x82, [Id(id), .. filters.SelectMany(filter => new[] { Text(filter.Filter), [(byte)filter.Qos] })]);

    public static byte[] Unsubscribe(int id, params string[] filters) => Packet(0xA2, [Id(id), .. filters.Select(Text)]);

    public static byte[] PubAck(int id) => Packet(0x40, Id(id));

    public static byte[] PubRel(int id) => Packet(0x62, Id(id));

    public static byte[] Ping => [0xC0, 0];

    public static byte[] Disconnect => [0xE0, 0];
}
