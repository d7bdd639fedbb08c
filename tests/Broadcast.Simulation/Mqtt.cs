using System.Buffers;
using Broadcast.Link;

namespace Broadcast.Simulation;

/// <summary>Reads what is on the wire.</summary>
internal static class Mqtt
{
    /// <summary>The payloads of the PUBLISH packets in a flush; the endpoint flushes whole packets.</summary>
    public static IEnumerable<byte[]> Publishes(byte[] bytes)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            if (!Frame.TryPeek(new ReadOnlySequence<byte>(bytes, at, bytes.Length - at), 4096, out var frame, out _) || bytes.Length - at < frame.Bytes) break;
            if (frame.Type == PacketType.Publish && PublishPacket.Read(frame.Flags, bytes.AsSpan(at + frame.HeaderBytes, frame.BodyBytes), out var packet) == Violation.None)
                found.Add(packet.Payload.ToArray());
            at += frame.Bytes;
        }

        return found;
    }
}
