namespace Broadcast.Device.Tests;

/// <summary>What a township's Pi may say with a delegated key (R3, R5, R7, R8), and what nobody can say with one.</summary>
public sealed class DelegationTests
{
    private const string Pi = "pi-1";
    private const long Epoch = Bench.Noon - 1_000;
    private const long ExpiresMs = Bench.Noon + (14 * 86_400_000L);

    public static TheoryData<WarningClass> Others() => [.. Enum.GetValues<WarningClass>().Where(c => c is not (WarningClass.LocalAlarm or WarningClass.LocalNotice))];

    [Fact]
    public void A_local_alarm_of_its_Pi_sounds_once_and_its_receipts_say_who_ordered_it()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        alarm.Siren = true;

        Send(bench, alarm);
        Send(bench, alarm);
        bench.EndPlayback();

        bench.Body.Played.Count.ShouldBe(1);
        bench.Body.SirenOpen.ShouldBeFalse("over");
        bench.StatesOf(alarm).ShouldBe("Received Playing1 Played");
        bench.Receipts().ShouldAllBe(r => r.OrderedBy == Pi && r.Class == WarningClass.LocalAlarm);
        bench.Receipts().Select(r => Convert.ToHexString(r.WarningId)).ShouldNotContain(Convert.ToHexString(alarm.WarningId), "under a name that its Pi cannot choose");
        bench.Core.Repeats.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void No_other_class_is_ever_voiced_under_a_delegated_key(WarningClass warningClass)
    {
        Bench bench = new();
        Order order = bench.Alert(WarningLevel.Red, warningClass);

        Send(bench, order);

        Refused(bench, Refusal.Unsupported);
    }

    [Theory]
    [InlineData(OrderKind.Cancel)]
    [InlineData(OrderKind.Update)]
    public void Nothing_is_cancelled_or_updated_under_a_delegated_key(OrderKind kind)
    {
        Bench bench = new();
        Order actual = bench.Alert(WarningLevel.Red);
        bench.Send(actual);
        Order silencing = Said(bench);
        (silencing.WarningId, silencing.Kind, silencing.Revision) = (actual.WarningId, kind, 7);
        if (kind == OrderKind.Cancel)
            silencing.Repetitions = 0;

        Send(bench, silencing);

        bench.Core.RefusalCount(Refusal.Unsupported).ShouldBe(1);
        bench.StatesOf(actual).ShouldBe("Received Playing1");
    }

    [Fact]
    public void A_notice_that_bears_the_id_of_a_warning_does_not_take_its_place_before_or_after()
    {
        Bench bench = new();
        Order actual = bench.Alert(WarningLevel.Red);
        Order before = Said(bench);
        (before.WarningId, before.Revision) = (actual.WarningId, int.MaxValue - 1);
        Send(bench, before);

        bench.Send(actual);
        Order after = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        (after.WarningId, after.Revision) = (actual.WarningId, int.MaxValue);
        Send(bench, after);

        bench.StatesOf(actual).ShouldBe("Received Playing1", "the county ranks above a township of the same level (R5), whatever the Pi says of itself");
    }

    [Fact]
    public void The_key_of_another_child_or_of_another_Pi_or_a_longer_life_is_a_forgery()
    {
        Bench bench = new();
        byte[] other = [.. Enumerable.Range(99, 32).Select(i => (byte)i)];
        Order notice = Said(bench);
        byte[][] keys =
        [
            Delegation.Key(other, Pi, Epoch, ExpiresMs), // A child of another township.
            Delegation.Key(Bench.Key, "pi-2", Epoch, ExpiresMs), // Another Pi's, in this one's name.
            Delegation.Key(Bench.Key, Pi, Epoch - 1, ExpiresMs),
            Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs - 1), // Its own, made to live longer.
        ];

        foreach (byte[] key in keys)
            bench.Core.Received(Frame(notice, key), bench.NowMs);

