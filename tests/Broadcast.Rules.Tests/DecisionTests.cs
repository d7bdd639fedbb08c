using Broadcast.Device;

namespace Broadcast.Rules.Tests;

public class DecisionTests
{
    private const Duties Everybody = Duties.Operator | Duties.Approver | Duties.Technician | Duties.Monitor | Duties.Administrator;

    [Fact]
    public void The_life_of_a_warning_has_no_way_to_release_but_through_approval()
    {
        WarningLife.Table.Where(s => s.To == WarningState.Released).ShouldHaveSingleItem().From.ShouldBe(WarningState.Approved);
        WarningLife.Table.Where(s => s.To == WarningState.Approved).ShouldHaveSingleItem().ShouldBe(
            new WarningLife.Step(WarningState.Submitted, WarningAct.Approve, WarningState.Approved, Duties.Approver));
    }

    /// <summary>R8: who may do what, and what it makes of a warning. Everything that is not named here is nobody's.</summary>
    [Theory]
    [InlineData(WarningState.Draft, WarningAct.Submit, WarningState.Submitted, Duties.Operator)]
    [InlineData(WarningState.Draft, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator)]
    [InlineData(WarningState.Submitted, WarningAct.Approve, WarningState.Approved, Duties.Approver)]
    [InlineData(WarningState.Submitted, WarningAct.Reject, WarningState.Rejected, Duties.Approver)]
    [InlineData(WarningState.Submitted, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator)]
    [InlineData(WarningState.Approved, WarningAct.Release, WarningState.Released, Duties.Operator | Duties.Approver)]
    [InlineData(WarningState.Approved, WarningAct.Withdraw, WarningState.Withdrawn, Duties.Operator | Duties.Approver)]
    [InlineData(WarningState.Released, WarningAct.Cancel, WarningState.Cancelled, Duties.Operator | Duties.Approver)]
    [InlineData(WarningState.Ended, WarningAct.Cancel, WarningState.Cancelled, Duties.Operator | Duties.Approver)]
    [InlineData(WarningState.Released, WarningAct.Supersede, WarningState.Superseded, Everybody)]
    [InlineData(WarningState.Released, WarningAct.End, WarningState.Ended, Everybody)]
    public void An_act_is_done_by_those_whose_duty_it_is_and_by_nobody_else(WarningState from, WarningAct act, WarningState to, Duties duties)
    {
        WarningLife.Find(from, act).ShouldNotBeNull().To.ShouldBe(to);
        foreach (var duty in new[] { Duties.Operator, Duties.Approver, Duties.Technician, Duties.Monitor, Duties.Administrator })
            (Authority.Check(Demo.Person(duty, Demo.County, "wang-fang"), act, Demo.Warning(from), []) is null).ShouldBe((duties & duty) != 0, duty.ToString());
    }

    [Fact]
    public void Each_act_in_each_state_is_either_one_row_of_the_table_or_impossible()
    {
        WarningLife.Table.Count.ShouldBe(11);
        foreach (var state in Enum.GetValues<WarningState>())
        {
            foreach (var act in Enum.GetValues<WarningAct>())
                (WarningLife.Find(state, act) is null).ShouldBe(!WarningLife.Table.Any(s => s.From == state && s.Act == act));
        }

        WarningLife.Table.Select(s => (s.From, s.Act)).Distinct().Count().ShouldBe(WarningLife.Table.Count);
    }

    [Fact]
    public void Nobody_approves_their_own_warning()
    {
        var both = Demo.Person(Duties.Operator | Duties.Approver, Demo.County);
        Authority.Check(both, WarningAct.Approve, Demo.Warning(WarningState.Submitted), [])!.Code.ShouldBe("own-warning");
        var other = Demo.Person(Duties.Approver, Demo.County, "wang-fang");
        Authority.Check(other, WarningAct.Approve, Demo.Warning(WarningState.Submitted), []).ShouldBeNull();
    }

