using System.Text.Json.Nodes;
using Broadcast.Testing;

namespace Broadcast.EndToEnd;

/// <summary>That the benchmarks run and say what they compare. What they measure is not looked at: figures of a busy machine prove nothing.</summary>
public sealed class BenchmarkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task The_fan_out_runs_beside_its_peer_and_writes_what_it_compared()
    {
        using var folder = new TempFolder("bench");
        await using var bench = RunningProcess.StartDotnet(BuiltProject.Assembly("tests/Broadcast.Benchmarks"), ["fan-out", "--devices", "1200", "--rounds", "1", "--out", folder.Path]);
        await bench.WaitForExitAsync(Patience);
        bench.ExitCode.ShouldBe(0, bench.Output);
        var report = JsonNode.Parse(await File.ReadAllTextAsync(Directory.GetFiles(folder.Path, "*.json").ShouldHaveSingleItem()))!;
        ((string)report["settings"]!["devices"]!).ShouldBe("1200");
        report["ratios"]!.AsArray().Count.ShouldBe(3);
        foreach (var ratio in report["ratios"]!.AsArray()) ((double)ratio!["median"]!).ShouldBeGreaterThan(0, ratio.ToJsonString());
        new[] { "commit", "lane", "processor" }.ShouldAllBe(name => ((string)report["machine"]![name]!).Length > 0);
    }
}
