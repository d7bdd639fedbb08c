using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Speech;

namespace Broadcast.Firmware.Tests.Gateways;

/// <summary>The house's rules, R2 to R5, R7 and R9, at the board's own pins and at its chip's wire: what a village hears.</summary>
public sealed class RuleTests
{
    [Fact]
    public void R2_An_order_is_said_once_over_repeats_reboots_and_a_second_delivery()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(warningClass: WarningClass.Test);
        bench.Send(order);
        bench.Send(order);
        bench.Run(40_000);
        bench.PowerOn();
        bench.Run(5_000);
        bench.Send(order);
        bench.Run(40_000);
        Times(bench, "请立即转移").ShouldBe(1);
        bench.StatesOf(order).ShouldContain("Played");
    }

    [Theory]
    [InlineData(WarningClass.Actual, 2)]
    [InlineData(WarningClass.Test, 1)]
    [InlineData(WarningClass.Programme, 1)]
    public void R2_What_a_power_cut_broke_off_starts_again_only_when_it_is_actual(WarningClass warningClass, int times)
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(new string('水', 90), warningClass);
        bench.Send(order);
        bench.Run(8_000);
        bench.Chip.Take([0xFD, 0x00, 0x02, 0x02, 0xFD]); // The chip lost its power, too.
        bench.PowerOn();
        bench.Run(60_000);
        bench.Chip.Said.Count(t => t.Contains(new string('水', 20), StringComparison.Ordinal)).ShouldBe(times);
        if (times == 2) bench.Receipts.ShouldContain(r => r.Sequence == order.Sequence && r.State == ReceiptState.Playing && r.Attempt == 2);
    }

    [Fact]
    public void R3_A_forged_altered_misaddressed_expired_or_old_order_moves_no_relay_and_says_no_word()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Chip.Forget();
        var order = bench.Alert(siren: true);
        var forged = Envelope.Seal([.. BoardBench.Key.Reverse()], 1, Direction.Down, BoardBench.Device, MessageType.Order, order.Encode());
        var altered = Envelope.Seal(BoardBench.Key, 1, Direction.Down, BoardBench.Device, MessageType.Order, order.Encode());
        altered[^40] ^= 1;
        var misaddressed = Envelope.Seal(BoardBench.Key, 1, Direction.Down, "fw-2", MessageType.Order, order.Encode());
        var echoed = Envelope.Seal(BoardBench.Key, 1, Direction.Up, BoardBench.Device, MessageType.Order, order.Encode());
        foreach (var frame in new[] { forged, altered, misaddressed, echoed }) bench.SendFrame(frame);
        var expired = bench.Alert(siren: true, validMs: -1);
        expired.NotBeforeMs = expired.ExpiresMs - 1;
        bench.Send(expired);
        bench.Run(20_000);
        Silent(bench);
        var refused = new[] { Refusal.Forged, Refusal.Misaddressed, Refusal.Expired }.Sum(bench.Gateway.Core.RefusalCount);
        refused.ShouldBe(5, "each is counted");
        bench.Send(order);
        bench.Run(100);
        bench.SirenIsOn.ShouldBeTrue("the true one still sounds");
    }

    [Fact]
    public void R4_A_cancel_silences_chip_and_siren_at_once_and_one_that_came_first_keeps_its_order_silent()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(new string('水', 90), siren: true);
        bench.Send(order);
        bench.Run(5_000);
        bench.SirenIsOn.ShouldBeTrue();
        bench.Send(CancelOf(bench, order));
        bench.Run(50);
        bench.SirenIsOn.ShouldBeFalse();
        bench.Chip.IsBusy.ShouldBeFalse("the chip was told to stop");
        bench.Run(20_000);

        var late = bench.Alert("迟到的指令。", siren: true);
        bench.Send(CancelOf(bench, late));
        bench.Run(1_000);
        bench.Chip.Forget();
        bench.Send(late);
        bench.Run(20_000);
        Silent(bench);
    }

    [Fact]
    public void R5_Red_takes_the_chip_from_blue_and_blue_goes_on_after_it()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var blue = bench.Alert("蓝色" + new string('水', 80));
        blue.Level = WarningLevel.Blue;
        bench.Send(blue);
        bench.Run(6_000);
        var red = bench.Alert("红色预警。");
        bench.Send(red);
        bench.Run(100);
        bench.Chip.Frames[^1].Bytes[3].ShouldBe((byte)ChipCommand.Stop, "blue is silent at once");
        bench.Run(60_000);
        bench.Chip.Said.Where(t => t[0] is '蓝' or '红').Select(t => t[..2]).ShouldBe(["蓝色", "红色", "蓝色"]);
        bench.StatesOf(blue).ShouldBe("Received Playing Interrupted Playing Played");
        bench.StatesOf(red).ShouldBe("Received Playing Played");
    }

    [Fact]
    public void R5_A_local_alarm_takes_the_chip_from_a_programme()
    {
        var bench = new BoardBench("level=4000:4500\nphrase.2=水位超限，立即撤离。\n");
        bench.SetLevel(8_000);
        bench.Run(12_000);
        var programme = bench.Alert(new string('水', 90), WarningClass.Programme);
        bench.Send(programme);
        bench.Run(6_000);
        bench.SetLevel(12_000);
        bench.Run(22_000);
        bench.SirenIsOn.ShouldBeTrue();
        bench.Chip.Said.ShouldContain("水位超限，立即撤离。");
        bench.StatesOf(programme).ShouldBe("Received Playing Interrupted");
    }

    [Theory]
    [InlineData(WarningClass.Exercise)]
    [InlineData(WarningClass.Test)]
    public void R7_An_exercise_or_test_says_so_before_and_after_and_opens_no_siren(WarningClass warningClass)
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert("请立即转移。", warningClass, siren: true);
        bench.Send(order);
        bench.Run(60_000);
        var spoken = string.Concat(bench.Chip.Said.Skip(2));
        var at = spoken.IndexOf("请立即转移", StringComparison.Ordinal);
        at.ShouldBeGreaterThan(0, "it says what it is first");
        (at + "请立即转移。".Length).ShouldBeLessThan(spoken.Length, "and once more at the end");
        bench.Machine.Pin(Board.SirenPin).Levels.ShouldAllBe(on => !on);
    }

    [Fact]
    public void R9_A_programme_taken_before_the_power_cut_plays_without_a_cloud_when_the_battery_clock_knows_the_time()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        var programme = Tomorrow(bench);
        bench.Unplug();
        bench.Run(1_000);
        bench.PowerOn();
        bench.Gateway.Core.Clock.ShouldBe(ClockQuality.Rtc, "the first welcome had set it");
        bench.Run(3_700_000);
        Times(bench, "早间节目").ShouldBe(1);
        bench.NetworkUp = true;
        bench.Run(300_000);
        var played = bench.Receipts.Single(r => r.Sequence == programme.Sequence && r.State == ReceiptState.Played);
        (played.AtMs - programme.NotBeforeMs).ShouldBeInRange(0, 20_000, "reported afterwards with its true time");
    }

    [Fact]
    public void R9_Without_a_time_a_programme_waits_for_the_cloud_and_a_local_alarm_does_not()
    {
        var bench = new BoardBench("level=4000:4500\nphrase.2=水位超限，立即撤离。\n");
        bench.SetLevel(8_000);
        bench.Run(5_000);
        Tomorrow(bench);
        bench.Unplug();
        bench.Clockwork.HasStopped = true;
        bench.PowerOn();
        bench.Gateway.Core.Clock.ShouldBe(ClockQuality.Unknown);
        bench.Run(3_700_000);
        Times(bench, "早间节目").ShouldBe(0);
        bench.SetLevel(12_000);
        bench.Run(60_000);
        Times(bench, "水位超限").ShouldBeGreaterThan(0);
    }

    // Released now, to begin in an hour.
    private static Order Tomorrow(BoardBench bench)
    {
        var programme = bench.Alert("早间节目。", WarningClass.Programme, validMs: 7_200_000);
        programme.NotBeforeMs = bench.TrueMs + 3_600_000;
        bench.Send(programme);
        bench.Run(1_000);
        return programme;
    }

    private static Order CancelOf(BoardBench bench, Order order)
    {
        var cancel = bench.Alert();
        cancel.WarningId = order.WarningId;
        cancel.Kind = OrderKind.Cancel;
        cancel.Revision = 2;
        cancel.Text = "";
        cancel.Repetitions = 0;
        cancel.ToneMs = 0;
        return cancel;
    }

    private static int Times(BoardBench bench, string text) => bench.Chip.Said.Count(t => t.Contains(text, StringComparison.Ordinal));

    private static void Silent(BoardBench bench)
    {
        bench.SirenIsOn.ShouldBeFalse();
        bench.Chip.Frames.ShouldAllBe(f => f.Bytes[3] != 0x01, "nothing to say");
    }
}