    [Theory]
    [InlineData(WarningClass.Programme, WarningLevel.Red, false)]
    [InlineData(WarningClass.LocalNotice, WarningLevel.Orange, false)]
    [InlineData(WarningClass.Programme, WarningLevel.None, true)]
    [InlineData(WarningClass.LocalNotice, WarningLevel.None, true)]
    [InlineData(WarningClass.LiveSpeech, WarningLevel.None, true)]
    [InlineData(WarningClass.Test, WarningLevel.None, false)]
    [InlineData(WarningClass.SirenTest, WarningLevel.None, false)]
    [InlineData(WarningClass.Exercise, WarningLevel.Blue, false)]
    [InlineData(WarningClass.Actual, WarningLevel.Blue, false)]
    public void What_can_frighten_or_drown_out_and_an_orange_or_red_of_any_class_need_a_second_person(WarningClass @class, WarningLevel level, bool alone)
    {
        var both = Demo.Person(Duties.Operator | Duties.Approver, Demo.County);
        var submitted = Demo.Warning(WarningState.Submitted, Demo.Content with { Class = @class, Level = level });
        (Authority.Check(both, WarningAct.Approve, submitted, []) is null).ShouldBe(alone);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(60, 0, false)] // What speaks now would fall silent for an hour.
    [InlineData(60, 30, true)] // Nothing speaks yet.
    public void An_update_leaves_no_silence_behind(int startsInMinutes, int replacedStartsInMinutes, bool may)
    {
        var replaced = Demo.Warning(WarningState.Released) with { NotBefore = Demo.Now.AddMinutes(replacedStartsInMinutes) };
        (WarningChecks.CheckUpdate(Demo.Now.AddMinutes(startsInMinutes), replaced, Demo.Now) is null).ShouldBe(may);
    }

    [Fact]
    public void What_has_ended_can_still_be_silenced() =>
        Authority.Check(Demo.Person(Duties.Operator, Demo.County), WarningAct.Cancel, Demo.Warning(WarningState.Ended), []).ShouldBeNull();

    [Theory]
    [InlineData(WarningClass.Actual, RegionLevel.County, true)]
    [InlineData(WarningClass.Actual, RegionLevel.Township, false)]
    [InlineData(WarningClass.Exercise, RegionLevel.Township, false)]
    [InlineData(WarningClass.SirenTest, RegionLevel.Township, false)]
    [InlineData(WarningClass.LocalNotice, RegionLevel.Village, true)]
    [InlineData(WarningClass.Programme, RegionLevel.Township, true)]
    [InlineData(WarningClass.LiveSpeech, RegionLevel.Township, true)]
    [InlineData(WarningClass.LiveSpeech, RegionLevel.Village, false)]
    [InlineData(WarningClass.LocalAlarm, RegionLevel.Province, false)]
    public void A_class_needs_its_rank(WarningClass @class, RegionLevel rank, bool may)
    {
        var region = Region.Create("421202100001", RegionLevel.Village).Ancestor(rank);
        (Authority.CheckReach(Demo.Person(Duties.Operator, region), @class, []) is null).ShouldBe(may);
    }

    [Fact]
    public void Nobody_acts_outside_their_region()
    {
        var neighbour = Region.Create("421221000000", RegionLevel.County);
        var villages = Targeting.Resolve(Area.Of(Demo.Township1), Demo.Directory).Villages.ToArray();
        Authority.CheckReach(Demo.Person(Duties.Operator, neighbour), WarningClass.Actual, villages)!.Code.ShouldBe("outside-region");
        Authority.CheckReach(Demo.Person(Duties.Operator, Demo.County), WarningClass.Actual, villages).ShouldBeNull();
    }

    [Fact]
    public void An_act_needs_its_duty() =>
        Authority.Check(Demo.Person(Duties.Monitor, Demo.County), WarningAct.Submit, Demo.Warning(WarningState.Draft), [])!.Code.ShouldBe("duty-missing");

    [Theory]
    [InlineData(0, true)]
    [InlineData(90_000, true)]
    [InlineData(90_001, false)]
    public void A_device_is_online_until_one_and_a_half_keep_alives_of_silence(int silentMs, bool online) =>
        Presence.IsOnline(SessionEnd.Open, Demo.Now, Demo.Now.AddMilliseconds(silentMs)).ShouldBe(online);

