namespace Broadcast.Device.Tests;

/// <summary>Every bound is filled once, and the relations between the bounds hold.</summary>
public sealed class LimitsTests
{
    [Fact]
    public void The_limits_fit_each_other()
    {
        Limits.QueueOrdersKeptForActual.ShouldBeLessThan(Limits.QueueOrdersMax);
        Limits.QueueOrdersMax.ShouldBeLessThan(Limits.RememberedOrdersMax / 2, "what plays or waits is never forgotten");
        Limits.RememberedOrdersMax.ShouldBeGreaterThan(100 + 1 + Limits.QueueOrdersMax, "a red overtakes a hundred");
        Limits.OutboxReceiptsMax.ShouldBeGreaterThan(3 * Limits.QueueOrdersMax, "a full queue stopped at once keeps all it says");
        Limits.OutboxInFlightMax.ShouldBeLessThan(Limits.OutboxReceiptsMax);
        Limits.HelloRetryMs.ShouldBeLessThan(Limits.HelloRetryMsMax);
        Limits.ReportSecondsMin.ShouldBeLessThanOrEqualTo(Limits.ReportSecondsDefault);
        Limits.ReportSecondsDefault.ShouldBeLessThanOrEqualTo(Limits.ReportSecondsMax);
        Limits.EarlyReportMsMin.ShouldBeLessThanOrEqualTo(Limits.ReportSecondsMin * 1_000);
        Limits.PingReportMsMin.ShouldBeLessThan(Limits.EarlyReportMsMin);
        Limits.FloorSaveMs.ShouldBeLessThanOrEqualTo(Limits.RememberGraceMs, "the saved floor is never further behind than what is forgotten");
        Limits.ReceiptNumbersReserved.ShouldBeGreaterThan(Limits.OutboxReceiptsMax);
        Report.RefusalCounters.ShouldBe(Enum.GetValues<Refusal>().Length);
    }

    [Fact]
    public void The_largest_order_fits_a_frame()
    {
        Order order = Vectors.Order();
        order.Event = new string('E', Limits.EventCharsMax);
        order.Language = new string('l', Limits.LanguageCharsMax);
        order.Text = new string('水', Limits.TextBytesMax / 3);
        order.Sequence = long.MaxValue;
        order.Revision = int.MaxValue;
        order.ToneMs = Limits.ToneMsMax;
        order.Audio = new byte[Limits.AudioHashBytes];

        byte[] frame = Envelope.Seal(Bench.Key, int.MaxValue, Direction.Down, new string('d', Limits.DeviceIdCharsMax), MessageType.Order, order.Encode());

        frame.Length.ShouldBeLessThanOrEqualTo(Limits.FrameBytesMax);
        Should.Throw<ArgumentException>(() => Envelope.Seal(Bench.Key, 1, Direction.Down, Bench.Id, MessageType.Order, new byte[Limits.FrameBytesMax]));
    }

    [Fact]
    public void The_queue_takes_its_fill_and_the_lowest_gives_way_to_a_higher_one()
    {
        Bench bench = new();
        List<Order> yellows = [.. Enumerable.Range(0, Limits.QueueOrdersMax).Select(_ => bench.Alert())];
        yellows.ForEach(bench.Send);
        bench.AcknowledgeAll();
        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - 1);
        Order blue = bench.Alert(WarningLevel.Blue);
        Order red = bench.Alert(WarningLevel.Red);

        bench.Send(blue);
        bench.Send(red);

