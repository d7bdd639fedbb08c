using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_hears_of_the_link_the_faults_and_the_way_from_an_order_to_its_first_sample()
    {
        using var folder = new TempFolder("telemetry");
        await using var collector = await Collector.StartAsync();
        await using var cloud = await TestCloud.StartAsync(folder.Path);
        await using var edge = await EdgeProcess.StartAsync(cloud, folder.Path, null, "--telemetry:endpoint", collector.Address, "--telemetry:seconds", "1");
        var order = cloud.Alert("测试。");
        cloud.Send(order);
        await Eventually.HoldsAsync(() => collector.Spans.Count > 0, EdgeProcess.Patience);
        var span = collector.Spans[0];
        (span.Name, span.Attributes["broadcast.warning"], span.Attributes["broadcast.level"]).ShouldBe(("order to first sample", Convert.ToHexStringLower(order.WarningId), "Yellow"));
        span.Length.ShouldBeInRange(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMinutes(1));

        Point? Newest(string metric, string? fault = null) => collector.Points.LastOrDefault(p => p.Metric == "broadcast.edge." + metric && (fault is null || p.Attributes["fault"] == fault));
        await Eventually.HoldsAsync(() => Newest("order_to_first_sample") is { Value: 1 }, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => Newest("link.up") is { Value: 1 } && Newest("receipts.waiting") is { Value: 0 }, EdgeProcess.Patience);
        (Newest("faults", "Audio")!.Value, Newest("alarms.waiting")!.Value, Newest("stage")!.Value).ShouldBe((0, 0, 0));
        Newest("level").ShouldBeNull("this machine has none");
    }

    [Fact]
    public async Task Without_an_address_nothing_of_it_is_loaded()
    {
        using var folder = new TempFolder("telemetry");
        await using var cloud = await TestCloud.StartAsync(folder.Path);
        await using var edge = await EdgeProcess.StartAsync(cloud, folder.Path);
        (await File.ReadAllTextAsync($"/proc/{edge.Process.Id}/maps")).ShouldNotContain("OpenTelemetry");
    }

    [Fact]
    public async Task A_collector_that_is_away_changes_nothing()
    {
        using var folder = new TempFolder("telemetry");
        await using var cloud = await TestCloud.StartAsync(folder.Path);
        await using var edge = await EdgeProcess.StartAsync(cloud, folder.Path, null, "--telemetry:endpoint", "http://127.0.0.1:1", "--telemetry:seconds", "1");
        var order = cloud.Alert("测试。");
        order.Repetitions = 1;
        cloud.Send(order);
        await Eventually.HoldsAsync(() => cloud.StatesOf(order).Contains(Broadcast.Device.ReceiptState.Played), EdgeProcess.Patience);
    }
}
