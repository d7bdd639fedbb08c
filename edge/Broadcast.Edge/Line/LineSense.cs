using Broadcast.Edge.Audio;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;

namespace Broadcast.Edge.Line;

/// <summary>The board's two inputs at the amplifier's output: rectified and smoothed voltage over a divider, current by a shunt and its amplifier.</summary>
internal sealed class LineSense(Converter converter, BoardLoudspeaker board)
{
    /// <summary>Mean of a rectified sine, of its peak.</summary>
    public const double MeanOfPeak = 2 / Math.PI;

    public BoardLoudspeaker Board => board;

    /// <summary>Rectified mean at the output at digital full scale, millivolts, where the samples' mean is 1.</summary>
    public double FullMillivolts => board.FullScaleMillivolts;

    /// <summary>Rectified mean that the pilot makes.</summary>
    public double PilotMillivolts => board.FullScaleMillivolts * Pilot.Peak * MeanOfPeak;

    /// <exception cref="IOException">The converter does not answer.</exception>
    public LineReading Read() => new(
        converter.Microvolts(board.VoltageInput) / 1_000.0 * (board.UpperOhms + board.LowerOhms) / board.LowerOhms,
        converter.Microvolts(board.CurrentInput) / (double)board.ShuntMilliohms / board.Gain);
}

/// <summary>
/// The tone by which the line is measured: 25 Hz, -30 dBFS. Building practice is a pilot above hearing (20 kHz and more) or below; these
/// samples end at 11 kHz. At 25 Hz hearing begins at 69 dB (ISO 226). A horn that makes 105 dB from a watt at 1 m, gets 30 mW of it, and
/// cuts off at 300 Hz with 12 dB an octave makes less than 50 dB there, at its mouth.
/// </summary>
internal static class Pilot
{
    public const int Hertz = 25;

    /// <summary>Of full scale: -30 dB.</summary>
    public const float Peak = 0.0316f;

    /// <summary>Its name in the sound loop: no playback of the core's.</summary>
    public const int PlayId = -2;

    /// <summary>Until the rectifier has settled after its slow beginning: 250 ms of that, and five times 100 ms of smoothing.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(800);

    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(2_000);

    public static Playback Make(long now) => new(new PlaybackPlan(PlayId, Tone.Pilot(Length), null, 1, TimeSpan.Zero, 1, now), TimeSpan.Zero);
}
