namespace Broadcast.Device.Tests;

/// <summary>R4: cancel wins, and an update carries everything it needs.</summary>
public sealed class CancelAndUpdateTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void Cancel_stops_what_plays_and_says_so()
    {
        Order order = _bench.Alert();
        Order cancel = _bench.Cancel(order);
        _bench.Send(order);

        _bench.Send(cancel);

        _bench.Body.Current.ShouldBeNull();
        _bench.StatesOf(order).ShouldBe("Received Playing1 Stopped(Cancelled)");
        _bench.StatesOf(cancel).ShouldBe("Received");
    }

    [Fact]
    public void Cancel_of_an_unknown_warning_broadcasts_nothing()
    {
        Order cancel = _bench.Cancel(_bench.Alert());

        _bench.Send(cancel);

        _bench.Body.Played.ShouldBeEmpty();
        _bench.StatesOf(cancel).ShouldBe("Received");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_order_that_comes_after_its_cancel_stays_silent(bool rebootBetween)
    {
        Order order = _bench.Alert();
        Order update = _bench.Update(order);
        _bench.Send(_bench.Cancel(order));
        if (rebootBetween)
        {
            _bench.Reboot();
            _bench.Connect();
        }

        _bench.Send(order);
        _bench.Send(update);

        _bench.Body.Played.ShouldBeEmpty();
        _bench.StatesOf(order).ShouldBe("Refused(Cancelled)");
        _bench.StatesOf(update).ShouldBe("Refused(Cancelled)");
    }

    [Fact]
    public void A_cancel_is_obeyed_before_the_time_is_known()
    {
        Bench bench = new(welcome: false);
        Order order = bench.Alert();
        bench.Send(bench.Cancel(order));
        bench.Connect();

        bench.Send(order);

        bench.Body.Played.ShouldBeEmpty();
    }

    [Fact]
    public void A_cancel_that_has_expired_still_stops_what_plays()
    {
        Order order = _bench.Alert(validMs: 5_000);
        _bench.Send(order);
        _bench.Advance(6_000);

        _bench.Send(_bench.Cancel(order));

        _bench.Body.Current.ShouldBeNull();
        _bench.StatesOf(order).ShouldEndWith("Stopped(Cancelled)");
    }

    [Fact]
    public void A_tombstone_is_forgotten_after_it_expired_and_the_order_is_then_refused_as_expired()
    {
        Order order = _bench.Alert(validMs: 60_000);
        _bench.Send(_bench.Cancel(order));
        int remembered = _bench.Core.RememberedOrders;

        _bench.Advance(60_000 + Limits.RememberGraceMs + Limits.FloorSaveMs);
        _bench.Send(order);

        remembered.ShouldBe(1);
        _bench.Core.RememberedOrders.ShouldBe(0);
        _bench.Body.Played.ShouldBeEmpty();
        _bench.StatesOf(order).ShouldBe("Refused(Expired)");
    }

    [Fact]
    public void An_update_takes_the_place_of_what_plays()
    {
        Order order = _bench.Alert();
        Order update = _bench.Update(order);
        _bench.Send(order);

        _bench.Send(update);

        _bench.Body.Current.ShouldNotBeNull().Order.Text.ShouldStartWith("更新");
        _bench.StatesOf(order).ShouldBe("Received Playing1 Stopped(Superseded)");
        _bench.StatesOf(update).ShouldBe("Received Playing1");
    }

    [Fact]
    public void An_update_plays_where_the_original_never_arrived_and_the_original_is_then_silent()
    {
        Order order = _bench.Alert();
        Order update = _bench.Update(order);
        _bench.Send(update);

        _bench.Send(order);

        _bench.Body.Played.Single().Order.Revision.ShouldBe(2);
        _bench.StatesOf(order).ShouldBe("Refused(Superseded)");
        _bench.StatesOf(update).ShouldBe("Received Playing1");
    }

    [Fact]
    public void A_site_that_one_update_left_out_speaks_again_when_a_later_update_names_it()
    {
        Order order = _bench.Alert();
        Order leftOut = _bench.Cancel(order);
        Order update = _bench.Update(_bench.Update(order));
        _bench.Send(order);
        _bench.Send(leftOut);

        _bench.Send(update);

        _bench.Body.Current.ShouldNotBeNull().Order.Revision.ShouldBe(3);
    }

    [Fact]
    public void A_cancel_that_a_later_update_has_overtaken_does_not_silence_it()
    {
        Order order = _bench.Alert();
        Order leftOut = _bench.Cancel(order);
        Order update = _bench.Update(_bench.Update(order));
        _bench.Send(update);

        _bench.Send(leftOut);
        _bench.Send(order);

        _bench.Body.Current.ShouldNotBeNull().Order.Revision.ShouldBe(3);
        _bench.Body.Played.Count.ShouldBe(1);
    }

    [Fact]
    public void An_update_in_a_full_queue_takes_its_own_earlier_place()
    {
        List<Order> orders = [.. Enumerable.Range(0, Limits.QueueOrdersMax).Select(_ => _bench.Alert(WarningLevel.Red))];
        orders.ForEach(_bench.Send);
        _bench.AcknowledgeAll();

        _bench.Send(_bench.Update(orders[3]));

        _bench.StatesOf(orders[3]).ShouldBe("Stopped(Superseded)");
        _bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(0);
    }

    [Fact]
    public void A_repeated_cancel_is_answered_with_its_receipt_and_remembered_once()
    {
        Order cancel = _bench.Cancel(_bench.Alert());
        _bench.Send(cancel);
        long number = _bench.Receipts().Single().Number;
        _bench.AcknowledgeAll();

        _bench.Send(cancel);

        _bench.Receipts().Single().Number.ShouldBe(number);
        (_bench.Core.Repeats, _bench.Core.RememberedOrders).ShouldBe((1, 1));
    }

    [Fact]
    public void A_cancel_of_the_same_revision_stops_it()
    {
        Order order = _bench.Alert();
        Order cancel = _bench.Cancel(order);
        cancel.Revision = order.Revision;
        _bench.Send(order);

        _bench.Send(cancel);

        _bench.Body.Current.ShouldBeNull();
        _bench.StatesOf(cancel).ShouldBe("Received", "and is told beside the order's own");
    }

    /// <summary>Sent again by who has kept it: what it cancelled is refused by its own sequence or expiry, and it takes no place in the memory.</summary>
    [Theory]
    [InlineData(Refusal.Replayed)]
    [InlineData(Refusal.Expired)]
    public void A_cancel_of_long_ago_that_stops_nothing_is_refused_and_not_remembered(Refusal refusal)
    {
        Order cancel = LongAgo(_bench.Cancel(_bench.Alert()), refusal);

        _bench.Send(cancel);

        _bench.StatesOf(cancel).ShouldBe($"Refused({refusal})");
        _bench.Core.RememberedOrders.ShouldBe(0);
    }

    [Theory]
    [InlineData(Refusal.Replayed)]
    [InlineData(Refusal.Expired)]
    public void A_cancel_of_long_ago_that_stops_something_is_taken(Refusal otherwise)
    {
        Order order = _bench.Alert();
        Order cancel = LongAgo(_bench.Cancel(order), otherwise);
        _bench.Send(order);

        _bench.Send(cancel);

        _bench.StatesOf(order).ShouldEndWith("Stopped(Cancelled)");
        _bench.StatesOf(cancel).ShouldBe("Received");
    }

    [Fact]
    public void A_battery_clock_lets_no_cancel_expire()
    {
        _bench.Reboot(offMs: 86_400_000, ClockQuality.Rtc);
        Order order = _bench.Alert();
        Order cancel = LongAgo(_bench.Cancel(order), Refusal.Expired);
        _bench.Send(cancel);

        _bench.Send(order);

        _bench.Body.Played.ShouldBeEmpty();
    }

    private Order LongAgo(Order cancel, Refusal refusal)
    {
        if (refusal == Refusal.Replayed)
            cancel.Sequence = _bench.Core.SequenceFloor;
        else
            cancel.ExpiresMs = _bench.WallMs;
        return cancel;
    }
}
