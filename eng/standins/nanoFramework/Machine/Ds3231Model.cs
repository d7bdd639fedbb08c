using System;

namespace nanoFramework.Machine;

/// <summary>A chip on the I2C bus.</summary>
public interface II2cChip
{
    /// <summary>Whether it answers to its address.</summary>
    bool IsThere { get; }

    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>The next byte of a transfer; the first one follows a start condition.</summary>
    byte ReadNext(bool isFirst);
}

/// <summary>
/// A DS3231 at register level: time in BCD at 00h to 06h, latched at each start condition, the oscillator-stop flag in bit 7 of 0Fh. It
/// runs on the true time that the bench gives it, off by what was written into it.
/// </summary>
public sealed class Ds3231Model(Func<long> trueMs) : II2cChip
{
    public const int Address = 0x68;
    private const int Registers = 0x13;
    private const int Status = 0x0F;
    private const byte OscillatorStopped = 0x80;

    private readonly byte[] _registers = new byte[Registers];
    private long _offsetMs;
    private int _at;

    public bool IsThere { get; set; } = true;

    /// <summary>The cell was empty or out, and nobody has set it since.</summary>
    public bool HasStopped
    {
        get => (_registers[Status] & OscillatorStopped) != 0;
        set => _registers[Status] = (byte)(value ? _registers[Status] | OscillatorStopped : _registers[Status] & ~OscillatorStopped);
    }

    /// <summary>Sets of the time over the bus.</summary>
    public int Sets { get; private set; }

    /// <summary>What it shows, in UTC milliseconds, whole seconds.</summary>
    public long ShowsMs
    {
        get => (trueMs() + _offsetMs) / 1_000 * 1_000;
        set => _offsetMs = value - trueMs();
    }

    /// <summary>A register as a broken chip or a disturbed bus gives it; null for what is right.</summary>
    public byte? Garbage { get; set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _at = bytes[0] % Registers;
        var time = false;
        foreach (var b in bytes[1..])
        {
            time |= _at < 7;
            _registers[_at] = b;
            _at = (_at + 1) % Registers;
        }

        if (!time) return;
        Sets++;
        ShowsMs = new DateTimeOffset(2000 + Bcd(6), Bcd(5) & 0x7F, Bcd(4), Bcd(2), Bcd(1), Bcd(0), TimeSpan.Zero).ToUnixTimeMilliseconds();
    }

    public byte ReadNext(bool isFirst)
    {
        if (isFirst) Latch();
        var value = _registers[_at];
        _at = (_at + 1) % Registers;
        return Garbage ?? value;
    }

    private int Bcd(int register) => ((_registers[register] >> 4) * 10) + (_registers[register] & 0x0F);

    private void Latch()
    {
        var shown = DateTimeOffset.FromUnixTimeMilliseconds(ShowsMs);
        int[] parts = [shown.Second, shown.Minute, shown.Hour, (int)shown.DayOfWeek + 1, shown.Day, shown.Month, shown.Year - 2000];
        for (var i = 0; i < parts.Length; i++) _registers[i] = (byte)(((parts[i] / 10) << 4) | (parts[i] % 10));
    }
}
