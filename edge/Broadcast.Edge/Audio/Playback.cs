using Broadcast.Device;

namespace Broadcast.Edge.Audio;

/// <summary>What a playback is to do.</summary>
/// <param name="PlayId">The core's name for it.</param>
/// <param name="Tone">Sounds first and at once.</param>
/// <param name="Script">What is said; null for a tone alone.</param>
/// <param name="Repetitions">How often the speech is said.</param>
/// <param name="Pause">Silence between two repetitions.</param>
/// <param name="Gain">0 to 1.</param>
/// <param name="OrderedAt">Timestamp at which the order came in, for the figure of order to tone.</param>
internal sealed record PlaybackPlan(int PlayId, Tone Tone, Script? Script, int Repetitions, TimeSpan Pause, float Gain, long OrderedAt);

/// <summary>
/// One playback as a machine that gives samples: tone, then speech × repetitions with pauses. It knows no clock; it waits for
/// a slow synthesizer in samples of silence, and gives up after as many as <c>patience</c>.
/// </summary>
internal sealed class Playback(PlaybackPlan plan, TimeSpan patience)
{
    // What is interrupted fades this long: no click, and far inside the 200 ms of a cancel.
    private static readonly long FadeSamples = Pcm.SamplesIn(TimeSpan.FromMilliseconds(60));

    private readonly short[] _block = new short[Pcm.BlockSamples];
    private readonly long _patienceSamples = Pcm.SamplesIn(patience);
    private long _tonePlayed;
    private IReadOnlyList<Speech>? _parts;
    private int _part;
    private int _spoken;
    private int _said;
    private long _pauseLeft;
    private long _waited;
    private long _fadeLeft = -1;

    public PlaybackPlan Plan { get; } = plan;

    public bool IsOver { get; private set; }

    public bool IsFading => _fadeLeft >= 0;

    public Failure Failure { get; private set; }

    /// <summary>Silence between the last sample of the tone and the first of the speech.</summary>
    public TimeSpan GapAfterTone => Pcm.Time(_waitedAtFirst);

    private long _waitedAtFirst;

    /// <summary>Begins to fade; what comes after it is silence, and it is over.</summary>
    public void FadeOut()
    {
        if (_fadeLeft < 0) _fadeLeft = FadeSamples;
    }

    /// <summary>Adds its next samples to the block.</summary>
    public void MixInto(Span<float> block)
    {
        for (var done = 0; done < block.Length && !IsOver;)
            done += Fill(block[done..]);
    }

    private int Fill(Span<float> rest)
    {
        if (_tonePlayed < Plan.Tone.Samples) return FillTone(rest);
        if (Plan.Script is null || _said >= Plan.Repetitions) return End(Failure.None);
        if (_pauseLeft > 0) return FillPause(rest);
        _parts ??= Plan.Script.Next(Pcm.Time(_waited));
        return _parts is null ? Wait(rest.Length) : FillSpeech(rest, _parts[_part]);
    }

    private int FillTone(Span<float> rest)
    {
        var count = (int)Math.Min(rest.Length, Plan.Tone.Samples - _tonePlayed);
        for (var i = 0; i < count; i++) Put(ref rest[i], Plan.Tone.At(_tonePlayed++));
        return count;
    }

    private int FillPause(Span<float> rest)
    {
        var count = (int)Math.Min(rest.Length, _pauseLeft);
        _pauseLeft -= count;
        return PassFade(count);
    }

    private int FillSpeech(Span<float> rest, Speech speech)
    {
        var (there, state) = speech.Look();
        if (_spoken < there)
        {
            if (_said == 0 && _part == 0 && _spoken == 0) _waitedAtFirst = _waited;
            _waited = 0;
            var count = speech.Read(_spoken, _block.AsSpan(0, Math.Min(rest.Length, _block.Length)));
            for (var i = 0; i < count; i++) Put(ref rest[i], _block[i] / 32768f);
            _spoken += count;
            return count;
        }

        if (state == SpeechState.Failed) return End(Failure.NoSpeech);
        return state == SpeechState.Complete ? NextPart() : Wait(rest.Length);
    }

    private int NextPart()
    {
        _spoken = 0;
        if (++_part < _parts!.Count) return 0;
        _part = 0;
        _parts = null;
        _said++;
        if (_said < Plan.Repetitions) _pauseLeft = Pcm.SamplesIn(Plan.Pause);
        return 0;
    }

    private int Wait(int samples)
    {
        _waited += samples;
        if (_waited > _patienceSamples) return End(Failure.NoSpeech);
        return PassFade(samples);
    }

    private int End(Failure failure)
    {
        Failure = failure;
        IsOver = true;
        return 0;
    }

    private void Put(ref float into, float value)
    {
        var gain = Plan.Gain;
        if (_fadeLeft >= 0)
        {
            gain *= (float)_fadeLeft / FadeSamples;
            if (_fadeLeft > 0) _fadeLeft--;
            else IsOver = true;
        }
        into += value * gain;
    }

    private int PassFade(int samples)
    {
        if (_fadeLeft < 0) return samples;
        _fadeLeft = Math.Max(0, _fadeLeft - samples);
        if (_fadeLeft == 0) IsOver = true;
        return samples;
    }
}
