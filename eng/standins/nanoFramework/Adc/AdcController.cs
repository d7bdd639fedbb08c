using nanoFramework.Machine;

namespace System.Device.Adc;

public enum AdcChannelMode
{
    SingleEnded = 0,
    Differential,
}

/// <summary>ADC1 of an ESP32: eight channels of twelve bits, no reference of its own.</summary>
public class AdcController
{
    private readonly BoardMachine _machine = BoardMachine.Current;

    public int ChannelCount => 8;

    public int MaxValue => 4095;

    public int MinValue => 0;

    public int ResolutionInBits => 12;

    public AdcChannel OpenChannel(int channelNumber) => channelNumber >= 0 && channelNumber < ChannelCount
        ? new AdcChannel(_machine, channelNumber)
        : throw new ArgumentException($"ADC channel {channelNumber} is not there.");
}

public class AdcChannel : IDisposable
{
    private readonly BoardMachine _machine;
    private readonly int _channel;
    private bool _disposed;

    internal AdcChannel(BoardMachine machine, int channel) => (_machine, _channel) = (machine, channel);

    public int ReadValue() => _disposed ? throw new ObjectDisposedException(nameof(AdcChannel)) : _machine.ReadAdc(_channel);

    public double ReadRatio() => ReadValue() / 4095.0;

    public void Dispose() => _disposed = true;
}
