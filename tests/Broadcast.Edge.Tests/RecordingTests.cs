using Broadcast.Device;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>A real gateway process that plays recordings which other programs made; what it played is measured with sox.</summary>
public sealed class RecordingTests : IAsyncLifetime
{
    private const string Text = "咸安区气象台发布暴雨预警,请立即转移。";
    private const int Hertz = 500; // No formant of the synthesizer is as pure and as loud.

    private readonly TempFolder _folder = new("recording");
    private TestCloud _cloud = null!;

    public async ValueTask InitializeAsync() => _cloud = await TestCloud.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("own.wav", "-r", "22050", "-c", "1", "-b", "16")]
    [InlineData("studio.wav", "-r", "44100", "-c", "2", "-b", "16")]
    [InlineData("music.mp3", "-r", "44100", "-c", "2", "-C", "96")]
    [InlineData("speech.opus", "-r", "48000", "-c", "2", "-b", "16")]
    public async Task A_recording_of_any_kind_is_played_instead_of_the_text(string file, params string[] format)
    {
        var order = Recorded(await ToneAsync(file, 2, format));
        order.Class = WarningClass.Exercise;
        order.NotBeforeMs = _cloud.NowMs + 3_000;
        order.Repetitions = 1;
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        _cloud.Send(order);
        var wav = await edge.WavAsync();

        // Tone (1 s), "this is an exercise", two seconds of recording, "this was an exercise".
        var seconds = await Sox.SecondsAsync(wav) - 2;
        var loudest = -120.0;
        var recorded = 0;
        for (var at = 1.0; at + 0.25 < seconds; at += 0.25)
        {
            var level = await Sox.LevelNearAsync(wav, at, 0.25, Hertz);
            loudest = Math.Max(loudest, level);
            if (level > -14) recorded++;
        }
        loudest.ShouldBe(-9, 1.5, "the recording is a sine of -6 dB, whatever it travelled as");
        recorded.ShouldBeInRange(6, 9, "two seconds of it");
        seconds.ShouldBeGreaterThan(1 + 2 + 1.5, "it is said before and after that this is an exercise");
        (await Sox.LevelNearAsync(wav, 1.05, 0.4, Hertz)).ShouldBeLessThan(-14, "first the words");
        (await Sox.LevelAsync(wav, 0, seconds)).Peak.ShouldBeLessThan(-0.2);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Played), EdgeProcess.Patience);
        _cloud.Reports.ShouldAllBe(r => (r.Faults & (int)FaultFlags.Recording) == 0);
    }

    [Fact]
    public async Task A_download_that_breaks_off_is_resumed_and_is_here_when_the_programme_begins()
    {
        var content = await ToneAsync("programme.wav", 3, "-r", "22050", "-c", "1", "-b", "16");
        var order = Recorded(content, WarningClass.Programme);
        order.ToneMs = 0;
        order.Repetitions = 1;
        order.NotBeforeMs = _cloud.NowMs + 8_000;
        _cloud.Audio.BreaksOffAfter = 40_000;
        var part = _folder[$"data/audio/{Convert.ToHexStringLower(order.Audio)}.part"];
        _cloud.Audio.HasCome = bytes => new FileInfo(part) is { Exists: true } file && file.Length >= bytes;
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        _cloud.Send(order);
        var wav = await edge.WavAsync();

        _cloud.Audio.Asked.Count.ShouldBe(2);
        _cloud.Audio.Asked[0].ShouldBe("");
        _cloud.Audio.Asked[1].ShouldBe("bytes=40000-");
        (await Sox.StretchesAsync(wav, gap: 0.3)).ShouldHaveSingleItem().End.ShouldBe(3, 0.1);
        (await Sox.LevelNearAsync(wav, 0.2, 2.5, Hertz)).ShouldBeGreaterThan(-14);
        (EdgeProcess.BeganMs(wav) - order.NotBeforeMs).ShouldBeInRange(-50, 1_000, "nothing had to be fetched any more");
        edge.Process.Output.ShouldContain("No recording, the text is said instead");
        edge.Process.Output.ShouldNotContain("the disk", customMessage: "nobody is sent to change a card because a line broke");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_text_is_said_when_the_recording_is_not_what_its_hash_says_or_does_not_come(bool hangs)
    {
        var content = await ToneAsync("late.wav", 3, "-r", "22050", "-c", "1", "-b", "16");
        var order = Recorded(content);
        order.Repetitions = 1;
        _cloud.Audio.Hangs = hangs;
        _cloud.Audio.Bring(content, givenInstead: [.. content.AsSpan(0, content.Length - 1), 1]);
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        _cloud.Send(order);
        var wav = await edge.WavAsync();

        (await Sox.LevelAsync(wav, 1.4, 2)).Rms.ShouldBeGreaterThan(-30, "something is said");
        (await Sox.LevelNearAsync(wav, 1.4, 2, Hertz)).ShouldBeLessThan(-20, "and it is not the recording");
        (await Sox.StretchesAsync(wav, gap: 0.3)).First().End.ShouldBeGreaterThan(1.3, "no gap of 300 ms after the tone");
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Played), EdgeProcess.Patience);
        if (!hangs) await Eventually.HoldsAsync(() => _cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Recording) != 0), EdgeProcess.Patience);
    }

    [Fact]
    public async Task A_recording_that_was_fetched_once_plays_again_when_the_cloud_gives_it_no_more()
    {
        var content = await ToneAsync("kept.wav", 1, "-r", "22050", "-c", "1", "-b", "16");
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path);
        var first = Recorded(content);
        _cloud.Send(first);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(first).Contains(ReceiptState.Played), EdgeProcess.Patience);
        await edge.Process.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);
        _cloud.Audio.Hangs = true;
        var asked = _cloud.Audio.Asked.Count;

        var second = Recorded(content);
        second.Repetitions = 1;
        _cloud.Send(second);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(second).Contains(ReceiptState.Played), EdgeProcess.Patience);

        _cloud.Audio.Asked.Count.ShouldBe(asked);
        var wav = Directory.GetFiles(edge.WavFolder).Order(StringComparer.Ordinal).Last();
        (await Sox.LevelNearAsync(wav, 1.1, 0.8, Hertz)).ShouldBeGreaterThan(-14, "in the next sample after the tone");
    }

    private Order Recorded(byte[] content, WarningClass warningClass = WarningClass.Actual)
    {
        var order = _cloud.Alert(Text, warningClass, warningClass == WarningClass.Programme ? WarningLevel.None : WarningLevel.Yellow);
        order.Audio = _cloud.Audio.Bring(content);
        return order;
    }

    /// <summary>A sine of -6 dB, made by sox and where need be by opusenc.</summary>
    private async Task<byte[]> ToneAsync(string file, int seconds, params string[] format)
    {
        var patience = TimeSpan.FromMinutes(1);
        var made = file.EndsWith(".opus", StringComparison.Ordinal) ? "48k.wav" : file;
        await RunningProcess.RunAsync("sox", ["-n", .. format, _folder[made], "synth", $"{seconds}", "sine", $"{Hertz}", "gain", "-6"], patience);
        if (made != file) await RunningProcess.RunAsync("opusenc", ["--quiet", _folder[made], _folder[file]], patience);
        return await File.ReadAllBytesAsync(_folder[file]);
    }
}
