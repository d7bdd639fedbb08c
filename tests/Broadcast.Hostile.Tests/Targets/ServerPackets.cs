using System.Buffers;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Link;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>What a server says to a device, or something in its place: the client takes what is MQTT, and otherwise ends with a reason and dials again.</summary>
internal sealed class ServerPackets : FuzzTarget
{
    private const int PacketBytesMax = 512;
    private static readonly byte[] ConnAck = [0x20, 2, 0, 0], SubAck = [0x90, 3, 0xFF, 0xFF, 1];

    // A client's buffers and queues, made anew for each input.
    public override long AllocatedBytesMax => 256 * 1024;

    public override int InputsUsual => 3_000; // A connection ends on another thread, whose turn may take milliseconds.

    public override byte[] Make(Dice dice)
    {
        List<byte> said = [(byte)dice.Bits(), .. Answer(ConnAck, dice), .. Answer(SubAck, dice)];
        for (var packets = dice.Below(5); packets > 0; packets--)
        {
            var packet = dice.Below(5) switch { 0 => [0xD0, 0], 1 => [0x40, 2, 0, (byte)dice.Below(4)], _ => Mqtt.Publish("d/7/down", dice.Bytes(dice.OneIn(10) ? 600 : dice.Below(40)), dice.Below(3), (ushort)dice.Below(4), dice) };
            said.AddRange(dice.OneIn(4) ? ByteMutation.Of(packet, dice) : packet);
        }

        return [.. said];
    }

    // The first byte says how the rest is cut.
    public override bool Take(byte[] input)
    {
        if (input.Length == 0) return false;
        var whole = Read(new Server(input[1..], int.MaxValue));
        if (input[0] % 3 > 0) return whole.Up;
        Must(whole == Read(new Server(input[1..], 1 + (input[0] % 7))), "the cuts change what is read");
        return whole.Up;
    }

    private static byte[] Answer(byte[] good, Dice dice) => dice.OneIn(8) ? ByteMutation.Of(good, dice) : good;

    private static (bool Up, int Messages, int Bytes, int Acknowledged, LinkDownReason Why, Violation Violation) Read(Stream server)
    {
        var heard = new Heard();
        var options = new LinkClientOptions { Host = "h", Port = 1, ClientId = "7", Subscribe = ["d/7/down"], PacketBytesMax = PacketBytesMax };
        var client = new LinkClient(options, heard);
        var uplink = new Uplink(client, options, heard, server);
        var down = uplink.SignInAsync(CancellationToken.None).GetAwaiter().GetResult() ?? uplink.RunAsync(CancellationToken.None).GetAwaiter().GetResult();
        Must(down.Reason is LinkDownReason.LinkLost or LinkDownReason.ProtocolViolation or LinkDownReason.Refused or LinkDownReason.SubscriptionRefused, $"it ends with {down.Reason}: {down.Error}");
        return (heard.IsUp, heard.Messages, heard.Bytes, heard.Acks, down.Reason, down.Violation);
    }

    private sealed class Heard : ILinkClientHandler
    {
        public bool IsUp { get; private set; }

        public int Messages { get; private set; }

        public int Bytes { get; private set; }

        public int Acks { get; private set; }

        public void Up(LinkClient client) => IsUp = true;

        public void Down(LinkClient client, LinkDown why)
        {
        }

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
            Must(payload.Length <= PacketBytesMax, "a message above the bound");
            Messages++;
            Bytes += payload.Length;
        }

        public void Acknowledged(LinkClient client, int token) => Acks++;
    }

    /// <summary>Says its bytes and goes; what it hears it forgets.</summary>
    private sealed class Server(byte[] bytes, int each) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(each, buffer.Length), bytes.Length - _at);
            bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