    [Fact]
    public void A_closed_session_is_offline_at_once() => Presence.IsOnline(SessionEnd.LinkLost, Demo.Now, Demo.Now).ShouldBeFalse();

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(4, 40)]
    [InlineData(5, 60)]
    [InlineData(int.MaxValue, 60)]
    public void Retries_slow_down_to_one_a_minute(int sends, int seconds) => Dispatch.RetryAfter(sends).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(OrderState.Sent, 0, ReceiptState.Received, 1, OrderState.Received)]
    [InlineData(OrderState.Received, 1, ReceiptState.Playing, 2, OrderState.Playing)]
    [InlineData(OrderState.Played, 3, ReceiptState.Playing, 2, OrderState.Played)] // Overtaken on the way: an older word changes nothing.
    [InlineData(OrderState.Expired, 0, ReceiptState.Played, 3, OrderState.Played)] // The cloud had only concluded; the device knows.
    [InlineData(OrderState.Cancelled, 0, ReceiptState.Stopped, 4, OrderState.Stopped)]
    [InlineData(OrderState.Played, 3, ReceiptState.Refused, 4, OrderState.Played)] // Somebody sent a copy once more; it takes nothing back.
    [InlineData(OrderState.Stopped, 3, ReceiptState.Refused, 4, OrderState.Stopped)]
    [InlineData(OrderState.Failed, 3, ReceiptState.Refused, 4, OrderState.Failed)]
    [InlineData(OrderState.Stopped, 3, ReceiptState.Played, 4, OrderState.Played)] // Any other later word stands.
    [InlineData(OrderState.Received, 1, ReceiptState.Refused, 2, OrderState.Refused)] // It waited, and gave way in a full queue.
    [InlineData(OrderState.Playing, 2, ReceiptState.Played, 2, OrderState.Playing)] // One number is one receipt.
    [InlineData(OrderState.Playing, 2, ReceiptState.Interrupted, 3, OrderState.Interrupted)]
    [InlineData(OrderState.Playing, 2, ReceiptState.Failed, 3, OrderState.Failed)]
    public void A_receipt_moves_an_order_only_forward_in_the_devices_count(OrderState from, long known, ReceiptState said, long number, OrderState to) =>
        OrderLife.AfterReceipt(from, known, said, 0, number).ShouldBe(to);

    [Theory]
    [InlineData(OrderState.Played, (byte)SoundCheck.NotMeasured, false, false)] // Played alone is not audible (R6).
    [InlineData(OrderState.Played, (byte)SoundCheck.AmplifierDriven, true, false)]
    [InlineData(OrderState.Played, (byte)SoundCheck.MicrophoneHeard, true, false)]
    [InlineData(OrderState.Played, (byte)SoundCheck.AmplifierSilent, false, true)]
    [InlineData(OrderState.Played, (byte)SoundCheck.MicrophoneSilent, false, true)]
    [InlineData(OrderState.Played, (byte)5, false, false)] // A later version's word.
    [InlineData(OrderState.Stopped, (byte)StopReason.Superseded, false, false)] // The same number, another word.
    [InlineData(OrderState.Failed, (byte)Failure.NoAudio, false, false)]
    public void Only_what_something_measured_is_verified_audible(OrderState state, byte reason, bool verified, bool silent) =>
        (OrderLife.IsVerifiedAudible(state, reason), OrderLife.IsMeasuredSilent(state, reason), OrderLife.SoundOf(state, reason) == SoundCheck.NotMeasured).ShouldBe((verified, silent, !verified && !silent));

    [Fact]
    public void A_refusal_for_want_of_time_leaves_the_order_owed() =>
        OrderLife.AfterReceipt(OrderState.Sent, 0, ReceiptState.Refused, (byte)Refusal.NotYetKnownTime, 1).ShouldBe(OrderState.Queued);

    [Fact]
    public void Only_what_was_never_heard_of_expires_or_counts_as_cancelled()
    {
        foreach (var state in Enum.GetValues<OrderState>())
        {
            (OrderLife.AfterExpiry(state) == OrderState.Expired).ShouldBe(state is OrderState.Queued or OrderState.Sent or OrderState.Expired);
            (OrderLife.AfterCancel(state) == OrderState.Cancelled).ShouldBe(state is OrderState.Queued or OrderState.Cancelled);
            OrderLife.IsFinal(state).ShouldBe(state is not (OrderState.Queued or OrderState.Sent or OrderState.Received or OrderState.Playing or OrderState.Interrupted), state.ToString());
            (OrderLife.AfterSend(state) == OrderState.Sent).ShouldBe(state is OrderState.Queued or OrderState.Sent);
        }
    }
}
