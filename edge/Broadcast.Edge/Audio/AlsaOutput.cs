using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Broadcast.Edge.Audio;

/// <summary>
/// Plays through ALSA by Debian's <c>aplay</c>, fed with raw samples through a pipe. The pipe alone would hold 1.5 s of sound
/// that no cancel could take back; so the loop writes at the clock's pace, only <see cref="Lead"/> ahead of it.
/// </summary>
internal sealed class AlsaOutput(string player, string device) : ISoundOutput
{
    // aplay begins to play when this much is there, and it must be less than the lead, or it would never begin.
    private const int BufferMicroseconds = 60_000;

    private Process? _player;

    /// <summary>80 ms: with the 60 ms of a fade a cancel is silent after 140 ms, and four blocks are enough for a busy machine.</summary>
    public TimeSpan Lead => TimeSpan.FromMilliseconds(80);

    /// <summary>Whether this machine has a sound card that plays.</summary>
    public static bool HasSoundCard() =>
        Directory.Exists("/dev/snd") && Directory.EnumerateFiles("/dev/snd", "pcm*p").Any();

    public void Open()
    {
        var info = new ProcessStartInfo(player) { RedirectStandardInput = true, UseShellExecute = false };
        string[] arguments =
        [
            "-q", "-D", device, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", Pcm.SamplesPerSecond.ToString(CultureInfo.InvariantCulture),
            "--buffer-time", BufferMicroseconds.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        try
        {
            _player = Process.Start(info) ?? throw new IOException($"{player} did not start");
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
        pipe.Write(MemoryMarshal.AsBytes(block));
        pipe.Flush();
    }

    public void Close()
    {
        if (_player is null) return;
        try
        {
            // It plays what it has, some 60 ms of the silent tail, and ends by itself.
            _player.StandardInput.Close();
        }
        catch (IOException)
        {
            if (!_player.HasExited) _player.Kill(); // The pipe was broken already: nothing is lost that could still be heard.
        }
        _player.Dispose();
        _player = null;
    }
}
