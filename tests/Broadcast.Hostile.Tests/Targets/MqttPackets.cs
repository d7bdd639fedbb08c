using System.Buffers;
using System.Text;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Link;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Packets as devices write them, and as none does.</summary>
internal static class Mqtt
{
    private static readonly string[] Topics = ["d/7/up", "d/7/down", "d/8/up", "", "#", "d/+/up", "d/7/" + new string('x', 300), "d/7/\u0000"];

    public static byte[] Any(Dice dice, byte[] payload) => dice.Below(9) switch
    {
        0 => ConnectPacket.Encode("7", (ushort)dice.Bits(), dice.OneIn(2) ? new LastWill(dice.Of(Topics), payload) : null, dice.OneIn(4) ? null : "7", Encoding.UTF8.GetBytes("secret")),
        1 => Packets.Subscribe((ushort)dice.Bits(), [dice.Of(Topics), dice.Of(Topics)]),
        2 => [.. Packets.PingReq],
        3 => Ack(dice.Of([PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp]), (ushort)dice.Below(8)),
        4 => dice.OneIn(10) ? [.. Packets.Disconnect] : [0xA2, 10, 0, (byte)dice.Bits(), 0, 6, .. "d/7/up"u8],
        _ => Publish(dice.Of(Topics), payload, dice.Below(3), (ushort)dice.Below(8), dice),
    };

    public static byte[] Publish(string topic, byte[] payload, int qos, ushort id, Dice dice)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        var packet = new byte[Packets.PublishSize(name.Length, payload.Length, qos)];
        Packets.WritePublish(packet, name, payload, qos, id);
        if (dice.OneIn(6)) packet[0] |= (byte)(1 << dice.Below(4));
        return packet;
    }

    private static byte[] Ack(PacketType type, ushort id)
    {
        var packet = new byte[Packets.AckBytes];
        Packets.WriteAck(packet, type, id);
        return packet;
    }
}

/// <summary>One CONNECT or PUBLISH: what is taken says the same when it is written again.</summary>
internal sealed class MqttPacket : FuzzTarget
{
    private const int PacketBytesMax = 4096;

    public override long AllocatedBytesMax => 64 * 1024;

    public override byte[] Make(Dice dice)
    {
        var good = Mqtt.Any(dice, dice.Bytes(dice.Below(60)));
        return dice.OneIn(4) ? good : ByteMutation.Of(good, dice);
    }

    public override bool Take(byte[] input)
    {
        if (!Frame.TryPeek(new ReadOnlySequence<byte>(input), PacketBytesMax, out var frame, out _) || frame.Bytes > input.Length) return false;
        Must(frame.Bytes <= PacketBytesMax, "a packet above the bound");
        var body = input.AsSpan(frame.HeaderBytes, frame.BodyBytes);
        return frame.Type switch
        {
            PacketType.Connect => TakeConnect(body),
            PacketType.Publish => TakePublish(frame, body),
            _ => false,
        };
    }

    private static bool TakeConnect(ReadOnlySpan<byte> body)
    {
        if (ConnectPacket.Read(body, out var packet) != Violation.None) return false;
        if (!packet!.IsSupported) return true;
        var again = ConnectPacket.Encode(packet.ClientId, packet.KeepAliveSeconds, packet.Will, packet.UserName, packet.Password);
        Must(Frame.TryPeek(new ReadOnlySequence<byte>(again), 1 << 20, out var frame, out _), "what it writes is no packet");
        Must(ConnectPacket.Read(again.AsSpan(frame.HeaderBytes), out var second) == Violation.None, "what it writes it does not read");
        Must(second!.ClientId == packet.ClientId && second.UserName == packet.UserName && second.Will?.Topic == packet.Will?.Topic && second.KeepAliveSeconds == packet.KeepAliveSeconds
            && second.Password.AsSpan().SequenceEqual(packet.Password), "what it writes says something else");
        return true;
    }

    private static bool TakePublish(Frame frame, ReadOnlySpan<byte> body)
    {
        if (PublishPacket.Read(frame.Flags, body, out var packet) != Violation.None) return false;
        var again = new byte[Packets.PublishSize(packet.Topic.Length, packet.Payload.Length, packet.Qos)];
        Packets.WritePublish(again, packet.Topic, packet.Payload, packet.Qos, packet.Id);
        Must(again.AsSpan(^body.Length..).SequenceEqual(body), "two forms of one message");
        return true;
    }
}

/// <summary>A stream of packets, cut into segments at any place: the same packets, the same fault, wherever the cuts lie.</summary>
internal sealed class MqttStream : FuzzTarget
{
    private const int PacketBytesMax = 512;

    public override long AllocatedBytesMax => 128 * 1024;

    public override byte[] Make(Dice dice)
    {
        List<byte> stream = [(byte)dice.Bits()];
        for (var packets = 1 + dice.Below(5); packets > 0; packets--)
        {
            var packet = Mqtt.Any(dice, dice.Bytes(dice.Below(30)));
            stream.AddRange(dice.OneIn(3) ? ByteMutation.Of(packet, dice) : packet);
        }

        return [.. stream];
    }

    // The first byte says how the rest is cut.
    public override bool Take(byte[] input)
    {
        if (input.Length < 2) return false;
        var whole = new ReadOnlySequence<byte>(input, 1, input.Length - 1);
        var one = Read(whole);
        Must(one == Read(Segment.Cut(input.AsMemory(1), 1 + (input[0] % 7))), "the cuts change what is read");
        return one.Packets > 0;
    }

    private static (int Packets, Violation Fault, long Left) Read(ReadOnlySequence<byte> rest)
    {
        for (var packets = 0; ; packets++)
        {
            if (!Frame.TryPeek(rest, PacketBytesMax, out var frame, out var violation)) return (packets, violation, rest.Length);
            if (frame.Bytes > rest.Length) return (packets, Violation.None, rest.Length);
            rest = rest.Slice(frame.Bytes);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, int each)
        {
            var first = new Segment { Memory = bytes[..Math.Min(each, bytes.Length)] };
            var last = first;
            for (var at = each; at < bytes.Length; at += each)
            {
                var next = new Segment { Memory = bytes.Slice(at, Math.Min(each, bytes.Length - at)), RunningIndex = at };
                last.Next = next;
                last = next;
            }

            return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        }
    }
}