        bench.Core.RefusalCount(Refusal.Forged).ShouldBe(keys.Length);
        bench.Body.Played.ShouldBeEmpty();
        bench.Core.Received(Envelope.Seal(Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs), Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Order, notice.Encode()), bench.NowMs);
        bench.Core.RefusalCount(Refusal.Forged).ShouldBe(keys.Length + 1, "a delegated key seals no order of the cloud's");
        bench.Core.Received(Envelope.Seal(Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs), Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Revocation, new Revocation { UpTo = 9 }.Encode()), bench.NowMs);
        bench.Core.RevokedUpTo.ShouldBe(0, "nor any other message");
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void A_key_is_good_until_the_millisecond_at_which_it_expires(long fromExpiryMs, bool sounds)
    {
        Bench bench = new();
        bench.Advance(10_000);
        long expiresMs = bench.WallMs - fromExpiryMs;
        Order notice = Said(bench);
        notice.ExpiresMs = expiresMs;

        bench.Core.Received(Frame(notice, Delegation.Key(Bench.Key, Pi, Epoch, expiresMs), Epoch, expiresMs), bench.NowMs);

        bench.Body.Played.Count.ShouldBe(sounds ? 1 : 0);
        bench.Core.RefusalCount(Refusal.UnknownKey).ShouldBe(sounds ? 0 : 1);
    }

    [Fact]
    public void A_repeat_under_a_renewed_key_is_still_a_repeat()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, alarm);

        bench.Core.Received(Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs + 1), Epoch + 1, ExpiresMs + 1), bench.NowMs);

        bench.Body.Played.Count.ShouldBe(1);
        bench.Core.Repeats.ShouldBe(1);
    }

    [Fact]
    public void Nothing_said_under_a_key_outlives_it()
    {
        Bench bench = new();
        Order notice = Said(bench);
        notice.ExpiresMs = ExpiresMs + 1;

        Send(bench, notice);

        Refused(bench, Refusal.Unsupported);
    }

    [Fact]
    public void What_a_Pi_says_that_is_no_order_or_was_heard_long_ago_is_refused_and_counted()
    {
        Bench bench = new();
        Order old = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        old.Sequence = bench.Core.SequenceFloor;
        Order onlyRecorded = Said(bench);
        (onlyRecorded.Text, onlyRecorded.ToneMs, onlyRecorded.Audio, onlyRecorded.Siren) = ("", 0, new byte[Limits.AudioHashBytes], true);
        Order endless = Said(bench);
        endless.Repetitions = Limits.RepetitionsMax + 1;

        bench.Core.Received(FrameOf([0xFF]), bench.NowMs);
        bench.Core.Received(FrameOf([]), bench.NowMs);
        Send(bench, old);
        Send(bench, onlyRecorded);
        Send(bench, endless);

        (bench.Core.RefusalCount(Refusal.Malformed), bench.Core.RefusalCount(Refusal.Replayed)).ShouldBe((4, 1));
        bench.Body.Played.ShouldBeEmpty();
        bench.Receipts().ShouldBeEmpty();
    }

    [Fact]
    public void An_alarm_of_its_Pi_plays_at_once_without_its_recording_and_ranks_as_its_townships()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        (alarm.NotBeforeMs, alarm.Audio) = (bench.WallMs + 60_000, new byte[Limits.AudioHashBytes]);
        Order villages = bench.Alert(WarningLevel.Red, issuer: RegionLevel.Village);
        Order townships = bench.Alert(WarningLevel.Red, issuer: RegionLevel.Township);
        bench.Send(villages);

        Send(bench, alarm);

        bench.Body.Current.ShouldNotBeNull().Order.OrderedBy.ShouldBe(Pi);
        bench.Body.SirenOpen.ShouldBe(alarm.Siren);
        bench.Body.Current.Order.HasAudio.ShouldBeFalse("who holds a Pi has nothing fetched");
        bench.Body.Fetched.ShouldBeEmpty();
        townships.Sequence = alarm.Sequence - 1;
        bench.Send(townships);
        bench.Body.Current.Order.OrderedBy.ShouldBe(Pi, "of equals the newest");
    }

    [Fact]
    public void An_earlier_revision_of_what_a_Pi_has_said_stays_silent()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        alarm.Revision = 2;
        Send(bench, alarm);
        bench.EndPlayback();
        alarm.Revision = 1;

        Send(bench, alarm);

        bench.Body.Played.Count.ShouldBe(1);
        bench.Core.RefusalCount(Refusal.Superseded).ShouldBe(1);
    }

    [Fact]
    public void An_alarm_that_is_over_by_the_battery_clock_stays_silent()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        bench.Reboot(offMs: 7_200_000, ClockQuality.Rtc);
        alarm.ExpiresMs = bench.WallMs;

        Send(bench, alarm);

        bench.Body.Played.ShouldBeEmpty();
        bench.Core.RefusalCount(Refusal.Expired).ShouldBe(1);
    }

    [Fact]
    public void A_repeat_under_a_renewed_key_of_what_is_over_is_a_repeat()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, alarm);
        bench.EndPlayback();
        Send(bench, Said(bench, WarningClass.LocalAlarm, WarningLevel.Red));

        bench.Core.Received(Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs), Epoch + 1), bench.NowMs);

        (bench.Body.Played.Count, bench.Core.Repeats).ShouldBe((2, 1));
    }

    [Fact]
    public void An_alarm_heard_again_under_an_older_key_goes_on_when_only_that_is_revoked()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        bench.Core.Received(Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs), Epoch + 1), bench.NowMs);
        Send(bench, alarm);

        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = Epoch }.Encode()), bench.NowMs);

        bench.Core.PlayingId.ShouldBePositive();
    }

    [Fact]
    public void An_alarm_said_again_under_a_newer_key_with_a_later_end_goes_on_when_the_older_is_revoked()
    {
        Bench bench = new();
        Order other = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, other);
        Send(bench, alarm);
        alarm.ExpiresMs += 60_000;
        bench.Core.Received(Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs), Epoch + 1), bench.NowMs);

        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = Epoch }.Encode()), bench.NowMs);

        bench.StatesOf(other).ShouldEndWith("Stopped(Cancelled)");
        bench.StatesOf(alarm).ShouldEndWith("Playing1");
    }

    [Theory]
    [InlineData(Epoch - 1, true)]
    [InlineData(Epoch, false)]
    public void A_revoked_key_is_refused_also_after_a_power_cut(long upTo, bool sounds)
    {
        Bench bench = new();
        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = upTo }.Encode()), bench.NowMs);
        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = upTo - 5 }.Encode()), bench.NowMs);
        bench.Reboot();
        bench.Connect();
        bench.Core.RevokedUpTo.ShouldBe(upTo, "the greatest that was ever told");

        Send(bench, Said(bench, WarningClass.LocalAlarm, WarningLevel.Red));

        bench.Body.Played.Count.ShouldBe(sounds ? 1 : 0);
        bench.Core.RefusalCount(Refusal.UnknownKey).ShouldBe(sounds ? 0 : 1);
    }

    [Fact]
    public void The_welcome_revokes_too_so_that_a_Pi_cannot_carry_the_time_without_it()
    {
        Bench bench = new(welcome: false);
        bench.Core.LinkUp(bench.NowMs);
        bench.Core.Received(Bench.Frame(MessageType.Welcome, new Welcome { Nonce = bench.LastHello().Nonce, NowMs = bench.WallMs, Epoch = 1, RevokedUpTo = Epoch }.Encode()), bench.NowMs);

        Send(bench, Said(bench));

        Refused(bench, Refusal.UnknownKey);
    }

    [Theory]
    [InlineData(Epoch - 1, false, true)]
    [InlineData(Epoch, false, false)]
    [InlineData(Epoch, true, true)] // Said again under the next key, which is good.
    public void A_revocation_silences_what_came_under_a_revoked_key_and_nothing_that_came_under_a_newer_one(long upTo, bool again, bool goesOn)
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, alarm);
        if (again) bench.Core.Received(Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs), Epoch + 1), bench.NowMs);

        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = upTo }.Encode()), bench.NowMs);

        (bench.Core.PlayingId > 0).ShouldBe(goesOn);
    }

    [Fact]
    public void What_a_revoked_key_said_does_not_live_on_because_something_else_is_named_like_it_under_the_next_key()
    {
        Bench bench = new();
        Order stolen = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Order own = Order.Decode(stolen.Encode()).ShouldNotBeNull();
        stolen.Text = "别处的话";
        Send(bench, stolen);
        bench.Core.Received(Frame(own, Delegation.Key(Bench.Key, Pi, Epoch + 1, ExpiresMs), Epoch + 1), bench.NowMs);

        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = Epoch }.Encode()), bench.NowMs);

        bench.Core.PlayingId.ShouldBe(0);
    }

    [Fact]
    public void A_revocation_silences_what_its_key_has_begun_and_nothing_of_the_clouds()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Order actual = bench.Alert(WarningLevel.Yellow);
        bench.Send(actual);
        Send(bench, alarm);
        bench.StatesOf(alarm).ShouldBe("Received Playing1");

        bench.Core.Received(Bench.Frame(MessageType.Revocation, new Revocation { UpTo = Epoch }.Encode()), bench.NowMs);

        bench.StatesOf(alarm).ShouldBe("Received Playing1 Stopped(Cancelled)");
        bench.StatesOf(actual).ShouldBe("Received Playing1 Interrupted1 Playing2");
    }

    [Fact]
    public void While_the_time_is_unknown_an_alarm_sounds_by_the_saved_floor_and_a_notice_does_not()
    {
        Bench bench = new();
        bench.Reboot();
        Order over = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        (over.NotBeforeMs, over.ExpiresMs) = (0, Bench.Noon - 1);

        Send(bench, Said(bench));
        Send(bench, over);
        Send(bench, Said(bench, WarningClass.LocalAlarm, WarningLevel.Orange));

        bench.Core.RefusalCount(Refusal.NotYetKnownTime).ShouldBe(1);
        bench.Core.RefusalCount(Refusal.Expired).ShouldBe(1, "it was over before the floor");
        bench.Body.Played.Count.ShouldBe(1);
    }

    [Fact]
    public void A_device_that_never_had_a_welcome_takes_nothing_from_a_Pi()
    {
        Bench bench = new(welcome: false);
        Send(bench, Said(bench, WarningClass.LocalAlarm, WarningLevel.Red));
        Refused(bench, Refusal.NotYetKnownTime);
    }

    [Fact]
    public void A_Pi_that_misuses_its_key_pushes_nothing_of_the_clouds_out_of_the_memory()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.RememberedOrdersMax; i++)
        {
            Order flood = Said(bench);
            (flood.Sequence, flood.ExpiresMs) = (long.MaxValue - i, ExpiresMs);
            Send(bench, flood);
            if (bench.Body.Current is not null)
                bench.EndPlayback();
        }

        Order actual = bench.Alert(WarningLevel.Red);
        bench.Send(actual);

        bench.Body.Played.Count.ShouldBe(Limits.DelegatedNoticesMax + 1);
        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(Limits.RememberedOrdersMax - Limits.DelegatedNoticesMax);
        bench.Core.HighWater.ShouldBe(actual.Sequence, "the sequences of a Pi are its own");
        bench.AcknowledgeAll();
        bench.Core.SequenceFloor.ShouldBeLessThan(actual.Sequence);
    }

    [Theory]
    [InlineData(WarningClass.LocalNotice)]
    [InlineData(WarningClass.LocalAlarm)]
    public void Whatever_a_Pi_has_said_before_a_red_alarm_of_it_sounds_also_without_the_time(WarningClass before)
    {
        Bench bench = new();
        for (int i = 0; i < 2 * Limits.DelegatedOrdersMax; i++)
        {
            Send(bench, Said(bench, before, before == WarningClass.LocalAlarm ? WarningLevel.Yellow : WarningLevel.None));
            if (bench.Body.Current is not null)
                bench.EndPlayback();
        }

        bench.Reboot();
        int sounded = bench.Body.Played.Count;
        Send(bench, Said(bench, WarningClass.LocalAlarm, WarningLevel.Red));

        bench.Body.Played.Count.ShouldBe(sounded + 1);
    }

    [Fact]
    public void What_is_over_and_has_expired_makes_room_for_the_next_notice()
    {
        Bench bench = new();
        for (int i = 0; i < 3 * Limits.DelegatedNoticesMax; i++)
        {
            Order notice = Said(bench);
            notice.ExpiresMs = bench.WallMs + 60_000;
            Send(bench, notice);
            bench.EndPlayback();
            bench.Advance(61_000);
        }

        bench.Body.Played.Count.ShouldBe(3 * Limits.DelegatedNoticesMax);
    }

    [Fact]
    public void A_notice_opens_no_siren_has_no_level_and_gives_way_to_any_warning()
    {
        Bench bench = new();
        Order notice = Said(bench, WarningClass.LocalNotice, WarningLevel.Red);
        notice.Siren = true;
        Send(bench, notice);
        bench.Body.SirenOpen.ShouldBeFalse();
        bench.Body.Current.ShouldNotBeNull().Order.Level.ShouldBe(WarningLevel.None);

        Order test = bench.Alert(WarningLevel.None, WarningClass.Test);
        bench.Send(test);

        bench.StatesOf(test).ShouldBe("Received Playing1");
        bench.StatesOf(notice).ShouldBe("Received Playing1 Interrupted1");
    }

    [Fact]
    public void A_receipt_is_not_lost_where_a_Pi_and_the_cloud_count_the_same_sequence()
    {
        Bench bench = new();
        Order notice = Said(bench);
        Order actual = bench.Alert();
        (notice.Sequence, notice.Revision) = (actual.Sequence, actual.Revision);

        bench.Send(actual);
        Send(bench, notice);

        bench.Receipts().Count(r => r.State == ReceiptState.Received).ShouldBe(2);
    }

    [Fact]
    public void Who_ordered_it_is_still_said_after_a_power_cut()
    {
        Bench bench = new();
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, alarm);
        bench.AcknowledgeAll();
        bench.Reboot();
        bench.Connect();
        bench.EndPlayback();

        bench.StatesOf(alarm).ShouldContain("Played");
        bench.Receipts().Where(r => r.Sequence == alarm.Sequence).ShouldAllBe(r => r.OrderedBy == Pi && r.Class == WarningClass.LocalAlarm);
    }

    [Fact]
    public void A_notice_of_ones_own_page_plays_and_says_that_it_was_ordered_here()
    {
        Bench bench = new();
        bench.Core.RaiseLocalNotice(new Order { Text = "今天下午停水。", Level = WarningLevel.Red, Siren = true }, 1_800_000, bench.NowMs).ShouldBe(Refusal.None);

        Receipt said = bench.Receipts().First();
        (said.OrderedBy, said.Class).ShouldBe((Bench.Id, WarningClass.LocalNotice));
        bench.Body.SirenOpen.ShouldBeFalse();
        bench.Body.Played.Single().Order.Level.ShouldBe(WarningLevel.None);
    }

    [Fact]
    public void A_state_from_before_there_were_delegations_is_read()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.EndPlayback();
        byte[] content = bench.Body.Saved![..^Limits.MacBytes];
        // An array of ten for one of eleven, version 1 for 2, and the field that came last among the scalars (0) taken out behind the boolean.
        content[0].ShouldBe((byte)0x8B);
        int last = Array.IndexOf(content, (byte)0xF5);
        content[last + 1].ShouldBe((byte)0);
        byte[] old = [0x8A, 1, .. content[2..(last + 1)], .. content[(last + 2)..]];
        byte[] check = System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes("broadcast/state/v1/" + Bench.Id), old);

        DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, new FakeBody(), [.. old, .. check]);
        core.Start(0, 0, ClockQuality.Unknown, 0);

        core.Faults.ShouldBe(FaultFlags.None);
        (core.RememberedOrders, core.HighWater).ShouldBe((1, order.Sequence));
    }

    [Fact]
    public void Notices_of_ones_own_take_no_place_of_a_Pi_s()
    {
        Bench bench = new();
        for (int i = 0; i < Limits.DelegatedOrdersMax; i++)
        {
            bench.Core.RaiseLocalNotice(new Order { Text = "今天下午停水。", Repetitions = 1 }, 1_800_000, bench.NowMs).ShouldBe(Refusal.None);
            bench.EndPlayback();
        }

        Send(bench, Said(bench));

        bench.Body.Current.ShouldNotBeNull().Order.OrderedBy.ShouldBe(Pi);
    }

    [Fact]
    public void However_many_alarms_a_Pi_has_raised_they_take_no_more_places_than_are_theirs()
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        bench.EndPlayback();
        Raise(bench, Limits.DelegatedOrdersMax + 5);
        bench.Core.RememberedOrders.ShouldBe(1 + Limits.DelegatedOrdersMax);
    }

    [Fact]
    public void The_alarm_that_plays_is_not_forgotten_for_a_newer_one()
    {
        Bench bench = new();
        Order first = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        Send(bench, first);
        Raise(bench, Limits.DelegatedOrdersMax);
        int soundings = bench.Body.Played.Count;

        Send(bench, first);

        (bench.Body.Played.Count, bench.Core.Repeats).ShouldBe((soundings, 1));
    }

    /// <summary>What has expired cannot sound again, wherever it stands; what has not is a repeat as long as there is room.</summary>
    [Theory]
    [InlineData(0, WarningClass.LocalAlarm, true)]
    [InlineData(Limits.DelegatedOrdersMax - 1, WarningClass.LocalAlarm, true)]
    [InlineData(0, WarningClass.LocalNotice, true)]
    [InlineData(-1, WarningClass.LocalNotice, false)]
    public void An_alarm_that_is_over_and_has_expired_leaves_first_and_no_other_leaves_for_a_notice(int expired, WarningClass next, bool taken)
    {
        Bench bench = new();
        List<Order> alarms = [];
        for (int i = 0; i < Limits.DelegatedOrdersMax; i++)
            alarms.AddRange(Raise(bench, 1, i == expired ? 60_000 : 3_600_000));
        bench.Advance(60_000);
        int soundings = bench.Body.Played.Count;

        Send(bench, Said(bench, next, next == WarningClass.LocalAlarm ? WarningLevel.Red : WarningLevel.None));

        bench.Body.Played.Count.ShouldBe(soundings + (taken ? 1 : 0));
        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(taken ? 0 : 1);
        foreach (Order alarm in alarms.Where((_, i) => i != expired))
            Send(bench, alarm);
        bench.Core.Repeats.ShouldBe(alarms.Count - (taken ? 1 : 0));
    }

    [Fact]
    public void A_notice_too_many_takes_no_place_of_an_alarm_that_is_over()
    {
        Bench bench = new();
        Raise(bench, 1, 60_000);
        for (int i = 0; i < Limits.DelegatedNoticesMax; i++)
        {
            Send(bench, Said(bench));
            bench.EndPlayback();
        }

        bench.Advance(60_000);
        Send(bench, Said(bench));

        bench.Core.RefusalCount(Refusal.QueueFull).ShouldBe(1);
    }

    private static List<Order> Raise(Bench bench, int alarms, long validMs = 3_600_000)
    {
        List<Order> raised = [];
        for (int i = 0; i < alarms; i++)
        {
            Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
            alarm.ExpiresMs = bench.WallMs + validMs;
            Send(bench, alarm);
            bench.EndPlayback();
            raised.Add(alarm);
        }

        return raised;
    }

    internal static byte[] NoticeOfAPi(Bench bench, long sequence, long validMs)
    {
        Order notice = Said(bench);
        (notice.Sequence, notice.ExpiresMs) = (sequence, bench.WallMs + validMs);
        return Frame(notice, Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs));
    }

    internal static byte[] AlarmOfAPi(Bench bench, long sequence)
    {
        Order alarm = Said(bench, WarningClass.LocalAlarm, WarningLevel.Red);
        alarm.Sequence = sequence;
        return Frame(alarm, Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs));
    }

    private static Order Said(Bench bench, WarningClass warningClass = WarningClass.LocalNotice, WarningLevel level = WarningLevel.None)
    {
        Order order = bench.Alert(level, warningClass, RegionLevel.Nation);
        order.Revision = 0;
        return order;
    }

    private static void Send(Bench bench, Order order) => bench.Core.Received(Frame(order, Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs)), bench.NowMs);

    private static byte[] FrameOf(byte[] order) => Frame(order, Delegation.Key(Bench.Key, Pi, Epoch, ExpiresMs), Epoch, ExpiresMs);

    private static byte[] Frame(Order order, byte[] key, long epoch = Epoch, long expiresMs = ExpiresMs) => Frame(order.Encode(), key, epoch, expiresMs);

    private static byte[] Frame(byte[] order, byte[] key, long epoch, long expiresMs) => Envelope.Seal(
        key, Bench.KeyEpoch, Direction.Down, Bench.Id, MessageType.Delegated, new DelegatedOrder { Parent = Pi, Epoch = epoch, ExpiresMs = expiresMs, Order = order }.Encode());

    private static void Refused(Bench bench, Refusal refusal)
    {
        bench.Body.Played.ShouldBeEmpty();
        bench.Core.RefusalCount(refusal).ShouldBe(1);
        bench.Receipts().ShouldBeEmpty("whoever misuses a key fills no outbox");
    }
}
