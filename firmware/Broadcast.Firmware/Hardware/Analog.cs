using System.Device.Adc;

namespace Broadcast.Firmware.Hardware;

/// <summary>One channel of the ADC: the median of some samples, because the radio's bursts disturb single ones, as millivolts.</summary>
public sealed class Analog
{
    /// <summary>Samples of one reading.</summary>
    public const int Samples = 9;

    private readonly AdcChannel _channel;
    private readonly int _offsetMicrovolts;
    private readonly int _microvoltsACount;
    private readonly int[] _sorted = new int[Samples];

    /// <summary>Opens a channel.</summary>
    /// <param name="adc">The controller.</param>
    /// <param name="channel">Its channel.</param>
    /// <param name="offsetMicrovolts">Voltage of the value 0, as the board was calibrated.</param>
    /// <param name="microvoltsACount">Voltage of one count.</param>
    public Analog(AdcController adc, int channel, int offsetMicrovolts, int microvoltsACount)
    {
        _channel = adc.OpenChannel(channel);
        _offsetMicrovolts = offsetMicrovolts;
        _microvoltsACount = microvoltsACount;
    }

    /// <summary>Reads the voltage at the pin.</summary>
    public int Millivolts()
    {
        for (int i = 0; i < Samples; i++)
        {
            int value = _channel.ReadValue();
            int at = i;
            for (; at > 0 && _sorted[at - 1] > value; at--)
                _sorted[at] = _sorted[at - 1];
            _sorted[at] = value;
        }

        return (_offsetMicrovolts + (_sorted[Samples / 2] * _microvoltsACount)) / 1_000;
    }
}
