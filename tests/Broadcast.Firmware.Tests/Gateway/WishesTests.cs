using Broadcast.Device;

namespace Broadcast.Firmware.Tests.Gateways;

/// <summary>Settings from the cloud: judged, saved, in force, said.</summary>
public sealed class WishesTests
{
    [Fact]
    public void New_thresholds_are_in_force_at_once_said_to_the_cloud_and_kept_over_a_reboot()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.States[^1].InForce.ShouldBe(0, "said in each session");
        Wish(bench, new SiteSettings { Revision = 3, Level = [4_000, 6_000] });
        bench.Run(30_000);
        (bench.States[^1].InForce, bench.States[^1].Refusal).ShouldBe((3, SettingsRefusal.None));
        bench.Chip.Said.Count().ShouldBeGreaterThan(0, "five metres are above four");
        bench.PowerOn();
        bench.Gateway.Wishes.Current.ShouldNotBeNull().Revision.ShouldBe(3);
        bench.Parts.Sensors.UsesLevel.ShouldBeTrue();
    }

    [Fact]
    public void What_cannot_be_applied_is_refused_whole_with_its_reason_and_old_revisions_change_nothing()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.SetLevel(0);
        Refused(new SiteSettings { Revision = 2, Level = [4_000, 6_000] }, SettingsRefusal.NoSuchSensor);
        Refused(new SiteSettings { Revision = 3, Rain = [60, 500, 300] }, SettingsRefusal.Threshold);
        Refused(new SiteSettings { Revision = 4, Tone = SiteTone.Single }, SettingsRefusal.Tone);
        Wish(bench, new SiteSettings { Revision = 4 });
        bench.Run(2_000);
        bench.Gateway.Wishes.Current.ShouldBeNull();
        bench.WishesFlash.IsWornOut = true;
        Refused(new SiteSettings { Revision = 5 }, SettingsRefusal.Storage);
        bench.WishesFlash.IsWornOut = false;
        Wish(bench, new SiteSettings { Revision = 5 });
        bench.Run(2_000);
        bench.States[^1].InForce.ShouldBe(5, "when the flash takes it again, so does the site");

        void Refused(SiteSettings wanted, SettingsRefusal why)
        {
            Wish(bench, wanted);
            bench.Run(2_000);
            (bench.States[^1].InForce, bench.States[^1].Refusal).ShouldBe((0, why));
        }
    }

    [Fact]
    public void Quiet_hours_hold_a_programme_and_no_actual_warning_and_volumes_go_by_the_local_hour()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        var local = (int)(((bench.TrueMs / 60_000) + 480) % 1_440);
        var volumes = Enumerable.Repeat(50, 24).ToArray();
        Wish(bench, new SiteSettings { Revision = 1, QuietFromMinute = local, QuietToMinute = (local + 30) % 1_440, VolumeByHour = volumes, ActualVolumeMin = 75, ActualVolumeMax = 75 });
        bench.Run(2_000);
        var programme = bench.Alert("早间节目。", WarningClass.Programme);
        bench.Send(programme);
        bench.Run(60_000);
        bench.StatesOf(programme).ShouldBe("Received");
        bench.Send(bench.Alert());
        bench.Run(20_000);
        bench.Chip.Said.ShouldContain("[d][v12][x0]", "75 % of sixteen");
        bench.Run(1_800_000);
        bench.StatesOf(programme).ShouldBe("Received Playing Played");
        bench.Chip.Said.ShouldContain("[d][v8][x0]", "50 % of sixteen");
    }

    [Fact]
    public void Nonsense_under_the_true_key_is_told_and_changes_nothing()
    {
        var bench = new BoardBench();
        bench.Run(5_000);
        bench.SendFrame(Envelope.Seal(BoardBench.Key, 1, Direction.Down, BoardBench.Device, MessageType.Settings, [1, 2, 3]));
        bench.Run(20_000);
        ((FaultFlags)bench.Reports[^1].Faults & FaultFlags.Cloud).ShouldBe(FaultFlags.Cloud);
        bench.Gateway.Wishes.Current.ShouldBeNull();
    }

    private static void Wish(BoardBench bench, SiteSettings wanted) =>
        bench.SendFrame(Envelope.Seal(BoardBench.Key, 1, Direction.Down, BoardBench.Device, MessageType.Settings, wanted.Encode()));
}
