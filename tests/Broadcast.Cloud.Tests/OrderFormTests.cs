using Broadcast.Cloud.Warnings;
using Broadcast.Device;

namespace Broadcast.Cloud.Tests;

public class OrderFormTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static Order Order(string text, OrderKind kind = OrderKind.Alert) => new()
    {
        WarningId = [.. Enumerable.Repeat((byte)0x33, 16)], Revision = 3, Kind = kind, Class = WarningClass.Actual, Level = WarningLevel.Red, Issuer = RegionLevel.County, Event = "11B03",
        NotBeforeMs = 1_760_000_000_000, ExpiresMs = 1_760_003_600_000, Language = "zh-CN", Text = text, Repetitions = 3, Volume = 80, ToneMs = 3_000,
    };

    /// <summary>Every width of every head: lengths, epochs and sequences on both sides of where CBOR takes a byte more.</summary>
    public static TheoryData<int, int, long, string> Widths => new()
    {
        { 1, 0, 1_760_000_000_123, "暴雨" }, { 23, 23, 1L << 32, "暴雨红色预警" }, { 24, 24, (1L << 32) - 1, "" }, { 32, 255, 1_760_000_000_123, new string('雨', 20) }, { 9, 256, long.MaxValue, new string('雨', 500) },
        { 9, 65_535, 77, "a" }, { 9, 65_536, 1, "a" }, { 32, int.MaxValue, 1_760_000_000_123, new string('a', 1_700) },
    };

    [Theory, MemberData(nameof(Widths))]
    public void A_frame_is_byte_for_byte_what_the_envelope_seals(int idChars, int epoch, long sequence, string text)
    {
        var device = new string('d', idChars);
        foreach (var kind in Enum.GetValues<OrderKind>())
        {
            var order = Order(text, kind);
            order.Sequence = sequence;
            var sealed_ = Envelope.Seal(Key, epoch, Direction.Down, device, MessageType.Order, order.Encode());
            new OrderForm(Order(text, kind)).Seal(Key, epoch, device, sequence).ShouldBe(sealed_);
        }
    }

    [Fact]
    public void A_device_opens_it_and_finds_its_own_sequence()
    {
        var form = new OrderForm(Order("暴雨红色预警"));
        foreach (var sequence in (long[])[1_760_000_000_001, 1_760_000_000_002])
        {
            var opened = Envelope.Open(form.Seal(Key, 1, "d7", sequence), Key, 1, Direction.Down, "d7");
            opened.Refusal.ShouldBe(Refusal.None);
            Broadcast.Device.Order.Decode(opened.Body)!.Sequence.ShouldBe(sequence);
        }
    }

    [Fact]
    public void What_does_not_fit_a_frame_is_refused() =>
        Should.Throw<ArgumentException>(() => new OrderForm(Order(new string('雨', 680))).Seal(Key, 1, "d7", 1_760_000_000_001));
}
