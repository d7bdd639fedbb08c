using Broadcast.Device;

namespace Broadcast.Edge.Line;

/// <summary>
/// Whether a playback was audible, from many looks at the line while it sounded: a look counts where something was to be heard, and it was
/// heard where current flowed as the samples ask for. A pure rule; nothing is inferred from what was not looked at (R6).
/// </summary>
internal sealed class SoundTally
{
    /// <summary>-40 dB of full scale: quieter is the pause between two words, where nothing is to be heard.</summary>
    public const double HeardFrom = 0.01;

    /// <summary>
    /// Share of the current that the nominal impedance would take: -12 dB, because a horn's impedance rises to three or four times its nominal
    /// one at its resonance. A loudspeaker that is gone, or an amplifier that is muted, is far below.
    /// </summary>
    private const double CurrentShareMin = 0.25;

    /// <summary>Half a second of sound at ten looks a second: less proves nothing.</summary>
    private const int LooksMin = 5;

    private int _heard;
    private int _driven;
    private int _failed;

    /// <summary>Looks at which something was to be heard.</summary>
    public int Looks { get; private set; }

    /// <summary>Share of them, in percent, in which it was.</summary>
    public int Percent => Looks == 0 ? 0 : 100 * _heard / Looks;

    /// <summary>One look.</summary>
    /// <param name="mean">What leaves the loudspeaker now, 0 to 1 (<see cref="OutputMeter"/>).</param>
    /// <param name="reading">The line; null where the converter did not answer.</param>
    /// <param name="fullMillivolts">Rectified mean at full scale.</param>
    /// <param name="nominalMilliohms">The line as it was at commissioning; 0 where it was never learned, and nothing can be measured against it.</param>
    public void Look(double mean, LineReading? reading, double fullMillivolts, int nominalMilliohms)
    {
        if (mean < HeardFrom) return;
        Looks++;
        if (reading is not { } line || nominalMilliohms == 0)
        {
            _failed++;
            return;
        }
        var millivolts = mean * fullMillivolts;
        if (line.Millivolts >= millivolts * CurrentShareMin) _driven++;
        if (line.Milliamps >= 1_000.0 * millivolts / nominalMilliohms * CurrentShareMin) _heard++;
    }

    /// <summary>What is told with Played. Where the converter was silent for a fifth of it, nothing was measured.</summary>
    public SoundCheck Check => Looks < LooksMin || 100 * _failed > (100 - Limits.AudiblePercentMin) * Looks ? SoundCheck.NotMeasured
        : Percent >= Limits.AudiblePercentMin ? SoundCheck.AmplifierDriven : SoundCheck.AmplifierSilent;

    /// <summary>The fault that a silent playback shows: voltage without current is an open line, no voltage a dead amplifier.</summary>
    public FaultFlags Fault => Check != SoundCheck.AmplifierSilent ? FaultFlags.None
        : 100 * _driven >= Limits.AudiblePercentMin * Looks ? FaultFlags.LineOpen : FaultFlags.Amplifier;
}