        bench.StatesOf(blue).ShouldBe("Refused(QueueFull)");
        bench.StatesOf(red).ShouldBe("Received Playing1");
        bench.StatesOf(yellows[0]).ShouldBe("Refused(QueueFull)", "of equals the oldest gives way");
        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(2);
        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - 1);
    }

    [Fact]
    public void Orders_that_are_not_actual_leave_two_places()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.QueueOrdersMax; i++)
            bench.Send(bench.Alert(WarningLevel.Blue, WarningClass.Exercise));
        bench.AcknowledgeAll();
        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - Limits.QueueOrdersKeptForActual - 1);
        int refused = bench.Core.RefusalCount(Refusal.QueueFull);

        bench.Send(bench.Alert(WarningLevel.Blue));
        bench.Send(bench.Alert(WarningLevel.Blue));

        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(refused);
        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - 1);
    }

    [Fact]
    public void A_full_memory_forgets_the_smallest_sequence_and_its_repeat_is_replayed()
    {
        Bench bench = new();
        List<Order> orders = [.. Enumerable.Range(0, Limits.RememberedOrdersMax + 2).Select(_ => bench.Alert())];
        foreach (Order order in orders[1..2].Concat(orders[..1]).Concat(orders[2..]))
        {
            bench.Send(order);
            bench.EndPlayback();
            bench.AcknowledgeAll();
        }

        bench.Core.RememberedOrders.ShouldBe(Limits.RememberedOrdersMax);
        bench.Core.SequenceFloor.ShouldBe(orders[1].Sequence);
        int played = bench.Body.Played.Count;
        orders[..3].ForEach(bench.Send);

        bench.Body.Played.Count.ShouldBe(played);
        orders[..3].Select(bench.StatesOf).ShouldBe(["Refused(Replayed)", "Refused(Replayed)", "Played"]);
    }

    [Fact]
    public void What_a_full_memory_forgets_never_lowers_what_counts_as_heard()
    {
        Bench bench = new();
        long floor = bench.Core.SequenceFloor;
        Order stopped = bench.Alert();
        Order cancel = bench.Cancel(stopped);
        cancel.Sequence = floor - 5; // Stops what plays, and is remembered.
        bench.Send(stopped);
        bench.Send(cancel);
        for (int i = 0; i < Limits.RememberedOrdersMax - 1; i++)
        {
            bench.Send(bench.Alert());
            bench.EndPlayback();
            bench.AcknowledgeAll();
        }

        bench.Core.RememberedOrders.ShouldBe(Limits.RememberedOrdersMax);
        bench.Core.SequenceFloor.ShouldBe(floor);
    }

    [Fact]
    public void A_full_memory_forgets_expired_orders_first()
    {
        Bench bench = new();
        Order lasting = bench.Alert(validMs: 86_400_000);
        bench.Send(lasting);
        bench.EndPlayback();
        for (int i = 1; i < Limits.RememberedOrdersMax; i++)
        {
            bench.Send(bench.Alert(validMs: 60_000));
            bench.EndPlayback();
        }

        bench.Advance(60_000);
        bench.Send(bench.Alert());

        bench.Core.SequenceFloor.ShouldBeLessThan(lasting.Sequence);
        bench.Core.RememberedOrders.ShouldBe(2);
    }

    [Fact]
    public void A_full_memory_never_forgets_what_waits()
    {
        Bench bench = new();
        Order waiting = bench.Alert(WarningLevel.Red);
        waiting.NotBeforeMs = bench.WallMs + 60_000;
        bench.Send(waiting);
        for (int i = 0; i < Limits.RememberedOrdersMax + 10; i++)
        {
            bench.Send(bench.Alert());
            bench.EndPlayback();
            bench.AcknowledgeAll();
        }

        bench.Advance(60_000);
        bench.Send(waiting);

        bench.StatesOf(waiting).ShouldBe("Received Playing1".Split(' ')[1], "its receipt Received was acknowledged, and the repeat is no new one");
        bench.Body.Played.Count(p => p.Order.Sequence == waiting.Sequence).ShouldBe(1);
    }

    [Fact]
    public void A_full_outbox_drops_intermediate_states_before_final_ones()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        List<Order> orders = [.. Enumerable.Range(0, 100).Select(_ => bench.Alert())];
        foreach (Order order in orders)
        {
            bench.Send(order);
            bench.EndPlayback();
        }

        bench.Core.OutboxReceipts.ShouldBe(Limits.OutboxReceiptsMax);
        bench.Core.Faults.ShouldBe(FaultFlags.OutboxFull);
        bench.Connect();
        Dictionary<long, Receipt> heard = [];
        for (int i = 0; i < bench.Body.Outgoing.Count; i++)
            bench.Core.Published(bench.Body.Outgoing[i].Token, bench.NowMs);
        foreach (Receipt receipt in bench.Receipts().Where(r => r.State == ReceiptState.Played))
            heard[receipt.Sequence] = receipt;
        heard.Count.ShouldBe(100, "every final state is there");
    }

    [Fact]
    public void The_largest_state_is_within_its_bound_and_is_restored()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        for (int i = 0; i < Limits.RememberedOrdersMax + Limits.OutboxReceiptsMax; i++)
        {
            Order order = bench.Alert();
            order.Text = new string('水', Limits.TextBytesMax / 3);
            order.Audio = new byte[Limits.AudioHashBytes];
            bench.Send(order);
        }

        bench.Body.Saved.ShouldNotBeNull().Length.ShouldBeInRange(40_000, Limits.StateBytesMax);
        (int remembered, int waiting, int receipts) = (bench.Core.RememberedOrders, bench.Core.WaitingOrders, bench.Core.OutboxReceipts);
        bench.Reboot();
        (bench.Core.Faults & FaultFlags.StateLost).ShouldBe(FaultFlags.None);
        (bench.Core.RememberedOrders, bench.Core.WaitingOrders, bench.Core.OutboxReceipts).ShouldBe((remembered, waiting + 1, receipts));
    }

    [Fact]
    public void Every_fault_has_a_bit_of_its_own()
    {
        int[] bits = [.. Enum.GetValues<FaultFlags>().Where(f => f != FaultFlags.None).Select(f => (int)f)];
        bits.Distinct().Count().ShouldBe(Enum.GetNames<FaultFlags>().Length - 1, "two faults of one bit cannot be told apart");
        bits.ShouldAllBe(bit => int.PopCount(bit) == 1);
    }

    [Fact]
    public void A_full_outbox_whose_window_is_with_the_link_goes_on_when_that_is_acknowledged()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.OutboxReceiptsMax + Limits.OutboxInFlightMax; i++)
            bench.Send(bench.Alert(validMs: -1));

        bench.AcknowledgeAll();

        bench.Core.OutboxReceipts.ShouldBe(0);
        bench.Core.Send(MessageType.Reading, Vectors.Reading().Encode(), bench.NowMs).ShouldBePositive();
    }

    [Fact]
    public void What_plays_gives_way_to_no_order_of_a_full_queue_though_its_validity_is_over()
    {
        Bench bench = new();
        Order playing = bench.Alert(WarningLevel.Red, validMs: 5_000);
        bench.Send(playing);
        for (int i = 1; i < Limits.QueueOrdersMax; i++)
            bench.Send(bench.Alert(WarningLevel.Red, issuer: RegionLevel.Township));
        bench.Advance(5_000);
        int played = bench.Core.PlayingId;

        bench.Send(bench.Alert(WarningLevel.Red, issuer: RegionLevel.Township));

        bench.Core.PlayingId.ShouldBe(played);
        bench.StatesOf(playing).ShouldBe("Received Playing1");
        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - 1);
    }

    [Fact]
    public void In_a_full_queue_what_is_over_leaves_first_and_then_the_lowest_wherever_it_stands()
    {
        Bench bench = new();
        Order over = bench.Alert(WarningLevel.Red, validMs: 5_000);
        Order lowest = bench.Alert(WarningLevel.Blue, issuer: RegionLevel.Village);
        for (int i = 0; i < Limits.QueueOrdersMax - 2; i++)
            bench.Send(bench.Alert(WarningLevel.Red, issuer: RegionLevel.Province));
        bench.Send(lowest);
        bench.Send(over);
        bench.NowMs += 5_000; // Since the core was last called.
        Order[] came = [bench.Alert(WarningLevel.Blue, issuer: RegionLevel.Township), bench.Alert(WarningLevel.Blue, issuer: RegionLevel.Township)];

        bench.Send(came[0]);
        bench.Send(came[1]);

        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(2);
        bench.AcknowledgeAll();
        foreach (Order order in new[] { over, lowest, came[0], came[1] })
            bench.Send(order); // Answered with the last word.
        (bench.StatesOf(over), bench.StatesOf(lowest)).ShouldBe(("Refused(QueueFull)", "Refused(QueueFull)"));
        (bench.StatesOf(came[0]), bench.StatesOf(came[1])).ShouldBe(("Received", "Received"));
    }

    [Fact]
    public void No_warning_leaves_a_full_queue_because_a_battery_clock_says_that_it_is_over()
    {
        Bench bench = new();
        bench.Reboot(quality: ClockQuality.Rtc);
        List<Order> reds = [.. Enumerable.Range(0, Limits.QueueOrdersMax).Select(_ => bench.Alert(WarningLevel.Red))];
        reds.ForEach(bench.Send);
        bench.Advance(7_200_000);
        Order exercise = bench.Alert(warningClass: WarningClass.Exercise);

        bench.Send(exercise);

        bench.Core.WaitingOrders.ShouldBe(Limits.QueueOrdersMax - 1);
        bench.WallOffsetMs -= 7_200_000;
        bench.Connect();
        bench.AcknowledgeAll();
        bench.Send(exercise);
        bench.StatesOf(exercise).ShouldBe("Refused(QueueFull)");
    }

    [Fact]
    public void When_the_share_of_the_others_is_full_one_of_them_gives_way_to_the_next_and_no_warning()
    {
        Bench bench = new();
        Order warning = bench.Alert(validMs: 5_000);
        bench.Send(bench.Alert(WarningLevel.Red));
        bench.Send(warning);
        List<Order> exercises = [.. Enumerable.Range(0, Limits.QueueOrdersMax - Limits.QueueOrdersKeptForActual).Select(_ => bench.Alert(WarningLevel.Blue, WarningClass.Exercise))];
        exercises.ForEach(bench.Send);
        bench.AcknowledgeAll();
        bench.NowMs += 5_000; // Since the core was last called.

        bench.Send(bench.Alert(WarningLevel.Red, WarningClass.Exercise));
        bench.AcknowledgeAll();
        bench.Send(warning);
        bench.Send(exercises[0]);

        bench.StatesOf(warning).ShouldBe("Stopped(Expired)", "and not for want of room");
        bench.StatesOf(exercises[0]).ShouldBe("Refused(QueueFull)");
    }

    [Fact]
    public void A_full_outbox_of_final_states_drops_the_oldest()
    {
        Bench bench = new();
        bench.Core.LinkDown(bench.NowMs);
        List<Order> orders = [.. Enumerable.Range(0, Limits.OutboxReceiptsMax + 1).Select(_ => bench.Alert(validMs: -1))];
        orders.ForEach(bench.Send);
        bench.Connect();
        bench.Receipts().Count.ShouldBe(Limits.OutboxInFlightMax, "whatever was dropped, no more are under way");
        for (int i = 0; i < bench.Body.Outgoing.Count; i++)
            bench.Core.Published(bench.Body.Outgoing[i].Token, bench.NowMs);

        bench.Receipts().Select(r => r.Sequence).ShouldBe(orders[1..].Select(o => o.Sequence));
    }

    [Fact]
    public void What_was_dropped_before_the_link_had_it_makes_its_window_no_wider()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.OutboxInFlightMax; i++)
            bench.Send(bench.Alert(validMs: -1));
        for (int i = 0; i < Limits.OutboxReceiptsMax / 2; i++)
        {
            bench.Send(bench.Alert());
            bench.EndPlayback();
        }

        bench.Core.OutboxReceipts.ShouldBe(Limits.OutboxReceiptsMax);
        bench.Receipts().Count.ShouldBe(Limits.OutboxInFlightMax);
    }

    [Fact]
    public void Actual_warnings_take_nothing_of_what_is_left_to_the_others()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.QueueOrdersMax - 1; i++)
            bench.Send(bench.Alert());
        bench.AcknowledgeAll();
        Order exercise = bench.Alert(warningClass: WarningClass.Exercise);

        bench.Send(exercise);

        bench.StatesOf(exercise).ShouldBe("Received");
    }
}
