using Broadcast.Device;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Speech;

namespace Broadcast.Firmware.Tests.Gateways;

public sealed class SpeakingTests
{
    [Fact]
    public void An_order_is_toned_and_said_as_often_as_ordered_and_the_relays_rest_afterwards()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(siren: true, repetitions: 2);
        bench.Send(order);
        bench.Run(100);
        bench.SirenIsOn.ShouldBeTrue("the siren is first");
        bench.Run(60_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
        bench.Chip.Said.ShouldBe(["[d][v16][x0]", "soundr", "请立即转移。", "请立即转移。"]);
        bench.SirenIsOn.ShouldBeFalse();
        bench.Machine.Pin(Board.AmplifierPin).Levels.ShouldBe([false, false, true, false]);
    }

    [Fact]
    public void A_long_text_is_cut_at_punctuation_and_comes_out_whole()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var text = string.Concat(Enumerable.Range(1, 20).Select(i => $"第{i}组村民,请沿撤离路线前往安置点。"));
        var order = bench.Alert(text);
        bench.Send(order);
        bench.Run(400_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
        var parts = bench.Chip.Said.Skip(2).ToList();
        parts.Count.ShouldBeGreaterThan(3);
        string.Concat(parts).ShouldBe(text);
        parts.ShouldAllBe(p => p.EndsWith('。'));
    }

    [Fact]
    public void Relays_are_off_from_the_first_moment_until_an_order_asks()
    {
        var bench = new BoardBench();
        bench.Run(10_000);
        bench.Machine.Pin(Board.SirenPin).Levels.ShouldAllBe(on => !on);
        bench.Machine.Pin(Board.AmplifierPin).Levels.ShouldAllBe(on => !on);
    }

    [Fact]
    public void A_siren_goes_off_at_its_maximum_whatever_the_order_says()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Send(bench.Alert(new string('水', 400), siren: true, repetitions: 20));
        bench.Run(Board.SirenOnMsMax - 1_000);
        bench.SirenIsOn.ShouldBeTrue();
        bench.Run(2_000);
        bench.SirenIsOn.ShouldBeFalse();
        bench.Run(600_000);
        bench.Machine.Pin(Board.SirenPin).Levels.Count(on => on).ShouldBe(1);
    }

    [Fact]
    public void A_dead_chip_is_told_and_the_siren_sounds_its_time_all_the_same()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Chip.IsDead = true;
        var order = bench.Alert(siren: true, repetitions: 3);
        bench.Send(order);
        bench.Run(6_000);
        bench.SirenIsOn.ShouldBeTrue("the voice is gone, the siren is not");
        bench.Run(60_000);
        bench.StatesOf(order).ShouldBe("Received Playing Failed(NoSpeech)");
        bench.SirenIsOn.ShouldBeFalse();
        bench.Run(20_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.Speech).ShouldBe(FaultFlags.Speech);
    }

    [Fact]
    public void A_busy_line_that_is_stuck_is_told_and_the_order_is_said()
    {
        var bench = new BoardBench();
        bench.Chip.StuckLine = true;
        bench.Run(30_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.Speech).ShouldBe(FaultFlags.Speech);
        var order = bench.Alert();
        bench.Send(order);
        bench.Run(20_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
        bench.Chip.Said.ShouldContain("请立即转移。");
    }

    [Fact]
    public void A_chip_whose_answers_do_not_arrive_is_heard_by_its_busy_line()
    {
        var bench = new BoardBench();
        bench.Chip.IsMute = true;
        bench.Run(2_000);
        var order = bench.Alert(repetitions: 2);
        bench.Send(order);
        bench.Run(30_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
        bench.Chip.Said.Count(t => t == "请立即转移。").ShouldBe(2);
    }

    [Fact]
    public void A_frame_that_the_chip_refuses_is_sent_again()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Chip.RefuseNext = 2;
        var order = bench.Alert();
        bench.Send(order);
        bench.Run(20_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
    }

    [Fact]
    public void A_chip_that_never_ends_fails_the_order_and_the_next_one_is_tried()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Chip.NeverEnds = true;
        var order = bench.Alert();
        bench.Send(order);
        bench.Run(60_000);
        bench.StatesOf(order).ShouldBe("Received Playing Failed(NoSpeech)");
        bench.Chip.NeverEnds = false;
        var next = bench.Alert();
        bench.Send(next);
        bench.Run(20_000);
        bench.StatesOf(next).ShouldBe("Received Playing Played");
    }

    [Fact]
    public void A_recording_is_spoken_from_its_text_and_fails_without_one()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var spoken = bench.Alert();
        spoken.Audio = new byte[Limits.AudioHashBytes];
        bench.Send(spoken);
        bench.Run(20_000);
        bench.StatesOf(spoken).ShouldBe("Received Playing Played");
        var silent = bench.Alert("");
        silent.Audio = new byte[Limits.AudioHashBytes];
        bench.Send(silent);
        bench.Run(20_000);
        bench.StatesOf(silent).ShouldEndWith("Failed(NoSpeech)");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Played_is_never_said_before_the_chip_has_said_it(bool isMute, bool hasDeadLine)
    {
        // The tone is cut short by the text, and the chip tells the tone's end in the middle of it.
        var bench = new BoardBench();
        bench.Chip.IsMute = isMute;
        if (hasDeadLine) bench.Chip.StuckLine = false;
        bench.Run(2_000);
        var order = bench.Alert(new string('水', 90), siren: true, repetitions: 2);
        bench.Send(order);
        bench.Run(150 + 1_000 + (2 * (long)(90 * bench.Chip.MsACharacter)));
        bench.StatesOf(order).ShouldBe("Received Playing");
        bench.SirenIsOn.ShouldBeTrue();
        bench.Run(20_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
        bench.Chip.Said.Count(t => t.StartsWith('水')).ShouldBe(2);
    }

    [Fact]
    public void The_button_stops_what_plays()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(new string('水', 200));
        order.Class = WarningClass.Programme; // An actual warning of the cloud goes on.
        bench.Send(order);
        bench.Run(5_000);
        bench.Machine.Pin(Board.StopPin).Drive(false);
        bench.Run(1_000);
        bench.StatesOf(order).ShouldBe("Received Playing Stopped");
        bench.Chip.Frames[^1].Bytes[3].ShouldBe((byte)ChipCommand.Stop);
    }

    [Fact]
    public void A_press_that_is_over_before_the_loop_looks_stops_all_the_same()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var order = bench.Alert(new string('水', 200));
        order.Class = WarningClass.Programme;
        bench.Send(order);
        bench.Run(5_000);
        bench.Machine.Pin(Board.StopPin).Drive(false);
        bench.Clock.Advance(400); // The loop saves a state, which takes up to some seconds.
        bench.Machine.Pin(Board.StopPin).Drive(true);
        bench.Clock.Advance(400);
        bench.Run(1_000);
        bench.StatesOf(order).ShouldBe("Received Playing Stopped");
    }

    [Fact]
    public void A_second_warning_has_its_siren_also_where_that_of_the_first_was_cut_off_at_its_maximum()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Send(bench.Alert(new string('水', 200), siren: true, repetitions: 20));
        bench.Run(Board.SirenOnMsMax + Board.SirenRestMs + 5_000);
        bench.SirenIsOn.ShouldBeFalse();
        var second = bench.Alert(siren: true, repetitions: 20);
        bench.Send(second);
        bench.Run(2_000);
        bench.StatesOf(second).ShouldBe("Received Playing");
        bench.SirenIsOn.ShouldBeTrue();
    }
}
