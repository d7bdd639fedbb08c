using System.Globalization;
using System.Text.RegularExpressions;
using Broadcast.Edge.Audio;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>
/// The gateway's figures, measured on a real process and printed; run on demand (<c>-explicit only</c>), because a figure that must be
/// met on a busy machine would be a test that fails at random.
/// </summary>
public sealed class Figures : IAsyncLifetime
{
    private const int Orders = 100;

    private readonly TempFolder _folder = new("figures");
    private TestCloud _cloud = null!;

    public async ValueTask InitializeAsync() => _cloud = await TestCloud.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Order_in_to_first_sample_out()
    {
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        List<double> milliseconds = [];
        for (var i = 1; i <= Orders; i++)
        {
            var order = _cloud.Alert("请立即转移到安全地带。");
            _cloud.Send(order);
            var play = $"play {i}: first sample ";
            var line = await edge.Process.WaitForLineAsync(l => l.Contains(play, StringComparison.Ordinal), EdgeProcess.Patience);
            milliseconds.Add(double.Parse(Regex.Match(line, @"sample ([\d.]+) ms", RegexOptions.None, TimeSpan.FromSeconds(10)).Groups[1].Value, CultureInfo.InvariantCulture));
            _cloud.Send(_cloud.CancelOf(order));
            var stopped = $"play {i}: stopped";
            await edge.Process.WaitForLineAsync(l => l.Contains(stopped, StringComparison.Ordinal), EdgeProcess.Patience);
        }
        var peer = await PeerAsync();
        var online = await edge.Process.WaitForLineAsync(l => l.Contains("online", StringComparison.Ordinal), EdgeProcess.Patience);
        var memory = await File.ReadAllLinesAsync($"/proc/{edge.Process.Id}/smaps_rollup");
        var first = milliseconds[0];
        milliseconds.Sort();
        Console.WriteLine($"order to first sample, {Orders} orders: first {first:0.0} ms, p50 {milliseconds[Orders / 2]:0.0} ms, p99 {milliseconds[(Orders * 99 / 100) - 1]:0.0} ms, most {milliseconds[^1]:0.0} ms");
        Console.WriteLine($"peer, espeak-ng by hand to a pipe as aplay would read it, {Orders} times: p50 {peer[Orders / 2]:0.0} ms, p99 {peer[(Orders * 99 / 100) - 1]:0.0} ms, most {peer[^1]:0.0} ms");
        Console.WriteLine(online);
        Console.WriteLine(string.Join(", ", memory.Where(l => l.StartsWith("Rss", StringComparison.Ordinal) || l.StartsWith("Pss:", StringComparison.Ordinal) || l.StartsWith("Anonymous", StringComparison.Ordinal))));
        Console.WriteLine($"processor time in ten idle seconds: {await IdleAsync(edge.Process.Id):0.00} s");
    }

    // User and system time (fields 14 and 15 of proc(5) stat), in hundredths of a second.
    private static async Task<double> IdleAsync(int process)
    {
        async Task<long> TicksAsync() => (await File.ReadAllTextAsync($"/proc/{process}/stat")).Split(')')[^1].Split(' ')[12..14].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        var before = await TicksAsync();
        await Task.Delay(TimeSpan.FromSeconds(10)); // Not a wait for anything: this is the length of the measurement.
        return (await TicksAsync() - before) / 100.0;
    }

    // What somebody at a shell has: the first sample of the speech, without tone, link, order or receipt.
    private static async Task<List<double>> PeerAsync()
    {
        List<double> milliseconds = [];
        for (var i = 0; i < Orders; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            using var peer = AudioProgram.Start("sh", ["-c", "espeak-ng -v cmn -s 160 -b 1 --stdout 请立即转移到安全地带。"]);
            await peer.Output.ReadExactlyAsync(new byte[46]); // The header and one sample.
            milliseconds.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }
        milliseconds.Sort();
        return milliseconds;
    }

    [Fact(Explicit = true)]
    public async Task Gap_between_tone_and_speech_of_a_hundred_characters()
    {
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        var order = _cloud.Alert(string.Concat(Enumerable.Repeat("咸安区气象台发布暴雨红色预警信号,请低洼地带群众立即转移到安全地带。", 3)));
        order.Repetitions = 1;
        _cloud.Send(order);
        var wav = await edge.WavAsync();
        var stretches = await Sox.StretchesAsync(wav, gap: 0.02);
        Console.WriteLine($"text of {order.Text.Length} characters; sound in stretches parted by 20 ms or more: {string.Join(", ", stretches.Take(4).Select(s => $"{s.Start:0.00}-{s.End:0.00} s"))}");
    }
}
