using Broadcast.Device;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Audio;

/// <summary>A playback that went to its end, or failed.</summary>
internal readonly record struct PlaybackEnd(int PlayId, Failure Failure);

/// <summary>
/// The one place that makes sound: mixes blocks of 20 ms at the clock's pace while anything sounds, and 2 s longer, so that the
/// amplifier and the output are not switched between repetitions or from one warning to the next. On a thread of its own:
/// nothing that the pool does may make a warning stutter.
/// </summary>
internal sealed partial class SoundLoop(ISoundOutput output, ILogger<SoundLoop> logger, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan Tail = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A machine that stood still for longer does not make up for it: in the player's pipe that would be sound that no cancel takes back, and its end would be told
    /// before it was heard. Far above a timer's jitter.
    /// </summary>
    private static readonly TimeSpan LateMax = TimeSpan.FromMilliseconds(250);

    /// <summary>What may sound at once: one warning and the fading ends of those it interrupted.</summary>
    private const int PlaybacksMax = 8;

    private readonly Lock _gate = new();
    private readonly List<Playback> _asked = [];
    private readonly List<int> _stopped = [];
    private readonly List<TaskCompletionSource> _questions = [];
    private readonly List<Playback> _playing = [];
    private readonly List<(PlaybackEnd End, long AtSample)> _ending = [];
    private readonly short[] _block = new short[Pcm.BlockSamples];
    private readonly Mixer _mixer = new();
    private readonly AutoResetEvent _wake = new(false);
    private Thread? _thread;
    private volatile bool _stopping;
    private bool _isOpen;
    private bool _wasHeard;

    /// <summary>Told when a playback has ended by itself, after its last sound; from the loop's thread.</summary>
    public event Action<PlaybackEnd>? Ended;

    /// <summary>Told when sound begins (true) and when the tail is over (false): the amplifier's relay hangs on it. From the loop's thread.</summary>
    public event Action<bool>? Sounding;

    /// <summary>Told when the first sample of a playback was handed to the output: play id, and the time since its order came in.</summary>
    public event Action<int, TimeSpan>? Began;

    /// <summary>Told every block that was handed to the output. On the loop's thread: it must be short.</summary>
    public delegate void BlockWritten(ReadOnlySpan<short> block);

    /// <summary>Set by who measures what was played.</summary>
    public BlockWritten? Wrote { get; set; }

    /// <summary>Whether the last stretch of sound could not be played.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Begins to sound with the next block; any thread.</summary>
    public void Play(Playback playback)
    {
        lock (_gate) _asked.Add(playback);
        _wake.Set();
    }

    /// <summary>Fades a playback out; any thread. It does not report an end.</summary>
    public void Stop(int playId)
    {
        lock (_gate) _stopped.Add(playId);
        _wake.Set();
    }

    /// <summary>Done when the loop has turned once more.</summary>
    public Task AnswerAsync()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _questions.Add(answer);
        _wake.Set();
        return answer.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "sound", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _wake.Set();
        return Task.Run(() => _thread?.Join(TimeSpan.FromSeconds(1)), CancellationToken.None);
    }

    public void Dispose() => _wake.Dispose();

    // The first warning must not wait for the compiler: everything of a block is run once, unheard.
    private void WarmUp()
    {
        var plan = new PlaybackPlan(0, new Tone(ToneKind.TwoTone, TimeSpan.FromMilliseconds(50)), null, 1, TimeSpan.Zero, 1, 0);
        var playback = new Playback(plan, TimeSpan.Zero);
        while (!playback.IsOver) _mixer.Mix([playback], _block);
    }

    private void Run()
    {
        WarmUp();
        while (!_stopping)
        {
            _wake.WaitOne();
            if (Take()) SoundUntilSilent();
        }
    }

    private void SoundUntilSilent()
    {
        try
        {
            Sounding?.Invoke(true);
            output.Open();
            _isOpen = true;
            Pace();
            HasFailed = false;
        }
        catch (IOException broken)
        {
            HasFailed = true;
            LogBroken(broken.Message);
            FailAll();
        }
        finally
        {
            if (_isOpen) output.Close();
            _isOpen = false;
            if (_wasHeard) LogSilent();
            _wasHeard = false;
            Sounding?.Invoke(false);
        }
    }

    // The clock says how many samples are due; what is due is written, block by block, and the loop sleeps until the next.
    private void Pace()
    {
        var start = time.GetTimestamp();
        var silentSince = TimeSpan.Zero;
        long written = 0;
        while (!_stopping)
        {
            Take();
            var late = time.GetElapsedTime(start) - Pcm.Time(written);
            if (late > LateMax) start += (long)(late.TotalSeconds * time.TimestampFrequency);
            _mixer.Mix(_playing, _block);
            output.Write(_block);
            Wrote?.Invoke(_block);
            written += _block.Length;
            Settle(written, start);
            if (_playing.Count > 0 || _ending.Count > 0) silentSince = Pcm.Time(written);
            else if (Pcm.Time(written) - silentSince > Tail) return;
            var ahead = Pcm.Time(written) - output.Lead - time.GetElapsedTime(start);
            if (ahead > TimeSpan.Zero) _wake.WaitOne(ahead);
            while (!_stopping && Pcm.Time(written) - output.Lead - Pcm.Block > time.GetElapsedTime(start)) _wake.WaitOne(1);
        }
    }

    /// <summary>Takes over what was asked; true when anything sounds.</summary>
    private bool Take()
    {
        lock (_gate)
        {
            _playing.AddRange(_asked);
            _asked.Clear();
            foreach (var playId in _stopped)
                foreach (var playback in _playing)
                    if (playback.Plan.PlayId == playId) playback.FadeOut();
            _stopped.Clear();
            foreach (var question in _questions) question.SetResult();
            _questions.Clear();
        }
        if (_playing.Count > PlaybacksMax) _playing.RemoveRange(0, _playing.Count - PlaybacksMax);
        return _playing.Count > 0;
    }

    private readonly HashSet<int> _begun = [];

    private void Settle(long written, long start)
    {
        foreach (var playback in _playing)
        {
            // A pilot once a minute is no news for a journal.
            _wasHeard |= playback.Plan.PlayId != Line.Pilot.PlayId;
            if (_begun.Add(playback.Plan.PlayId)) Began?.Invoke(playback.Plan.PlayId, time.GetElapsedTime(playback.Plan.OrderedAt));
        }
        for (var i = _playing.Count - 1; i >= 0; i--)
        {
            var playback = _playing[i];
            if (!playback.IsOver) continue;
            _playing.RemoveAt(i);
            _begun.Remove(playback.Plan.PlayId);
            if (!playback.IsFading) _ending.Add((new PlaybackEnd(playback.Plan.PlayId, playback.Failure), written));
        }

        var heard = Pcm.SamplesIn(time.GetElapsedTime(start));
        for (var i = _ending.Count - 1; i >= 0; i--)
        {
            if (_ending[i].AtSample > heard) continue;
            Ended?.Invoke(_ending[i].End);
            _ending.RemoveAt(i);
        }
    }

    private void FailAll()
    {
        Take();
        foreach (var playback in _playing)
            if (!playback.IsFading) Ended?.Invoke(new PlaybackEnd(playback.Plan.PlayId, Failure.NoAudio));
        foreach (var (end, _) in _ending) Ended?.Invoke(end);
        _playing.Clear();
        _ending.Clear();
        _begun.Clear();
    }

    [LoggerMessage(1, LogLevel.Error, "No sound: {Why}")]
    private partial void LogBroken(string why);

    [LoggerMessage(2, LogLevel.Information, "silent again")]
    private partial void LogSilent();
}
