using Broadcast.Edge.Audio;

namespace Broadcast.Edge.Tests.Hardware;

/// <summary>
/// A 60 W amplifier with its loudspeakers and the sensor at its output, sample by sample: what the gateway writes comes out of the amplifier while
/// its relay is closed, and the rectified, smoothed voltage and current stand at AIN3 and AIN2 of the converter, as board.json scales them.
/// The samples go on to a WAV file.
/// </summary>
internal sealed class SimulatedLine(ISoundOutput wav, Bcm2711 chip, Ads1115Chip adc, int amplifierPin) : ISoundOutput
{
    private const double FullScaleVolts = 21.9;
    private const double OutputOhms = 0.05; // Of a class D amplifier with its filter coils.
    private const double DividerRatio = 10.0 / 57.0;
    private const double ShuntOhms = 0.02;
    private const double ShuntGain = 20; // INA240A1 (TI SBOS808): 20 V a volt.
    private const double SmoothingSeconds = 0.1;
    private const int RailMicrovolts = 3_300_000; // The sensor's operational amplifiers run from 3.3 V.

    private static readonly double Share = 1 - Math.Exp(-1.0 / Pcm.SamplesPerSecond / SmoothingSeconds);

    private double _volts;
    private double _amps;

    /// <summary>Of the loudspeakers together; infinite for a wire that is cut.</summary>
    public double LoadOhms { get; set; } = 4.2;

    /// <summary>1 for a good amplifier, 0 for a dead one, in between for a turned knob.</summary>
    public double Gain { get; set; } = 1;

    /// <summary>Samples written since the last time that anything sounded.</summary>
    public long Samples { get; private set; }

    public TimeSpan Lead => wav.Lead;

    public void Open() => wav.Open();

    public void Write(ReadOnlySpan<short> block)
    {
        var gain = chip.Level(amplifierPin) ? Gain * FullScaleVolts / short.MaxValue : 0;
        foreach (var sample in block)
        {
            var inside = Math.Abs(sample * gain);
            var amps = double.IsInfinity(LoadOhms) ? 0 : inside / (LoadOhms + OutputOhms);
            _volts += Share * (inside - (amps * OutputOhms) - _volts);
            _amps += Share * (amps - _amps);
        }
        Samples += block.Length;
        Show();
        wav.Write(block);
    }

    public void Close()
    {
        (_volts, _amps) = (0, 0);
        Show();
        wav.Close();
    }

    private void Show()
    {
        adc.Inputs[3] = (int)Math.Min(_volts * DividerRatio * 1e6, RailMicrovolts);
        adc.Inputs[2] = (int)Math.Min(_amps * ShuntOhms * ShuntGain * 1e6, RailMicrovolts);
    }
}
