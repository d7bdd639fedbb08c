using System.Buffers.Binary;
using System.Device.I2c;

namespace Iot.Device.Ads1115;

/// <summary>
/// TI's ADS1115, 16 bit, four inputs, over its real registers (data sheet SBAS444): conversion at 0, configuration at 1.
/// The comparator and what speaks UnitsNet is not here; nobody of ours uses it.
/// </summary>
public class Ads1115 : IDisposable
{
    private const byte ConversionRegister = 0;
    private const byte ConfigurationRegister = 1;
    private const ushort StartOrReady = 0x8000;
    private const ushort ComparatorOff = 0x0003;

    // The slowest rate takes 125 ms; a read over I2C at 100 kHz about half a millisecond.
    private const int PollsMax = 1_000;

    private readonly I2cDevice _device;
    private InputMultiplexer _input;
    private MeasuringRange _range;
    private DataRate _rate;

    public Ads1115(
        I2cDevice i2cDevice, InputMultiplexer inputMultiplexer = InputMultiplexer.AIN0, MeasuringRange measuringRange = MeasuringRange.FS4096,
        DataRate dataRate = DataRate.SPS128, DeviceMode deviceMode = DeviceMode.Continuous)
    {
        _device = i2cDevice;
        (_input, _range, _rate, DeviceMode) = (inputMultiplexer, measuringRange, dataRate, deviceMode);
        Configure();
    }

    public InputMultiplexer InputMultiplexer => _input;

    public MeasuringRange MeasuringRange => _range;

    public DataRate DataRate => _rate;

    public DeviceMode DeviceMode { get; }

    public short ReadRaw()
    {
        if (DeviceMode == DeviceMode.PowerDown) Configure();
        return unchecked((short)ReadRegister(ConversionRegister));
    }

    public short ReadRaw(InputMultiplexer inputMultiplexer) => ReadRaw(inputMultiplexer, _range, _rate);

    public short ReadRaw(InputMultiplexer inputMultiplexer, MeasuringRange measuringRange, DataRate dataRate)
    {
        if ((inputMultiplexer, measuringRange, dataRate) == (_input, _range, _rate)) return ReadRaw();
        (_input, _range, _rate) = (inputMultiplexer, measuringRange, dataRate);
        Configure();
        return unchecked((short)ReadRegister(ConversionRegister));
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _device.Dispose();
    }

    // One single-shot conversion with the new settings first, so that no value of the old input is ever read as the new one's.
    private void Configure()
    {
        var settings = (ushort)(((int)_input << 12) | ((int)_range << 9) | ((int)_rate << 5) | ComparatorOff);
        WriteRegister(ConfigurationRegister, (ushort)(settings | StartOrReady | ((int)DeviceMode.PowerDown << 8)));
        WaitUntilReady();
        if (DeviceMode == DeviceMode.Continuous) WriteRegister(ConfigurationRegister, settings);
    }

    private void WaitUntilReady()
    {
        for (var polls = 0; polls < PollsMax; polls++)
            if ((ReadRegister(ConfigurationRegister) & StartOrReady) != 0) return;
        throw new TimeoutException("The ADS1115 did not complete a conversion.");
    }

    private ushort ReadRegister(byte register)
    {
        Span<byte> value = stackalloc byte[2];
        _device.WriteRead([register], value);
        return BinaryPrimitives.ReadUInt16BigEndian(value);
    }

    private void WriteRegister(byte register, ushort value) => _device.Write([register, (byte)(value >> 8), (byte)value]);
}
