using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Tests.Storage;

public sealed class TwoSlotStoreTests
{
    private const int SlotBytes = 4 * NorSlots.SectorBytes;

    [Fact]
    public void After_a_power_cut_anywhere_the_state_is_the_old_or_the_new_one()
    {
        const int cuts = 1_000;
        int old = 0, fresh = 0, during = 0;
        for (var seed = 1; seed <= cuts; seed++)
        {
            var random = new Random(seed);
            var flash = new NorSlots(SlotBytes, random);
            var store = Opened(flash, out _);
            byte[]? kept = null;
            // Some saves before, so that the cut falls into every place of a slot, its erase too.
            for (var i = random.Next(0, 12); i > 0; i--) store.Save(kept = Content(random), i).ShouldBeTrue();
            var next = Content(random);
            var before = flash.Steps;
            flash.StepsToPowerCut = random.Next(0, next.Length + 64);
            try
            {
                store.Save(next, 7).ShouldBeTrue();
            }
            catch (NorSlots.PowerCut)
            {
                during++;
            }

            flash.StepsToPowerCut = -1;
            (flash.Steps - before).ShouldBeGreaterThan(0);
            var again = Opened(flash, out var found);
            var isNew = found is not null && found.AsSpan().SequenceEqual(next);
            var isOld = kept is null ? found is null : found is not null && found.AsSpan().SequenceEqual(kept);
            (isNew || isOld).ShouldBeTrue($"seed {seed}: neither the old nor the new state");
            if (isNew) fresh++; else old++;

            // And it goes on from there.
            var after = Content(random);
            again.Save(after, 8).ShouldBeTrue($"seed {seed}");
            Opened(flash, out found);
            found.ShouldBe(after, $"seed {seed}: saved after the cut");
        }

        (old, during).ShouldSatisfyAllConditions(() => old.ShouldBeGreaterThan(cuts / 4), () => during.ShouldBeGreaterThan(cuts / 2), () => fresh.ShouldBeGreaterThan(0));
    }

    [Fact]
    public void A_second_cut_in_the_first_save_after_a_cut_loses_nothing_either()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var flash = new NorSlots(SlotBytes, random);
            var store = Opened(flash, out _);
            var kept = Content(random);
            store.Save(kept, 1).ShouldBeTrue();
            for (var cut = 0; cut < 6; cut++)
            {
                var next = Content(random);
                flash.StepsToPowerCut = random.Next(0, next.Length + 64);
                try
                {
                    store.Save(next, 1);
                    kept = next;
                }
                catch (NorSlots.PowerCut)
                {
                    // The power comes back below.
                    flash.StepsToPowerCut = -1;
                }

                flash.StepsToPowerCut = -1;
                store = Opened(flash, out var found);
                var isKept = found is not null && (found.AsSpan().SequenceEqual(kept) || found.AsSpan().SequenceEqual(next));
                isKept.ShouldBeTrue($"seed {seed}, cut {cut}");
                kept = found!;
            }
        }
    }

    [Fact]
    public void An_erase_serves_as_many_saves_as_fit_and_both_slots_wear_alike()
    {
        var flash = new NorSlots(SlotBytes, new Random(1));
        var store = Opened(flash, out _);
        for (var i = 0; i < 1_000; i++) store.Save(new byte[1_000], i).ShouldBeTrue();
        // Fifteen records of 1,032 bytes fit into a slot.
        store.Erases.ShouldBeLessThanOrEqualTo((1_000 / 15) + 1);
        (flash.Erases.Max() - flash.Erases.Min()).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Noise_in_both_slots_is_no_state_and_the_next_save_holds()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var flash = new NorSlots(SlotBytes, new Random(seed));
            flash.Ruin(seed == 1 ? (byte)0 : null);
            var store = Opened(flash, out var found);
            found.ShouldBeNull();
            store.FoundDamage.ShouldBeTrue();
            store.Save([1, 2, 3], 5).ShouldBeTrue();
            Opened(flash, out found);
            found.ShouldBe([1, 2, 3]);
        }
    }

    [Fact]
    public void A_flipped_bit_costs_the_record_it_lies_in_and_no_more()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var flash = new NorSlots(SlotBytes, random);
            var store = Opened(flash, out _);
            byte[][] saved = [new byte[500], new byte[500], new byte[500]];
            foreach (var content in saved)
            {
                random.NextBytes(content);
                store.Save(content, 1).ShouldBeTrue();
            }

            // The last of three: 532 bytes each, the first erase makes slot 1 the first.
            flash.Flip(1, (2 * 532) + random.Next(532));
            Opened(flash, out var found);
            found.ShouldBe(saved[1], $"seed {seed}");
        }
    }

    [Fact]
    public void Flash_that_takes_no_more_is_told_and_what_was_saved_stays()
    {
        var flash = new NorSlots(SlotBytes, new Random(1));
        var store = Opened(flash, out _);
        store.Save([9], 1).ShouldBeTrue();
        flash.IsWornOut = true;
        for (var i = 0; i < 5; i++) store.Save([8], 1).ShouldBeFalse();
        Opened(flash, out var found);
        found.ShouldBe([9]);
        flash.IsWornOut = false;
        store.Save([7], 1).ShouldBeTrue();
        Opened(flash, out found);
        found.ShouldBe([7]);
    }

    [Fact]
    public void Files_keep_it_too_and_name_the_time()
    {
        using var folder = new Broadcast.Testing.TempFolder("slots");
        var store = new TwoSlotStore(new FileSlots(folder[""], "x", 4_096));
        store.Load().ShouldBeNull();
        for (var i = 1; i <= 20; i++) store.Save(new byte[i * 37], i).ShouldBeTrue();
        var again = new TwoSlotStore(new FileSlots(folder[""], "x", 4_096));
        again.Load().ShouldNotBeNull().Length.ShouldBe(740);
        again.WallMs.ShouldBe(20);
        again.Save(new byte[5_000], 21).ShouldBeFalse("more than a slot");
    }

    private static TwoSlotStore Opened(NorSlots flash, out byte[]? found)
    {
        var store = new TwoSlotStore(flash);
        found = store.Load();
        return store;
    }

    private static byte[] Content(Random random)
    {
        var content = new byte[random.Next(1, 3_000)];
        random.NextBytes(content);
        // A content may end as erased flash looks.
        if (random.Next(3) == 0) content.AsSpan(content.Length / 2).Fill(0xFF);
        return content;
    }
}
