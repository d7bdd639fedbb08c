namespace Broadcast.Device.Tests;

/// <summary>R2: an order is accepted at most once and answered honestly.</summary>
public sealed class AcceptanceTests
{
    [Fact]
    public void An_order_sounds_is_saved_and_is_then_receipted()
    {
        Bench bench = new();
        bench.Body.Log.Clear();
        Order order = bench.Alert();

        bench.Send(order);

        bench.Body.Log.ShouldBe(["play", "save", "publish", "publish"]);
        bench.StatesOf(order).ShouldBe("Received Playing1");
        bench.Advance(20_000);
        bench.EndPlayback();
        bench.StatesOf(order).ShouldBe("Received Playing1 Played");
        bench.SoundOf(order).ShouldBe("Played", "nothing measured it (R6)");
        bench.Receipts().Select(r => r.Attempt).ShouldBe([0, 1, 1]);
    }

    [Fact]
    public void A_test_is_saved_before_it_sounds_so_that_no_power_cut_plays_it_twice()
    {
        Bench bench = new();
        bench.Body.Log.Clear();

        bench.Send(bench.Alert(warningClass: WarningClass.Test));

        bench.Body.Log.ShouldBe(["save", "play", "publish", "publish"]);
    }

    [Fact]
    public void A_repeat_is_answered_with_the_last_receipt_and_makes_no_sound()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.EndPlayback();
        long number = bench.Receipts()[^1].Number;
        bench.AcknowledgeAll();

        bench.Send(order);

        bench.Body.Played.Count.ShouldBe(1);
        bench.Core.Repeats.ShouldBe(1);
        bench.StatesOf(order).ShouldBe("Played");
        bench.Receipts().Single().Number.ShouldBe(number, "the cloud knows a repeated receipt by its number");
        bench.Core.RefusalCount(Refusal.Replayed).ShouldBe(0);
    }

    [Fact]
    public void A_repeat_after_a_reboot_makes_no_sound_either()
    {
        Bench bench = new();
        Order order = bench.Alert();
        bench.Send(order);
        bench.EndPlayback();
        bench.Reboot();
        bench.Connect();
        bench.AcknowledgeAll();

        bench.Send(order);

        bench.Body.Played.Count.ShouldBe(1);
        bench.StatesOf(order).ShouldBe("Played");
    }

    [Fact]
    public void A_red_that_overtakes_a_hundred_others_plays_and_so_do_they()
    {
        Bench bench = new();
        List<Order> hundred = [.. Enumerable.Range(0, 100).Select(_ => bench.Alert(WarningLevel.Blue))];
        Order red = bench.Alert(WarningLevel.Red);

        bench.Send(red);
        bench.EndPlayback();
        foreach (Order order in hundred)
        {
            bench.Send(order);
            bench.EndPlayback();
        }

        bench.Core.HighWater.ShouldBe(red.Sequence, "what came late was said before it");
        bench.Body.Played.Count.ShouldBe(101);
        bench.Body.Played[0].Order.Level.ShouldBe(WarningLevel.Red);
    }
}
