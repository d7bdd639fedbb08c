namespace Broadcast.Device.Tests;

/// <summary>Orders that name a recording: on the wire, and what the body is told of them.</summary>
public sealed class RecordingTests
{
    private static readonly byte[] Hash = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    [Fact]
    public void The_recording_of_an_order_for_later_is_fetched_when_the_order_comes()
    {
        Bench bench = new();
        Order order = Recorded(bench);
        order.NotBeforeMs = bench.WallMs + 60_000;

        bench.Send(order);

        bench.Body.Fetched.ShouldHaveSingleItem().Audio.ShouldBe(Hash);
        bench.Body.Played.ShouldBeEmpty();
        bench.Advance(60_000);
        bench.Body.Played.ShouldHaveSingleItem().Order.Audio.ShouldBe(Hash);
        bench.Body.Fetched.Count.ShouldBe(1);
    }

    [Fact]
    public void A_recording_is_fetched_again_after_a_power_cut_and_the_order_still_names_it()
    {
        Bench bench = new();
        Order order = Recorded(bench);
        order.NotBeforeMs = bench.WallMs + 60_000;
        bench.Send(order);
        bench.Body.Fetched.Clear();

        bench.Reboot(quality: ClockQuality.Rtc);

        bench.Body.Fetched.ShouldHaveSingleItem().Audio.ShouldBe(Hash);
    }

    [Fact]
    public void Nothing_is_fetched_for_an_order_that_is_refused_or_has_only_text()
    {
        Bench bench = new();
        Order expired = Recorded(bench);
        expired.ExpiresMs = bench.WallMs;
        bench.Send(expired);
        bench.Send(bench.Alert());
        bench.Body.Fetched.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_hash_of_another_length_is_malformed(int bytes)
    {
        byte[] body = Body(writer =>
        {
            writer.Int(64);
            writer.Bytes(new byte[bytes]);
        });
        Order.Decode(body).ShouldBeNull();
    }

    [Fact]
    public void Later_fields_beside_the_hash_are_ignored_and_a_second_hash_is_not()
    {
        void Hashed(CborWriter writer)
        {
            writer.Int(64);
            writer.Bytes(Hash);
        }

        Order.Decode(Body(Hashed, writer => writer.Pair(65, 1))).ShouldNotBeNull().Audio.ShouldBe(Hash);
        Order.Decode(Body(writer => writer.Pair(65, 1))).ShouldNotBeNull().HasAudio.ShouldBeFalse();
        Order.Decode(Body(Hashed, Hashed)).ShouldBeNull();
        Order.Decode(Body(writer => writer.Pair(65, 1), Hashed)).ShouldBeNull();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(Limits.AudioTicketMs, true)]
    [InlineData(Limits.AudioTicketMs + 1, false)]
    [InlineData(-Limits.AudioTicketMs, true)]
    [InlineData(-Limits.AudioTicketMs - 1, false)]
    public void A_ticket_is_good_for_ten_minutes_around_its_time(long agoMs, bool good)
    {
        AudioTicket ticket = new() { Audio = Hash, AtMs = Bench.Noon - agoMs };
        ticket.IsGoodFor(Hash, Bench.Noon).ShouldBe(good);
        ticket.IsGoodFor(new byte[32], Bench.Noon).ShouldBeFalse();
    }

    private static Order Recorded(Bench bench)
    {
        Order order = bench.Alert(warningClass: WarningClass.Programme);
        order.Audio = Hash;
        return order;
    }

    // The body of an order with text alone has sixteen pairs; more are added by hand.
    private static byte[] Body(params Action<CborWriter>[] more)
    {
        byte[] body = Vectors.Order().Encode();
        CborWriter writer = new(64);
        foreach (Action<CborWriter> add in more)
            add(writer);
        byte[] all = [.. body, .. writer.ToArray()];
        all[0].ShouldBe((byte)0xb0);
        all[0] += (byte)more.Length;
        return all;
    }
}
