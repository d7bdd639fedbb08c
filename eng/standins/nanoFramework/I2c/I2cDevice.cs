using nanoFramework.Hardware.Esp32;
using nanoFramework.Machine;

namespace System.Device.I2c;

public enum I2cBusSpeed
{
    StandardMode,
    FastMode,
    FastModePlus,
}

public enum I2cTransferStatus
{
    UnknownError,
    FullTransfer,
    ClockStretchTimeout,
    PartialTransfer,
    SlaveAddressNotAcknowledged,
}

public struct I2cTransferResult
{
    private readonly uint _bytesTransferred;
    private readonly I2cTransferStatus _status;

    internal I2cTransferResult(int bytes, I2cTransferStatus status) => (_bytesTransferred, _status) = ((uint)bytes, status);

    public uint BytesTransferred => _bytesTransferred;

    public I2cTransferStatus Status => _status;
}

public sealed class I2cConnectionSettings
{
    public I2cConnectionSettings(int busId, int deviceAddress)
        : this(busId, deviceAddress, I2cBusSpeed.FastMode)
    {
    }

    public I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed) => (BusId, DeviceAddress, BusSpeed) = (busId, deviceAddress, busSpeed);

    public int BusId { get; }

    public int DeviceAddress { get; }

    public I2cBusSpeed BusSpeed { get; }
}

/// <summary>A chip on the machine's bus; what nobody answers to is not acknowledged. The bus's pins must have been given their function.</summary>
public class I2cDevice : IDisposable
{
    private readonly BoardMachine _machine = BoardMachine.Current;
    private bool _disposed;

    public I2cDevice(I2cConnectionSettings settings)
    {
        ConnectionSettings = settings;
        if (!_machine.Functions.ContainsKey(DeviceFunction.I2C1_DATA) || !_machine.Functions.ContainsKey(DeviceFunction.I2C1_CLOCK) || settings.BusId != 1)
            throw new ArgumentException($"I2C bus {settings.BusId} has no pins.");
    }

    public I2cConnectionSettings ConnectionSettings { get; }

    public static I2cDevice Create(I2cConnectionSettings settings) => new(settings);

    public byte ReadByte()
    {
        var one = new byte[1];
        Transmit(default, one);
        return one[0];
    }

    public I2cTransferResult Read(SpanByte buffer) => Transmit(default, buffer);

    public I2cTransferResult WriteByte(byte value) => Transmit(new[] { value }, default);

    public I2cTransferResult Write(SpanByte buffer) => Transmit(buffer, default);

    public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer) => Transmit(writeBuffer, readBuffer);

    public void Dispose()
    {
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    private I2cTransferResult Transmit(SpanByte written, SpanByte read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_machine.I2c(ConnectionSettings.DeviceAddress) is not { IsThere: true } chip) return new I2cTransferResult(0, I2cTransferStatus.SlaveAddressNotAcknowledged);
        if (!written.IsEmpty) chip.Write(written.ToArray());
        for (var i = 0; i < read.Length; i++) read[i] = chip.ReadNext(isFirst: i == 0);
        return new I2cTransferResult(written.Length + read.Length, I2cTransferStatus.FullTransfer);
    }
}
