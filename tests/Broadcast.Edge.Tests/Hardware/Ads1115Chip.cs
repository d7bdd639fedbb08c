using System.Device.I2c;

namespace Broadcast.Edge.Tests.Hardware;

/// <summary>
/// An ADS1115 at register level (TI SBAS444): pointer, conversion, configuration and threshold registers; a conversion takes a few polls, and
/// its result is what the test puts on the inputs, in the range that the configuration selects.
/// </summary>
internal sealed class Ads1115Chip : I2cDevice
{
    private const int PollsABusyConversion = 2;

    // Full scale in microvolts by the PGA bits (table 8-3).
    private static readonly int[] FullScale = [6_144_000, 4_096_000, 2_048_000, 1_024_000, 512_000, 256_000, 256_000, 256_000];

    private readonly ushort[] _thresholds = [0x8000, 0x7FFF]; // Lo_thresh and Hi_thresh, reset values.
    private ushort _configuration = 0x8583; // Reset value.
    private short _conversion;
    private byte _pointer;
    private int _busy;

    public override I2cConnectionSettings ConnectionSettings { get; } = new(1, 0x48);

    /// <summary>Microvolts at AIN0 to AIN3.</summary>
    public int[] Inputs { get; } = new int[4];

    /// <summary>A chip that has lost its power does not acknowledge its address.</summary>
    public bool IsGone { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Check();
        _pointer = buffer[0];
        if (buffer.Length < 3) return;
        var value = (ushort)(buffer[1] << 8 | buffer[2]);
        _pointer.ShouldBeInRange((byte)1, (byte)3, "the conversion register is read-only");
        if (_pointer > 1)
        {
            _thresholds[_pointer - 2] = value; // The package turns the comparator's pin off, which this board does not wire.
            return;
        }
        _configuration = value;
        if ((_configuration & 0x8000) == 0 && (_configuration & 0x0100) != 0) return;
        Convert();
        _busy = PollsABusyConversion;
    }

    public override void Read(Span<byte> buffer)
    {
        Check();
        var value = _pointer switch { 0 => (ushort)_conversion, 1 => Status(), _ => _thresholds[_pointer - 2] };
        buffer[0] = (byte)(value >> 8);
        buffer[1] = (byte)value;
    }

    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        Write(writeBuffer);
        Read(readBuffer);
    }

    private ushort Status() => _busy-- > 0 ? (ushort)(_configuration & 0x7FFF) : (ushort)(_configuration | 0x8000);

    private void Convert()
    {
        var input = (_configuration >> 12 & 7) - 4;
        input.ShouldBeInRange(0, 3, "single-ended inputs only");
        var counts = (long)Inputs[input] * 32_768 / FullScale[_configuration >> 9 & 7];
        _conversion = (short)Math.Clamp(counts, short.MinValue, short.MaxValue);
    }

    private void Check()
    {
        if (IsGone) throw new IOException("Error 121 performing I2C data transfer."); // EREMOTEIO: no acknowledge.
    }
}
