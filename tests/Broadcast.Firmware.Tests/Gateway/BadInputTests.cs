using Broadcast.Device;
using Broadcast.Firmware.Hardware;

namespace Broadcast.Firmware.Tests.Gateways;

/// <summary>It stays up, says what is wrong, and still sounds a valid order.</summary>
public sealed class BadInputTests
{
    [Fact]
    public void Noise_and_oversized_frames_on_the_link_are_counted_and_the_next_order_sounds()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        var random = new Random(3);
        for (var i = 0; i < 2_000; i++)
        {
            var noise = new byte[random.Next(0, 3_000)];
            random.NextBytes(noise);
            bench.SendFrame(noise);
            if (i % 20 == 0) bench.Run(20);
        }

        ShouldStillSound(bench);
        (bench.Gateway.Core.RefusalCount(Refusal.Malformed) + bench.Mailbox.Dropped).ShouldBe(2_000);
    }

    [Fact]
    public void A_flood_fills_the_mailbox_and_no_more_and_link_news_are_not_lost()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        for (var i = 0; i < 10_000; i++) bench.SendFrame([1, 2, 3]);
        bench.Mailbox.Dropped.ShouldBe(10_000 - FirmwareLimits.LettersMax);
        bench.Mailbox.Post(LetterKind.LinkDown, 0, null);
        bench.Run(100);
        bench.Gateway.Link.Phase.ShouldNotBe(Link.LinkPhase.Up);
    }

    [Fact]
    public void Noise_in_flash_is_told_and_the_next_order_sounds()
    {
        var flash = new NorSlots(FirmwareLimits.StateSlotBytes, new Random(4));
        flash.Ruin();
        var bench = new BoardBench(flash: flash);
        bench.Run(20_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.StateLost).ShouldBe(FaultFlags.StateLost);
        ShouldStillSound(bench);
    }

    [Fact]
    public void Flash_that_takes_nothing_is_told_and_the_next_order_sounds()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Flash.IsWornOut = true;
        ShouldStillSound(bench);
        bench.Run(20_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.Storage).ShouldBe(FaultFlags.Storage);
    }

    [Fact]
    public void A_network_that_comes_and_goes_every_second_for_an_hour_leaves_it_ready()
    {
        var bench = new BoardBench();
        for (var second = 0; second < 3_600; second++)
        {
            if (second % 2 == 0) bench.Unplug();
            else bench.NetworkUp = true;
            bench.Run(1_000);
        }

        bench.Connects.ShouldBeInRange(3_600 / 125, 200, "attempts of an hour: backed off, and not given up");
        bench.NetworkUp = true;
        // An attempt may still hang on the network that was; only after it comes the wait.
        bench.Run(Link.LinkKeeper.AttemptMsMax + Link.LinkKeeper.WaitMsMax + 5_000);
        bench.Gateway.Core.IsSessionUp.ShouldBeTrue();
        ShouldStillSound(bench);
        bench.Gateway.Errors.ShouldBe(0);
    }

    [Fact]
    public void A_clock_that_jumps_back_and_forth_changes_neither_what_elapses_nor_what_is_valid()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        foreach (var jump in new[] { 0, 4_000_000_000_000, 1_000, 1_795_300_000_000 })
        {
            bench.Clock.Set(jump);
            ShouldStillSound(bench);
            var old = bench.Alert(validMs: -1);
            old.NotBeforeMs = old.ExpiresMs - 1;
            bench.Send(old);
            bench.Run(1_000);
            bench.StatesOf(old).ShouldBe("Refused");
        }
    }

    [Fact]
    public void A_chattering_rain_contact_is_told_raises_no_alarm_and_keeps_no_order_waiting()
    {
        var bench = new BoardBench("rain=60:300:500\n");
        bench.Run(2_000);
        for (var edge = 0; edge < 20_000; edge++)
        {
            bench.Machine.Pin(Board.RainPin).Drive(edge % 2 == 0);
            if (edge % 2 == 0) bench.Run(1);
        }

        bench.Run(500);
        ((int)bench.Gateway.Faults & (int)FaultFlags.Sensor).ShouldBe((int)FaultFlags.Sensor);
        ShouldStillSound(bench);
        bench.SirenIsOn.ShouldBeFalse();
        bench.Chip.Said.ShouldNotContain(t => t.Contains("转移指标", StringComparison.Ordinal));
    }

    [Fact]
    public void An_error_in_one_part_is_counted_and_told_and_the_others_go_on()
    {
        var bench = new BoardBench("level=4000:5000\n");
        bench.Run(2_000);
        bench.Machine.ConnectAdc(Board.LevelChannel, () => throw new InvalidOperationException("the converter is gone"));
        bench.Run(30_000);
        bench.Gateway.Errors.ShouldBeGreaterThan(0);
        bench.Gateway.LastError.ShouldBe("the converter is gone");
        ShouldStillSound(bench);
    }

    private static void ShouldStillSound(BoardBench bench)
    {
        var order = bench.Alert();
        bench.Send(order);
        bench.Run(20_000);
        bench.StatesOf(order).ShouldBe("Received Playing Played");
    }
}
