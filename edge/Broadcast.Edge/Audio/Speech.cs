namespace Broadcast.Edge.Audio;

/// <summary>How the making of a speech stands.</summary>
internal enum SpeechState
{
    /// <summary>More samples may come.</summary>
    Growing = 0,
    /// <summary>All samples are here.</summary>
    Complete,
    /// <summary>It came to nothing, or broke off: <see cref="Speech.Fault"/> says why.</summary>
    Failed,
}

/// <summary>
/// The samples of one text, written by a synthesizer while a playback already reads them, and kept for the repetitions.
/// One writer, one reader, any threads.
/// </summary>
internal sealed class Speech
{
    /// <summary>Ten minutes, 26 MB: five times what the longest text of an order takes at the slowest rate in use.</summary>
    public static readonly int SamplesMax = (int)Pcm.SamplesIn(TimeSpan.FromMinutes(10));

    // Below -60 dBFS a loudspeaker in the open says nothing; what a synthesizer adds of it at its ends is cut off.
    private const short Quiet = 33;

    private readonly Lock _gate = new();
    private short[] _samples = [];
    private int _count;
    private bool _begun;
    private int _read;

    public SpeechState State { get; private set; }

    public string Fault { get; private set; } = "";

    /// <summary>Samples that are there; with <see cref="State"/>, one consistent view.</summary>
    public (int Count, SpeechState State) Look()
    {
        lock (_gate) return (_count, State);
    }

    /// <summary>How much of it is there and has not been read yet.</summary>
    public TimeSpan Ahead
    {
        get
        {
            lock (_gate) return Pcm.Time(_count - _read);
        }
    }

    /// <summary>Copies what is there from <paramref name="at"/> on, up to the span's length, and gives how many.</summary>
    public int Read(int at, Span<short> into)
    {
        lock (_gate)
        {
            var count = Math.Clamp(_count - at, 0, into.Length);
            _samples.AsSpan(at, count).CopyTo(into);
            _read = Math.Max(_read, at + count);
            return count;
        }
    }

    /// <summary>Adds samples; false when there is no more room, and the speech is over.</summary>
    public bool Add(ReadOnlySpan<short> samples)
    {
        lock (_gate)
        {
            if (!_begun)
            {
                var start = samples.IndexOfAnyExceptInRange((short)-Quiet, Quiet);
                if (start < 0) return true;
                samples = samples[start..];
                _begun = true;
            }
            if (_count + samples.Length > SamplesMax) return false;
            if (_count + samples.Length > _samples.Length)
                Array.Resize(ref _samples, Math.Min(SamplesMax, Math.Max(Math.Max(_samples.Length * 2, Pcm.SamplesPerSecond), _count + samples.Length)));
            samples.CopyTo(_samples.AsSpan(_count));
            _count += samples.Length;
            return true;
        }
    }

    /// <summary>All of it at once: a recording. Nothing is cut off, and the array is not copied.</summary>
    public void Give(short[] samples)
    {
        lock (_gate)
        {
            if (State != SpeechState.Growing) return;
            _samples = samples;
            _count = samples.Length;
            State = SpeechState.Complete;
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            if (State != SpeechState.Growing) return;
            _count = _samples.AsSpan(0, _count).LastIndexOfAnyExceptInRange((short)-Quiet, Quiet) + 1;
            State = SpeechState.Complete;
        }
    }

    public void Fail(string fault)
    {
        lock (_gate)
        {
            if (State != SpeechState.Growing) return;
            Fault = fault;
            State = SpeechState.Failed;
        }
    }
}
