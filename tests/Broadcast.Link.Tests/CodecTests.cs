using System.Buffers;

namespace Broadcast.Link.Tests;

/// <summary>Golden packets, written by hand from the standard, and the bounds of the fixed header.</summary>
public sealed class CodecTests
{
    [Theory]
    [InlineData(0, "30 00")]
    [InlineData(127, "30 7F")]
    [InlineData(128, "30 80 01")]
    [InlineData(16_383, "30 FF 7F")]
    [InlineData(16_384, "30 80 80 01")]
    [InlineData(2_097_151, "30 FF FF 7F")]
    [InlineData(2_097_152, "30 80 80 80 01")]
    [InlineData(268_435_455, "30 FF FF FF 7F")]
    public void Remaining_length_is_as_table_2_4_has_it(int bodyBytes, string header)
    {
        var written = new byte[5];
        var bytes = Packets.WriteHeader(written, 0x30, bodyBytes);
        written[..bytes].ShouldBe(Wire.Hex(header));
        Packets.Size(bodyBytes).ShouldBe(bytes + bodyBytes);
        Frame.TryPeek(new ReadOnlySequence<byte>(written[..bytes]), int.MaxValue, out var frame, out var violation).ShouldBeTrue();
        violation.ShouldBe(Violation.None);
        frame.BodyBytes.ShouldBe(bodyBytes);
        for (var cut = 0; cut < bytes; cut++)
            Frame.TryPeek(new ReadOnlySequence<byte>(written[..cut]), int.MaxValue, out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void CONNECT_is_as_the_standard_draws_it() =>
        ConnectPacket.Encode("7", 60, new LastWill("w", "x"u8.ToArray()), "u", "p"u8.ToArray())
            .ShouldBe(Wire.Hex("10 19 00 04 4D 51 54 54 04 CE 00 3C 00 01 37 00 01 77 00 01 78 00 01 75 00 01 70"));

    [Fact]
    public void CONNECT_without_will_or_credentials_announces_none() =>
        ConnectPacket.Encode("7", 60, null, null, default).ShouldBe(Wire.Hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 37"));

    [Fact]
    public void SUBSCRIBE_is_as_the_standard_draws_it() =>
        Packets.Subscribe(0x0A0B, ["a/b", "c"]).ShouldBe(Wire.Hex("82 0C 0A 0B 00 03 61 2F 62 01 00 01 63 01"));

    [Theory]
    [InlineData(0, "30 05 00 01 74 68 69")]
    [InlineData(1, "32 07 00 01 74 12 34 68 69")]
    public void PUBLISH_is_as_the_standard_draws_it(int qos, string hex)
    {
        var written = new byte[Packets.PublishSize(1, 2, qos)];
        Packets.WritePublish(written, "t"u8, "hi"u8, qos, 0x1234);
        written.ShouldBe(Wire.Hex(hex));
    }

    [Theory]
    [InlineData(4, "40 02 AB CD")]
    [InlineData(5, "50 02 AB CD")]
    [InlineData(6, "62 02 AB CD")]
    [InlineData(7, "70 02 AB CD")]
    [InlineData(11, "B0 02 AB CD")]
    public void Acknowledgement_is_as_the_standard_draws_it(byte type, string hex)
    {
        var written = new byte[Packets.AckBytes];
        Packets.WriteAck(written, (PacketType)type, 0xABCD);
        written.ShouldBe(Wire.Hex(hex));
    }

    [Fact]
    public void Identifiers_go_round_past_zero_and_past_those_in_flight()
    {
        var inFlight = new InFlight();
        var first = inFlight.Add(1, 2);
        first.ShouldBe((ushort)1);
        for (var id = 2; id <= ushort.MaxValue; id++)
        {
            inFlight.Add(0, 2).ShouldBe((ushort)id);
            inFlight.TryRemove((ushort)id, out _).ShouldBeTrue();
        }
        inFlight.Add(2, 2).ShouldBe((ushort)2, "0 is no identifier and 1 is in flight");
        inFlight.TryRemove(0, out _).ShouldBeFalse();
    }

    [Fact]
    public void Back_off_grows_to_its_ceiling_and_stays_between_its_bounds()
    {
        var (min, max) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        var backOff = new BackOff(min, max, new Random(7));
        var waits = Enumerable.Range(0, 200).Select(_ => backOff.Next()).ToList();
        waits.ShouldAllBe(wait => wait >= min && wait <= max);
        waits[0].ShouldBeLessThanOrEqualTo(min * 2);
        waits.Skip(6).Distinct().Count().ShouldBeGreaterThan(150, "every wait is drawn anew");
        waits.Skip(6).Average(wait => wait.TotalSeconds).ShouldBeInRange(25, 36);
    }
}
