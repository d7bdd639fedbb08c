using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Line;

/// <summary>
/// What the line should carry now, as the board's rectifier and its low-pass would show it: the mean of the samples' size, smoothed as the
/// hardware smooths. The past is kept for as long as an output runs ahead of its loudspeaker.
/// </summary>
internal sealed class OutputMeter(TimeSpan smoothing)
{
    /// <summary>Blocks of 20 ms that are kept: 640 ms, far above any output's lead.</summary>
    private const int BlocksKept = 32;

    private readonly Lock _gate = new();
    private readonly float[] _means = new float[BlocksKept];
    private readonly float _share = 1 - MathF.Exp((float)(-Pcm.Block / smoothing));
    private float _smoothed;
    private int _newest;

    /// <summary>A block was handed to the output. From the sound loop's thread.</summary>
    public void Take(ReadOnlySpan<short> block)
    {
        long sum = 0;
        foreach (var sample in block) sum += Math.Abs((int)sample);
        lock (_gate)
        {
            _smoothed += _share * (((float)sum / block.Length / short.MaxValue) - _smoothed);
            _newest = (_newest + 1) % BlocksKept;
            _means[_newest] = _smoothed;
        }
    }

    /// <summary>Silence from now on: the output is closed.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _smoothed = 0;
            Array.Clear(_means);
        }
    }

    /// <summary>Mean size of what leaves the loudspeaker now, 0 to 1 of full scale.</summary>
    /// <param name="lead">How far ahead the output is written.</param>
    public float Mean(TimeSpan lead)
    {
        var back = Math.Clamp((int)Math.Round(lead / Pcm.Block), 0, BlocksKept - 1);
        lock (_gate) return _means[(_newest - back + BlocksKept) % BlocksKept];
    }
}
