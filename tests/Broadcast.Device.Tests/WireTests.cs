using System.Text;

namespace Broadcast.Device.Tests;

/// <summary>The wire format: golden vectors, and what a decoder refuses.</summary>
public sealed class WireTests
{
    public static TheoryData<string> Names() => [.. Vectors.FromCode.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_are_those_of_the_golden_vector(string name) =>
        Convert.ToHexStringLower(Vectors.FromCode[name]).ShouldBe(Vectors.FromFile[name]);

    [Fact]
    public void Every_golden_vector_is_run() => Vectors.FromFile.Keys.ShouldBe(Vectors.FromCode.Keys, ignoreOrder: true);

    [Fact]
    public void Every_changed_bit_of_a_frame_is_refused()
    {
        byte[] frame = Convert.FromHexString(Vectors.FromFile["order-frame"]);
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Envelope.Open(frame, Bench.Key, Bench.KeyEpoch, Direction.Down, Bench.Id).Refusal.ShouldNotBe(Refusal.None, $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_shortened_frame_is_malformed()
    {
        byte[] frame = Convert.FromHexString(Vectors.FromFile["order-frame"]);
        for (int length = 0; length < frame.Length; length++)
            Envelope.Open(frame[..length], Bench.Key, Direction.Down, Bench.Id).Refusal.ShouldBe(Refusal.Malformed);
        Envelope.Open([.. frame, 0], Bench.Key, Direction.Down, Bench.Id).Refusal.ShouldBe(Refusal.Malformed);
    }

    [Fact]
    public void A_frame_says_what_is_wrong_with_it()
    {
        byte[] frame = Vectors.FromCode["order-frame"];
        byte[] wrongKey = [.. Bench.Key.Reverse()];

        Envelope.Open(frame, Bench.Key, Bench.KeyEpoch, Direction.Down, "dev-2").Refusal.ShouldBe(Refusal.Misaddressed);
        Envelope.Open(frame, Bench.Key, Bench.KeyEpoch, Direction.Up, Bench.Id).Refusal.ShouldBe(Refusal.Misaddressed);
        Envelope.Open(frame, Bench.Key, Bench.KeyEpoch + 1, Direction.Down, Bench.Id).Refusal.ShouldBe(Refusal.UnknownKey);
        Envelope.Open(frame, wrongKey, Bench.KeyEpoch, Direction.Down, Bench.Id).Refusal.ShouldBe(Refusal.Forged);
        Envelope.Open(new byte[Limits.FrameBytesMax + 1], Bench.Key, Direction.Down, Bench.Id).Refusal.ShouldBe(Refusal.Malformed);
    }

    [Fact]
    public void A_peek_tells_device_epoch_and_type()
    {
        Envelope.TryPeek(Vectors.FromCode["hello-frame"], out string id, out int epoch, out MessageType type).ShouldBeTrue();
        (id, epoch, type).ShouldBe((Bench.Id, Bench.KeyEpoch, MessageType.Hello));
        Envelope.TryPeek([1, 2, 3], out _, out _, out _).ShouldBeFalse();
        byte[] elsewhere = [.. Vectors.FromCode["hello-frame"]];
        elsewhere[elsewhere.AsSpan().IndexOf("dev-1"u8) + 3] = (byte)'/';
        Envelope.TryPeek(elsewhere, out _, out _, out _).ShouldBeFalse("no device has such an id");
        Should.Throw<ArgumentException>(() => Envelope.Seal(Bench.Key, 1, Direction.Up, "dev/1", MessageType.Ping, [0xA0]));
        Should.Throw<ArgumentException>(() => Envelope.Seal(Bench.Key, -1, Direction.Up, Bench.Id, MessageType.Ping, [0xA0]));
    }

    [Theory]
    [InlineData("1800", false)] // 0 in two bytes
    [InlineData("1817", false)] // 23 in two bytes
    [InlineData("1818", true)]
    [InlineData("1900ff", false)]
    [InlineData("190100", true)]
    [InlineData("1a0000ffff", false)]
    [InlineData("1a00010000", true)]
    [InlineData("1b00000000ffffffff", false)]
    [InlineData("1b0000000100000000", true)]
    [InlineData("1b7fffffffffffffff", true)]
    [InlineData("1b8000000000000000", false)] // more than a long
    [InlineData("3b7fffffffffffffff", true)]
    [InlineData("3b8000000000000000", false)]
    [InlineData("1c", false)] // reserved
    [InlineData("1f", false)] // indefinite
    [InlineData("1c0000000100000000", false)]
    [InlineData("1f0000000100000000", false)]
    [InlineData("c000", false)] // tag
    [InlineData("f6", false)] // null
    [InlineData("fb0000000000000000", false)] // float
    [InlineData("", false)]
    [InlineData("0000", false)] // something left
    public void An_integer_is_read_in_its_one_form_only(string hex, bool taken)
    {
        byte[] bytes = Convert.FromHexString(hex);
        CborReader reader = new(bytes, 0, bytes.Length);
        reader.Int();
        reader.Complete.ShouldBe(taken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(4_294_967_295)]
    [InlineData(4_294_967_296)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(-24)]
    [InlineData(-25)]
    [InlineData(long.MinValue)]
    public void An_integer_comes_back(long value)
    {
        CborWriter writer = new(1);
        writer.Int(value);
        byte[] bytes = writer.ToArray();
        CborReader reader = new(bytes, 0, bytes.Length);
        reader.Int().ShouldBe(value);
        reader.Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("0a", true)]
    [InlineData("20", true)]
    [InlineData("e69ab4", true)]
    [InlineData("f09f9880", true)]
    [InlineData("f48fbfbf", true)]
    [InlineData("c2a0", true)]
    [InlineData("e0a080", true)] // The first and last of each length.
    [InlineData("ed9fbf", true)]
    [InlineData("efbfbf", true)]
    [InlineData("f0908080", true)]
    [InlineData("00", false)]
    [InlineData("0d", false)]
    [InlineData("1b", false)]
    [InlineData("7f", false)]
    [InlineData("c285", false)] // C1 control
    [InlineData("80", false)] // lone continuation
    [InlineData("c0af", false)] // overlong
    [InlineData("e08080", false)] // overlong
    [InlineData("f0808080", false)] // overlong
    [InlineData("eda080", false)] // surrogate
    [InlineData("f4908080", false)] // beyond U+10FFFF
    [InlineData("f5808080", false)]
    [InlineData("e69a", false)] // cut off
    [InlineData("e69a41", false)]
    public void Text_is_wellformed_and_without_controls(string hex, bool taken)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Utf8.IsText(bytes, 0, bytes.Length).ShouldBe(taken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("水")]
    [InlineData("aé水😀\n")]
    [InlineData("\u007f\u0080\u07ff\u0800\uffff")]
    public void Bytes_of_a_text_are_counted_right(string text) => Utf8.BytesOf(text).ShouldBe(Encoding.UTF8.GetByteCount(text));

    [Theory]
    [InlineData("a00", true)]
    [InlineData("A-b_c.d:e", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a+", false)]
    [InlineData("#", false)]
    [InlineData("设备", false)]
    [InlineData("12345678901234567890123456789012", true)]
    [InlineData("123456789012345678901234567890123", false)]
    public void A_device_id_is_safe_in_a_topic(string id, bool allowed) => Utf8.IsDeviceId(id).ShouldBe(allowed);

    [Theory]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(1_000, true)]
    public void A_later_versions_field_is_ignored_only_from_64_on(int key, bool ignored)
    {
        CborWriter writer = new(8);
        writer.Map(1);
        writer.Int(key);
        writer.Array(2);
        writer.Text("later");
        writer.Map(1);
        writer.Pair(1, 2);

        (Ping.Decode(writer.ToArray()) != null).ShouldBe(ignored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nesting_is_followed_to_its_bound_and_no_further(bool maps)
    {
        Ping.Decode(Nested(Limits.DepthMax - 1, maps)).ShouldNotBeNull();
        Ping.Decode(Nested(Limits.DepthMax, maps)).ShouldBeNull();
    }

    [Theory]
    [InlineData("a1 1840 a2 00f4 01f5", true)]
    [InlineData("a1 1840 a2 01f4 00f5", false)] // not ascending
    [InlineData("a1 1840 a2 00f4 00f5", false)] // twice
    [InlineData("a1 1840 a1 20f4", false)] // negative
    [InlineData("a1 1840 43010203", true)]
    [InlineData("a1 1840 430102", false)] // cut off
    [InlineData("a1 1840 f7", false)] // undefined
    [InlineData("a1 1840", false)]
    [InlineData("a2 1841f4 1840f4", false)]
    public void What_is_ignored_is_held_to_the_encoding_all_the_same(string hex, bool taken) =>
        (Ping.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))) is not null).ShouldBe(taken);

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    [InlineData(2, 2)]
    public void A_reader_of_what_lies_outside_its_bytes_has_failed(int start, int count)
    {
        CborReader reader = new([0, 0, 0], start, count);
        (reader.Failed, reader.Complete, reader.Int()).ShouldBe((true, false, 0));
        new CborReader([0, 1, 0], 1, 1).Int().ShouldBe(1);
    }

    [Fact]
    public void Topics_are_the_devices_own() =>
        (Topics.Up("a"), Topics.Down("a"), Topics.UpPrefix("a")).ShouldBe(("d/a/up", "d/a/down", "d/a/"));

    [Theory]
    [InlineData("kid-1", "kid-1")]
    [InlineData("", "")]
    [InlineData("a/b", "")]
    [InlineData("#", "")]
    public void A_Pi_s_topic_names_a_child_that_can_be_one(string child, string named)
    {
        Topics.ChildOf("pi-1", Topics.ChildUp("pi-1", child)).ShouldBe(named);
        Topics.ChildOf("pi-2", Topics.ChildUp("pi-1", child)).ShouldBe("", "of another Pi");
        Topics.ChildOf("pi-1", Topics.Up("pi-1")).ShouldBe("");
        Topics.ChildOf("pi-1", Topics.ChildUp("pi-1", child) + "x").ShouldBe("");
        Topics.ChildOf("pi-1", Topics.ChildUp("pi-1", child).Replace("/up", "-up", StringComparison.Ordinal)).ShouldBe("");
        Topics.ChildOf("pi-1", Topics.ChildUp("pi-1", "").Replace("//", "/", StringComparison.Ordinal)).ShouldBe("", "nothing between the levels");
        Topics.ChildOf("pi-1", "x" + Topics.ChildUp("pi-1", child)).ShouldBe("");
    }

    private static byte[] Nested(int deep, bool maps)
    {
        CborWriter writer = new(64);
        writer.Map(1);
        writer.Int(64);
        for (int i = 0; i < deep; i++)
        {
            if (maps)
            {
                writer.Map(1);
                writer.Int(0);
            }
            else
            {
                writer.Array(1);
            }
        }

        writer.Int(0);
        return writer.ToArray();
    }
}
