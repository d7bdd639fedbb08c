using System.Device.I2c;
using Broadcast.Edge.Hardware;
using Iot.Device.Ads1115;

namespace Broadcast.Edge.Sensors;

/// <summary>The board's ADS1115: millivolts of one input at a time. Opened at the first reading, and anew after one that failed.</summary>
internal sealed class Converter(BoardAdc board, Func<I2cConnectionSettings, I2cDevice> open) : IDisposable
{
    // ±4.096 V over 15 bits: 125 µV a count (SBAS444, table 3).
    private const double MicrovoltsACount = 125;

    private readonly Lock _gate = new();
    private volatile bool _isSilent;
    private I2cDevice? _bus;
    private Ads1115? _chip;

    /// <summary>Whether it did not answer when it was asked last. Any thread.</summary>
    public bool IsSilent => _isSilent;

    /// <exception cref="IOException">The chip does not answer.</exception>
    public int Microvolts(int input)
    {
        lock (_gate)
        {
            try
            {
                _chip ??= Open();
                var microvolts = (int)(_chip.ReadRaw(InputMultiplexer.AIN0 + input) * MicrovoltsACount);
                _isSilent = false;
                return microvolts;
            }
            catch (Exception silent) when (silent is IOException or TimeoutException or PlatformNotSupportedException or UnauthorizedAccessException)
            {
                LetGo();
                _isSilent = true;
                throw new IOException($"The ADS1115 at address {board.Address} of I2C bus {board.Bus}: {silent.Message}", silent);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate) LetGo();
    }

    private Ads1115 Open()
    {
        _bus = open(new I2cConnectionSettings(board.Bus, board.Address));
        return new Ads1115(_bus, InputMultiplexer.AIN0, MeasuringRange.FS4096, DataRate.SPS128, DeviceMode.PowerDown);
    }

    /// <summary>Closes the bus and not the binding: that one talks to the chip first, and throws where it does not answer, with the bus still open.</summary>
    private void LetGo()
    {
        _bus?.Dispose();
        (_bus, _chip) = (null, null);
    }
}
