namespace Broadcast.Device.Tests;

/// <summary>R3: what is forged, altered, misaddressed, expired or old never sounds; each refusal is counted and reported.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_hundred_thousand_bad_orders_make_no_sound_and_each_is_counted_once()
    {
        const int Seed = 20_261_121;
        Random random = new(Seed);
        Bench bench = new();
        byte[] state = bench.Body.Saved.ShouldNotBeNull();
        byte[] otherKey = [.. Bench.Key.Reverse()];
        int[] expected = new int[Report.RefusalCounters];

        for (int i = 0; i < 100_000; i++)
        {
            (byte[] frame, Refusal refusal) = BadOrder(bench, random, otherKey);
            bench.Core.Received(frame, bench.NowMs);
            expected[(int)refusal]++;
            if (bench.Core.RefusalCount(refusal) != expected[(int)refusal])
                throw new ShouldAssertException($"seed {Seed}, order {i}: {refusal} was not counted once");
            bench.Body.Outgoing.Clear();
            bench.Body.Played.ShouldBeEmpty();
        }

        for (int i = 0; i < expected.Length; i++)
            bench.Core.RefusalCount((Refusal)i).ShouldBe(expected[i], ((Refusal)i).ToString());
        bench.Core.RememberedOrders.ShouldBe(0);
        bench.Core.HighWater.ShouldBe(0);
        SavedStateTests.WithoutReceipts(bench.Body.Saved!).ShouldBe(SavedStateTests.WithoutReceipts(state), "a refused order changed what is remembered");
    }

    [Theory]
    [InlineData(Refusal.Forged)]
    [InlineData(Refusal.Misaddressed)]
    [InlineData(Refusal.Malformed)]
    [InlineData(Refusal.UnknownKey)]
    public void A_frame_that_is_not_authentic_gets_no_receipt_but_an_early_report(Refusal refusal)
    {
        Bench bench = new();
        byte[] body = bench.Alert(WarningLevel.Red).Encode();
        byte[] frame = refusal switch
        {
            Refusal.Forged => Envelope.Seal(new byte[32], Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Order, body),
            Refusal.Misaddressed => Envelope.Seal(Bench.Key, Bench.KeyEpoch, Direction.Down, "dev-2", MessageType.Order, body),
            Refusal.UnknownKey => Envelope.Seal(Bench.Key, Bench.KeyEpoch + 1, Direction.Down, Bench.Id, MessageType.Order, body),
            _ => [0x82],
        };

        bench.Core.Received(frame, bench.NowMs);
        bench.Advance(0);

        bench.Receipts().ShouldBeEmpty();
        bench.Reports().Single().Refusals[(int)refusal].ShouldBe(1);
        bench.Body.Played.ShouldBeEmpty();
    }

    [Fact]
    public void A_flood_of_forged_frames_makes_one_report_in_ten_seconds()
    {
        Bench bench = new();
        bench.Connect(reportSeconds: Limits.ReportSecondsMax);
        for (int i = 0; i < 1_000; i++)
        {
            bench.Core.Received([1, 2, 3], bench.NowMs);
            bench.Advance(100);
        }

        bench.Reports().Count.ShouldBeInRange(10, 11);
        bench.Reports()[^1].Refusals[(int)Refusal.Malformed].ShouldBeGreaterThan(900);
    }

    [Fact]
    public void An_authentic_order_that_is_refused_gets_a_receipt()
    {
        Bench bench = new();
        Order order = bench.Alert(validMs: -1);
        bench.Send(order);
        bench.StatesOf(order).ShouldBe("Refused(Expired)");
        bench.Core.RefusalCount(Refusal.Expired).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_order_below_the_floor_is_replayed_and_silent(bool rebootBetween)
    {
        Bench bench = new();
        if (rebootBetween)
            bench.Reboot(quality: ClockQuality.Rtc);
        Order order = bench.Alert();
        order.Sequence = Bench.Noon - Limits.LostStateHorizonMs;

        bench.Send(order);
        bench.Connect();

        bench.Body.Played.ShouldBeEmpty();
        bench.StatesOf(order).ShouldEndWith("Refused(Replayed)");
    }

    [Fact]
    public void A_text_at_its_bound_plays_and_a_longer_one_is_too_long()
    {
        Bench bench = new();
        Order fits = bench.Alert();
        fits.Text = new string('水', Limits.TextBytesMax / 3);
        Order over = bench.Alert();
        over.Text = fits.Text + "a";

        bench.Send(fits);
        bench.Send(over);

        bench.StatesOf(fits).ShouldBe("Received Playing1");
        bench.StatesOf(over).ShouldBe("Refused(TooLong)");
    }

    public static TheoryData<string, Action<Order>> InRange() => new()
    {
        { "as often and as loud as can be", o => (o.Repetitions, o.Volume, o.ToneMs) = (Limits.RepetitionsMax, 100, Limits.ToneMsMax) },
        { "only a text", o => o.ToneMs = 0 },
        { "only a tone", o => o.Text = "" },
        { "only a siren", o => (o.Text, o.ToneMs, o.Siren) = ("", 0, true) },
    };

    [Theory]
    [MemberData(nameof(InRange))]
    public void An_order_with_something_to_sound_within_its_ranges_plays(string what, Action<Order> change)
    {
        Bench bench = new();
        Order order = bench.Alert();
        change(order);
        bench.Send(order);
        bench.StatesOf(order).ShouldBe("Received Playing1", what);
    }

    public static TheoryData<string, Action<Order>> OutOfRange() => new()
    {
        { "no repetition", o => o.Repetitions = 0 },
        { "too many repetitions", o => o.Repetitions = Limits.RepetitionsMax + 1 },
        { "too loud", o => o.Volume = 101 },
        { "tone too long", o => o.ToneMs = Limits.ToneMsMax + 1 },
        { "valid from its end", o => o.NotBeforeMs = o.ExpiresMs },
        { "nothing to say", o => (o.Text, o.ToneMs) = ("", 0) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_order_with_a_value_out_of_its_range_is_malformed(string what, Action<Order> spoil)
    {
        Bench bench = new();
        Order order = bench.Alert();
        spoil(order);

        bench.Send(order);

        bench.StatesOf(order).ShouldBe("Refused(Malformed)", what);
        bench.Body.Played.ShouldBeEmpty();
    }

    private static (byte[] Frame, Refusal Refusal) BadOrder(Bench bench, Random random, byte[] otherKey)
    {
        Order order = bench.Alert((WarningLevel)random.Next(1, 5), validMs: random.Next(1, 1_000_000));
        switch (random.Next(6))
        {
            case 0:
                return (Envelope.Seal(otherKey, Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Order, order.Encode()), Refusal.Forged);
            case 1:
                byte[] altered = Bench.Frame(order);
                // Inside the body: the header's bytes are Misaddressed or UnknownKey when altered.
                altered[random.Next(40, altered.Length - 40)] ^= (byte)random.Next(1, 256);
                return (altered, Refusal.Forged);
            case 2:
                return (Envelope.Seal(Bench.Key, Bench.KeyEpoch, Direction.Down, "dev-" + random.Next(2, 99), MessageType.Order, order.Encode()), Refusal.Misaddressed);
            case 3:
                return (Envelope.Seal(Bench.Key, Bench.KeyEpoch, Direction.Up, Bench.Id, MessageType.Order, order.Encode()), Refusal.Misaddressed);
            case 4:
                order.NotBeforeMs = 0;
                order.ExpiresMs = bench.WallMs - random.Next(0, 1_000_000);
                return (Bench.Frame(order), Refusal.Expired);
            default:
                return (Envelope.Seal(Bench.Key, Bench.KeyEpoch + 1 + random.Next(9), Direction.Down, Bench.Id, MessageType.Order, order.Encode()), Refusal.UnknownKey);
        }
    }

    /// <summary>Settings and lists of children are the body's to read.</summary>
    [Theory]
    [InlineData(MessageType.Order)]
    [InlineData(MessageType.Welcome)]
    [InlineData(MessageType.Ping)]
    [InlineData(MessageType.Revocation)]
    public void An_authentic_frame_whose_body_is_none_is_malformed_and_throws_nothing(MessageType type)
    {
        Bench bench = new();
        bench.Core.Received(Bench.Frame(type, [0xFF]), bench.NowMs);
        bench.Core.RefusalCount(Refusal.Malformed).ShouldBe(1);
        bench.Receipts().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(MessageType.Receipt)]
    [InlineData((MessageType)200)]
    public void What_is_not_said_to_a_device_is_unsupported(MessageType type)
    {
        Bench bench = new();
        bench.Core.Received(Bench.Frame(type, Vectors.Receipt().Encode()), bench.NowMs);
        bench.Core.RefusalCount(Refusal.Unsupported).ShouldBe(1);
        bench.Core.TakeTownship().ShouldBeNull();
    }

    [Fact]
    public void An_order_refused_for_good_is_answered_again_under_the_same_number()
    {
        Bench bench = new();
        Order cancelled = bench.Alert();
        bench.Send(bench.Cancel(cancelled));
        Order superseded = bench.Alert();
        bench.Send(bench.Update(superseded));
        foreach (Order order in new[] { cancelled, superseded })
        {
            bench.Send(order);
            long number = bench.Receipts()[^1].Number;
            bench.AcknowledgeAll();

            bench.Send(order);

            bench.Receipts().Single().Number.ShouldBe(number);
        }

        bench.Core.Repeats.ShouldBe(2);
        (bench.Core.RefusalCount(Refusal.Cancelled), bench.Core.RefusalCount(Refusal.Superseded)).ShouldBe((1, 1), "each is counted once");
    }
}
