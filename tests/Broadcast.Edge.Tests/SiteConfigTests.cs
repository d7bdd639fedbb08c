using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Settings from the cloud on a whole gateway: applied whole, reported, kept over a restart, refused with a reason.</summary>
public sealed class SiteConfigTests : IDisposable
{
    private readonly TempFolder _folder = new("config");

    [Fact]
    public async Task Settings_are_applied_reported_and_kept_and_old_ones_change_nothing()
    {
        await using (var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 }))
        {
            await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Contains((0, 0, SettingsRefusal.None)), EdgeProcess.Patience);
            // 2.5 m of water are nothing to the machine's own settings, and 准备转移 to these.
            bench.Cloud.Send(new SiteSettings { Revision = 3, Level = [2_000, 3_000], ActualVolumeMax = 50, ActualVolumeMin = 20 });
            await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Contains((3, 3, SettingsRefusal.None)), EdgeProcess.Patience);
            await Eventually.HoldsAsync(() => bench.Cloud.Alarms.Any(a => a.Stage == AlarmStage.Prepare && a.Threshold == 2_000), EdgeProcess.Patience);
            bench.Cloud.Send(new SiteSettings { Revision = 2 });
            bench.Cloud.Send(new SiteSettings { Revision = 4, Level = [5_000, 4_000] });
            await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Contains((3, 4, SettingsRefusal.Threshold)), EdgeProcess.Patience);
            bench.Get<SiteConfig>().Current!.Level.ShouldBe([2_000, 3_000]);
        }

        await using var again = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 });
        await Eventually.HoldsAsync(() => again.Cloud.SettingsStates.Contains((3, 4, SettingsRefusal.Threshold)), EdgeProcess.Patience);
        again.Get<SiteConfig>().Current!.ActualVolumeMax.ShouldBe(50);
        await Eventually.HoldsAsync(() => again.Get<SiteSensors>().Last.Stage == AlarmStage.Prepare, EdgeProcess.Patience);
        again.Get<GatewayStore>().Alarms().Count.ShouldBe(1, "the water stands as it stood: that was said before the restart");
    }

    [Fact]
    public async Task In_quiet_hours_a_programme_waits_and_a_warning_speaks()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings());
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Count == 1, EdgeProcess.Patience);
        // All day but one minute, and that one is not now.
        var minute = Minute(bench.Cloud.NowMs);
        var settings = new SiteSettings { QuietFromMinute = (minute + 1_438) % 1_440, QuietToMinute = (minute + 1_437) % 1_440 };
        bench.Cloud.Send(settings);
        await Eventually.HoldsAsync(() => bench.Cloud.SettingsStates.Any(s => s.InForce == 1), EdgeProcess.Patience);
        var programme = bench.Cloud.Alert("今天晴", WarningClass.Programme, WarningLevel.None);
        bench.Cloud.Send(programme);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(programme).Contains(ReceiptState.Received), EdgeProcess.Patience);
        var warning = bench.Cloud.Alert("暴雨");
        bench.Cloud.Send(warning);
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
        bench.Cloud.StatesOf(programme).ShouldBe([ReceiptState.Received]);
        bench.Cloud.Send(new SiteSettings { Revision = 2 });
        await Eventually.HoldsAsync(() => bench.Cloud.StatesOf(programme).Contains(ReceiptState.Playing), EdgeProcess.Patience);
    }

    [Fact]
    public void The_wanted_volumes_take_the_place_of_the_machines_own()
    {
        var sound = new SoundSettings();
        var wanted = new SiteSettings { ActualVolumeMin = 50, ActualVolumeMax = 80 };
        wanted.VolumeByHour[3] = 10;
        Order Of(WarningClass @class, int volume) => new() { Class = @class, Volume = volume };
        Loudness.Percent(Of(WarningClass.Actual, 100), sound, 3, wanted).ShouldBe(80);
        Loudness.Percent(Of(WarningClass.Actual, 5), sound, 3, wanted).ShouldBe(50);
        Loudness.Percent(Of(WarningClass.Programme, 70), sound, 3, wanted).ShouldBe(10);
        Loudness.Percent(Of(WarningClass.Programme, 70), sound, 12, wanted).ShouldBe(70);
        Loudness.Percent(Of(WarningClass.Programme, 70), sound, null, wanted).ShouldBe(70);
        Loudness.Percent(Of(WarningClass.Programme, 70), sound, 3).ShouldBe(40, "the machine's own night");
    }

    public void Dispose() => _folder.Dispose();

    private static int Minute(long wallMs)
    {
        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(wallMs), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        return (local.Hour * 60) + local.Minute;
    }
}
