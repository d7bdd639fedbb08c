using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Page;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Page;

/// <summary>The click of the siren's contactor in the self-test, and what may come between.</summary>
public sealed class SelfTestTests : IDisposable
{
    /// <summary>Far above the click's 0.2 s, far below the three minutes after which the siren goes off by itself.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new("self-test");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_closes_the_browser_during_the_click_leaves_no_siren_howling()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), cloudIsAway: true);
        using var left = new CancellationTokenSource();
        bench.Chip.Written += (pin, high) => { if (pin == GatewayBench.SirenPin && high) left.Cancel(); };
        await Should.ThrowAsync<OperationCanceledException>(() => bench.Get<SelfTest>().RunAsync(left.Token));
        await Eventually.HoldsAsync(() => !bench.Chip.Level(GatewayBench.SirenPin), Soon);
    }

    [Fact]
    public async Task An_alarm_that_comes_during_the_click_has_its_siren()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), cloudIsAway: true);
        var isRaised = false;
        bench.Chip.Written += (pin, high) =>
        {
            if (pin != GatewayBench.SirenPin || !high || isRaised) return;
            isRaised = true;
            bench.Get<GatewayLoop>().Post(new Letter(LetterKind.LocalAlarm) { Alarm = LocalAlarm.For(AlarmStage.Leave, "", siren: true) });
        };
        await bench.Get<SelfTest>().RunAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => bench.Get<GatewayLoop>().Core.PlayingId != 0, Soon);
        await Eventually.HoldsAsync(() => bench.Chip.Level(GatewayBench.SirenPin), Soon);
    }
}
