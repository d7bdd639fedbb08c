namespace Broadcast.Device.Tests;

/// <summary>What outlives a power cut, and what happens when it cannot be read.</summary>
public sealed class SavedStateTests
{
    [Fact]
    public void Changed_states_never_throw_and_count_as_lost()
    {
        const int Seed = 4_711;
        Random random = new(Seed);
        byte[] good = FullState();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = Mutation.Of(good, random);
            if (bad.AsSpan().SequenceEqual(good))
                continue;
            DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, new FakeBody(), bad);
            core.Start(0, 0, ClockQuality.Unknown, 0);
            if ((core.Faults & FaultFlags.StateLost) == 0)
                throw new ShouldAssertException($"seed {Seed}, mutation {i}: a changed state was believed");
            core.RememberedOrders.ShouldBe(0);
        }
    }

    [Fact]
    public void A_changed_state_under_a_right_check_value_never_throws_either()
    {
        const int Seed = 4_712;
        Random random = new(Seed);
        byte[] good = FullState()[..^Limits.MacBytes];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] content = Mutation.Of(good, random);
            DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, new FakeBody(), [.. content, .. CheckValue(content)]);
            core.Start(0, 0, ClockQuality.Unknown, 0);
            if ((core.Faults & FaultFlags.StateLost) != 0)
                core.RememberedOrders.ShouldBe(0, "a state that is bad at its end leaves no trace");
        }
    }

    public static TheoryData<string, Action<Order>> Unfit() => new()
    {
        { "a cancel", o => o.Kind = OrderKind.Cancel },
        { "one that is not remembered", o => o.WarningId[0] ^= 1 },
        { "one of a later version", o => o.Class = WarningClass.LiveSpeech + 1 },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void A_state_whose_queue_holds_what_was_never_queued_counts_as_lost(string what, Action<Order> spoil)
    {
        Bench bench = new();
        bench.Send(bench.Alert());
        Order waiting = bench.Alert(WarningLevel.Blue);
        bench.Send(waiting);
        byte[] content = bench.Body.Saved.ShouldNotBeNull()[..^Limits.MacBytes];
        byte[] order = waiting.Encode();
        spoil(waiting);
        byte[] unfit = waiting.Encode();
        unfit.Length.ShouldBe(order.Length);
        int at = content.AsSpan().IndexOf(order);
        at.ShouldBeGreaterThan(0);
        unfit.CopyTo(content, at);

        FakeBody body = new();
        DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, body, [.. content, .. CheckValue(content)]);
        core.Start(0, Bench.Noon, ClockQuality.Rtc, 0);

        core.Faults.ShouldBe(FaultFlags.StateLost, what);
        body.Played.ShouldBeEmpty();
    }

    [Fact]
    public void An_update_that_waits_outlives_a_power_cut()
    {
        Bench bench = new();
        bench.Send(bench.Alert(WarningLevel.Red));
        Order waiting = bench.Update(bench.Alert(WarningLevel.Blue));
        bench.Send(waiting);
        bench.Reboot();
        bench.Connect();
        bench.Core.Faults.HasFlag(FaultFlags.StateLost).ShouldBeFalse();
        bench.EndPlayback();

        bench.StatesOf(waiting).ShouldContain("Playing1");
    }

    [Fact]
    public void A_list_of_children_counts_from_the_first_welcome_on_and_from_then_on_also_after_a_power_cut()
    {
        Bench bench = new(welcome: false);
        byte[] list = new Township { Revision = 3, Part = 0, Parts = 1, Children = [] }.Encode();
        bench.Core.Received(Bench.Frame(MessageType.Township, list), bench.NowMs);
        bench.Core.TakeTownship().ShouldBeNull("sent again by who has kept it");
        bench.Core.RefusalCount(Refusal.NotYetKnownTime).ShouldBe(1);

        bench.Connect();
        bench.Core.Received(Bench.Frame(MessageType.Township, list), bench.NowMs);
        bench.Core.TakeTownship().ShouldBe(list);
        bench.Core.TakeTownship().ShouldBeNull("it was taken");

        bench.Reboot();
        bench.Core.Received(Bench.Frame(MessageType.Township, list), bench.NowMs);
        bench.Core.TakeTownship().ShouldBe(list);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limits.MacBytes - 1)]
    [InlineData(Limits.MacBytes)]
    [InlineData(Limits.StateBytesMax + 1)]
    public void A_state_of_a_length_that_none_has_counts_as_lost(int bytes)
    {
        DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, new FakeBody(), new byte[bytes]);
        core.Start(0, 0, ClockQuality.Unknown, 0);
        core.Faults.ShouldBe(FaultFlags.StateLost);
    }

    [Theory]
    [InlineData(0x8B, 2, false)]
    [InlineData(0x8B, 1, true)]
    [InlineData(0x8B, 3, true)] // Of a later firmware that was taken back.
    [InlineData(0x8A, 2, true)]
    [InlineData(0x89, 1, true)]
    public void A_state_of_another_version_counts_as_lost(byte array, byte version, bool lost)
    {
        byte[] content = new Bench().Body.Saved.ShouldNotBeNull()[..^Limits.MacBytes];
        (content[0], content[1]) = (array, version);
        DeviceCore core = new(Bench.Id, Bench.Key, Bench.KeyEpoch, new FakeBody(), [.. content, .. CheckValue(content)]);
        core.Start(0, 0, ClockQuality.Unknown, 0);
        core.Faults.ShouldBe(lost ? FaultFlags.StateLost : FaultFlags.None);
    }

    [Fact]
    public void The_state_of_another_device_counts_as_lost()
    {
        Bench bench = new();
        DeviceCore other = new("dev-2", Bench.Key, Bench.KeyEpoch, new FakeBody(), bench.Body.Saved);
        other.Start(0, 0, ClockQuality.Unknown, 0);
        other.Faults.ShouldBe(FaultFlags.StateLost);
    }

    [Fact]
    public void A_device_that_lost_its_state_takes_orders_after_the_welcome_and_refuses_those_of_long_ago()
    {
        Bench bench = new(welcome: false);
        Order early = bench.Alert();
        Order old = bench.Alert();
        old.Sequence = bench.WallMs - Limits.LostStateHorizonMs;
        bench.Send(early);
        bench.Connect();
        bench.StatesOf(early).ShouldBe("Refused(NotYetKnownTime)");

        bench.Send(old);
        bench.Send(early);

        bench.StatesOf(old).ShouldBe("Refused(Replayed)");
        bench.StatesOf(early).ShouldBe("Refused(NotYetKnownTime) Received Playing1");
        bench.Receipts().ShouldAllBe(r => r.Number > Bench.Noon, "numbers of a lost state are never given again");
    }

    [Fact]
    public void The_boot_counter_and_the_high_water_mark_are_in_the_hello()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.Reboot();
        bench.Core.LinkUp(bench.NowMs);

        bench.LastHello().Boot.ShouldBe(2);
        bench.LastHello().HighWater.ShouldBe(order.Sequence);
        bench.LastHello().ResetReason.ShouldBe((byte)2);
    }

    [Fact]
    public void An_alarm_before_the_first_welcome_does_not_hide_that_the_memory_is_lost()
    {
        Bench bench = new(welcome: false);
        bench.Core.RaiseLocalAlarm(new Order { Level = WarningLevel.Red, Text = "水位超限", Repetitions = 1 }, 60_000, bench.NowMs).ShouldBe(Refusal.None);
        bench.Reboot();
        bench.Core.LinkUp(bench.NowMs);

        bench.LastHello().HighWater.ShouldBe(0, "the cloud gives again what it holds for a device without memory");
        bench.Welcome(bench.LastHello(), bench.WallMs);
        Order order = bench.Alert();
        bench.Send(order);
        bench.Reboot();
        bench.Core.LinkUp(bench.NowMs);
        bench.LastHello().HighWater.ShouldBe(order.Sequence, "the site's own numbers say nothing of what the cloud has said");
    }

    private static byte[] CheckValue(byte[] content) =>
        System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes("broadcast/state/v1/" + Bench.Id), content);

    /// <summary>The part of a state before the remembered orders, less what counts on: that there are none follows from the bytes after it.</summary>
    internal static byte[] WithoutReceipts(byte[] state)
    {
        CborReader reader = new(state, 0, state.Length);
        reader.Array(11);
        reader.Int();
        reader.Int();
        reader.Int();
        reader.Int();
        int from = reader.Position;
        reader.Int();
        reader.Int();
        reader.Bool();
        reader.Int();
        reader.Array(0);
        reader.Array(0);
        reader.Failed.ShouldBeFalse();
        return state[from..reader.Position];
    }

    internal static byte[] FullState()
    {
        Bench bench = new();
        for (int i = 0; i < 5; i++)
            bench.Send(bench.Alert((WarningLevel)(1 + (i % 4))));
        bench.Send(bench.Cancel(bench.Alert()));
        return bench.Body.Saved.ShouldNotBeNull();
    }
}
