using Broadcast.Edge.Audio;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests;

/// <summary>Recordings on the disk, and what decoders make of bad files.</summary>
public sealed class RecordingCacheTests : IDisposable
{
    private readonly TempFolder _folder = new("cache");
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_used_longest_ago_makes_room_and_what_came_last_stays()
    {
        var cache = Cache();
        var twelveMegabytes = new short[6 << 20];
        foreach (var name in new[] { "a", "b" }) await StoreAsync(cache, name, twelveMegabytes);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await cache.LoadAsync("a", default)).ShouldBe(twelveMegabytes);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await StoreAsync(cache, "c", twelveMegabytes);

        new[] { "a", "b", "c" }.Select(cache.Has).ShouldBe([true, false, true], "32 MB hold two, and b was used longest ago");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(2_031)]
    public async Task A_recording_that_the_disk_no_longer_holds_as_it_was_is_removed(int at)
    {
        var cache = Cache();
        await StoreAsync(cache, "worn", new short[1_000]);
        var file = Directory.GetFiles(_folder["audio"]).ShouldHaveSingleItem();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[at] ^= 4;
        await File.WriteAllBytesAsync(file, bytes);

        (await cache.LoadAsync("worn", default)).ShouldBeNull();
        cache.Has("worn").ShouldBeFalse();
    }

    [Fact]
    public async Task A_recording_under_another_name_is_not_that_recording()
    {
        var cache = Cache();
        await StoreAsync(cache, "one", new short[10]);
        File.Move(Path.Combine(_folder["audio"], "one.pcm"), Path.Combine(_folder["audio"], "two.pcm"));
        (await cache.LoadAsync("two", default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("RIFF____WAVEfmt ", "sox")]
    [InlineData("OggS but no Opus", "opusdec")]
    [InlineData("ID3 and then nothing", "sox")]
    public async Task A_file_that_no_decoder_reads_is_named(string content, string program)
    {
        var file = _folder["bad"];
        await File.WriteAllTextAsync(file, content);
        var refused = await Should.ThrowAsync<InvalidDataException>(() => new RecordingDecoder(TimeProvider.System).DecodeAsync(file, default));
        refused.Message.ShouldContain(program);
    }

    [Fact]
    public async Task Two_channels_become_their_mean_also_where_a_read_parts_them()
    {
        var file = _folder["stereo.wav"];
        await RunningProcess.RunAsync("sox", ["-n", "-r", "22050", "-c", "2", "-b", "16", file, "synth", "2", "sine", "500", "sine", "500", "remix", "1v0.5", "0"], EdgeProcess.Patience);
        var samples = await new RecordingDecoder(TimeProvider.System).DecodeAsync(file, default);
        samples.Length.ShouldBe(2 * Pcm.SamplesPerSecond);
        ((int)samples.Max()).ShouldBeInRange(8_000, 8_250, "a quarter: half as loud on the left, silence on the right");
    }

    private RecordingCache Cache() => new(Settings, new DataFolder(Settings), _clock, NullLogger<RecordingCache>.Instance);

    private EdgeSettings Settings => new() { Data = _folder.Path, Recordings = new RecordingSettings { CacheMegabytesMax = 32 } };

    private async Task StoreAsync(RecordingCache cache, string name, short[] samples)
    {
        await cache.StoreAsync(name, samples, default);
        File.SetLastWriteTimeUtc(Path.Combine(_folder["audio"], name + ".pcm"), _clock.GetUtcNow().UtcDateTime);
    }
}
