using System.Collections.Concurrent;
using System.Globalization;
using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Audio;

/// <summary>Players that behave as badly as one can: a sound card that was pulled, a sound server that hangs.</summary>
public sealed class AlsaOutputTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new("alsa");

    public void Dispose()
    {
        foreach (var pid in Alive()) System.Diagnostics.Process.GetProcessById(pid).Kill();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_player_that_takes_no_more_sound_is_ended_and_the_broadcast_fails_by_name()
    {
        using var sound = new SoundLoop(Make(), NullLogger<SoundLoop>.Instance, TimeProvider.System);
        var ended = new ConcurrentQueue<PlaybackEnd>();
        sound.Ended += ended.Enqueue;
        await sound.StartAsync(TestContext.Current.CancellationToken);
        for (var playId = 1; playId <= 2; playId++)
        {
            sound.Play(new Playback(new PlaybackPlan(playId, new Tone(ToneKind.TwoTone, TimeSpan.FromSeconds(60)), null, 1, TimeSpan.Zero, 1, 0), TimeSpan.Zero));
            var wanted = playId;
            await Eventually.HoldsAsync(() => ended.Count == wanted, Patience);
        }
        await sound.StopAsync(TestContext.Current.CancellationToken);
        ended.ShouldBe([new PlaybackEnd(1, Failure.NoAudio), new PlaybackEnd(2, Failure.NoAudio)]);
        await Eventually.HoldsAsync(() => Alive().Count == 0, Patience);
    }

    [Fact]
    public async Task A_player_that_does_not_end_with_its_sound_does_not_keep_the_card_from_the_next()
    {
        var output = Make();
        output.Open();
        await Eventually.HoldsAsync(() => Started().Count == 1, Patience);
        output.Close();
        output.Open();
        await Eventually.HoldsAsync(() => Started().Count == 2 && Alive().Count == 1, Patience);
        output.Close();
    }

    private AlsaOutput Make()
    {
        var player = _folder["player"];
        File.WriteAllText(player, $"#!/bin/sh\necho $$ >>'{_folder["players"]}'\nexec sleep 1000\n");
        File.SetUnixFileMode(player, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new AlsaOutput(player, "default", TimeProvider.System);
    }

    private List<int> Started() => File.Exists(_folder["players"]) ? [.. File.ReadAllLines(_folder["players"]).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    private List<int> Alive() => [.. Started().Where(pid => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal))];
}
