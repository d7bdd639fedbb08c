namespace System.Device.I2c;

public sealed class I2cConnectionSettings(int busId, int deviceAddress) : IEquatable<I2cConnectionSettings>
{
    public int BusId { get; } = busId;

    public int DeviceAddress { get; } = deviceAddress;

    public bool Equals(I2cConnectionSettings? other) => other is not null && BusId == other.BusId && DeviceAddress == other.DeviceAddress;

    public override bool Equals(object? obj) => Equals(obj as I2cConnectionSettings);

    public override int GetHashCode() => HashCode.Combine(BusId, DeviceAddress);
}

/// <summary>One device on a bus. Here only those that somebody brings along: the stand-in itself reaches no physical bus.</summary>
public abstract class I2cDevice : IDisposable
{
    public abstract I2cConnectionSettings ConnectionSettings { get; }

    /// <exception cref="PlatformNotSupportedException">Always: there is no physical bus behind the stand-in.</exception>
    public static I2cDevice Create(I2cConnectionSettings settings) => throw new PlatformNotSupportedException(
        $"I2C bus {settings.BusId} needs the package System.Device.Gpio: build with -p:DevicePackages=real where the feed holds it.");

    public virtual byte ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        Read(one);
        return one[0];
    }

    public abstract void Read(Span<byte> buffer);

    public virtual void WriteByte(byte value) => Write([value]);

    public abstract void Write(ReadOnlySpan<byte> buffer);

    public abstract void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
