using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Broadcast.Edge.Audio;

/// <summary>
/// Plays through ALSA by Debian's <c>aplay</c>, fed with raw samples through a pipe. The pipe alone would hold 1.5 s of sound
/// that no cancel could take back; so the loop writes at the clock's pace, only <see cref="Lead"/> ahead of it.
/// </summary>
internal sealed class AlsaOutput(string player, string device, TimeProvider time) : ISoundOutput
{
    // aplay begins to play when this much is there, and it must be less than the lead, or it would never begin.
    private const int BufferMicroseconds = 60_000;

    /// <summary>A player takes a block every 20 ms. One that takes none for so long hangs with its sound card, and would hold every warning after this one up.</summary>
    private static readonly TimeSpan StallMax = TimeSpan.FromSeconds(2);

    /// <summary>How long the next one waits for a player that was ended to let go of the sound card.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromMilliseconds(500);

    private Process? _player;
    private Process? _before;
    private ITimer? _stall;

    /// <summary>80 ms: with the 60 ms of a fade a cancel is silent after 140 ms, and four blocks are enough for a busy machine.</summary>
    public TimeSpan Lead => TimeSpan.FromMilliseconds(80);

    /// <summary>Whether this machine has a sound card that plays.</summary>
    public static bool HasSoundCard() =>
        Directory.Exists("/dev/snd") && Directory.EnumerateFiles("/dev/snd", "pcm*p").Any();

    public void Open()
    {
        EndBefore();
        var info = new ProcessStartInfo(player) { RedirectStandardInput = true, UseShellExecute = false };
        string[] arguments =
        [
            "-q", "-D", device, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", Pcm.SamplesPerSecond.ToString(CultureInfo.InvariantCulture),
            "--buffer-time", BufferMicroseconds.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        try
        {
            var started = Process.Start(info) ?? throw new IOException($"{player} did not start");
            (_player, _stall) = (started, time.CreateTimer(_ => Kill(started), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        }
        catch (Win32Exception missing)
        {
            throw new IOException($"{player} cannot be started: {missing.Message}", missing);
        }
    }

    public void Write(ReadOnlySpan<short> block)
    {
        if (_player is null || _player.HasExited) throw new IOException($"{player} ended: no sound card {device}?");
        var pipe = _player.StandardInput.BaseStream;
        _stall!.Change(StallMax, Timeout.InfiniteTimeSpan);
        pipe.Write(MemoryMarshal.AsBytes(block)); // The pipe breaks when the player is ended.
        pipe.Flush();
        _stall.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Close()
    {
        if (_player is null) return;
        _stall?.Dispose();
        try
        {
            // It plays what it has, some 60 ms of the silent tail, and ends by itself.
            _player.StandardInput.Close();
        }
        catch (IOException)
        {
            Kill(_player); // The pipe was broken already: nothing is lost that could still be heard.
        }
        (_before, _player) = (_player, null);
    }

    // One that does not end by itself would keep the sound card from the next.
    private void EndBefore()
    {
        if (_before is null) return;
        Kill(_before);
        _before.WaitForExit(EndMax);
        _before.Dispose();
        _before = null;
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill();
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            return; // It ended between the question and the kill.
        }
    }
}
