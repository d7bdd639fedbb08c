using System;
using System.Device.I2c;
using nanoFramework.Hardware.Esp32;

namespace Broadcast.Firmware.Hardware;

/// <summary>
/// The battery-backed clock, a DS3231 (data sheet 19-5170): seven BCD registers from 00h on, UTC, and in 0Fh the flag that the oscillator
/// has stood still. It is a hint and no authority: the core takes it when it is not behind its time floor, and the first welcome
/// corrects it. Without it the board waits for the cloud before it plays a programme.
/// </summary>
public sealed class RealTimeClock
{
    /// <summary>A clock that is off by more is set again, in milliseconds: reading whole seconds costs one, the bus some of another.</summary>
    public const long ErrorMsMax = 2_000;

    /// <summary>Time between two looks at it while the cloud tells the time, in milliseconds. A DS3231 drifts by 7 ms in an hour.</summary>
    public const long LookMs = 3_600_000;

    private const int Bus = 1;
    private const byte StatusRegister = 0x0F;
    private const byte OscillatorStopped = 0x80;
    private const long DayMs = 86_400_000;
    private const long Year2000Ms = 946_684_800_000;
    private const int DaysTo2000 = 730_425;

    private readonly I2cDevice? _chip;
    private long _lookDueMs;

    /// <summary>Opens it; nothing is asked of it yet. A bus that cannot be opened is a clock that does not answer.</summary>
    public RealTimeClock()
    {
        try
        {
            Configuration.SetPinFunction(Board.I2cDataPin, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(Board.I2cClockPin, DeviceFunction.I2C1_CLOCK);
            _chip = new I2cDevice(new I2cConnectionSettings(Bus, Board.ClockAddress, I2cBusSpeed.StandardMode));
        }
        catch (Exception)
        {
            // Told as a fault of the clock; the board does without.
            _chip = null;
        }
    }

    /// <summary>Whether it did not answer, had stopped, or showed what is no time, when it was looked at last.</summary>
    public bool IsFaulty { get; private set; }

    /// <summary>UTC milliseconds; 0 when it does not know.</summary>
    public long Read()
    {
        byte[] time = new byte[7];
        byte[] status = new byte[1];
        // Of 00h to 06h in one transfer: the chip latches them together.
        IsFaulty = !Take(StatusRegister, status) || (status[0] & OscillatorStopped) != 0 || !Take(0, time);
        long wallMs = IsFaulty ? 0 : Decode(time);
        IsFaulty = wallMs == 0;
        return wallMs;
    }

    /// <summary>The cloud told the time: sets the clock when it is off, and looks no more than once an hour.</summary>
    public void Keep(long wallMs, long nowMs)
    {
        if (nowMs < _lookDueMs)
            return;
        _lookDueMs = nowMs + LookMs;
        long off = Read() - wallMs;
        if (IsFaulty || off > ErrorMsMax || off < -ErrorMsMax)
            Set(wallMs);
    }

    /// <summary>Sets it, and says that it goes. False when it does not answer.</summary>
    public bool Set(long wallMs)
    {
        byte[] time = new byte[8];
        Encode(wallMs, time);
        bool taken = Transfer(time, null) && Transfer(new byte[] { StatusRegister, 0 }, null);
        IsFaulty = !taken;
        return taken;
    }

    private bool Take(byte register, byte[] into) => Transfer(new byte[] { register }, into);

    private bool Transfer(byte[] written, byte[]? read)
    {
        if (_chip == null)
            return false;
        try
        {
            I2cTransferResult result = read == null ? _chip.Write(written) : _chip.WriteRead(written, read);
            return result.Status == I2cTransferStatus.FullTransfer;
        }
        catch (Exception)
        {
            // A driver that throws is a clock that does not answer; no order waits for it.
            return false;
        }
    }

    // 0 for what is no time of this century, as a cell that was changed or a disturbed bus gives it.
    private static long Decode(byte[] time)
    {
        int second = Bcd(time[0]);
        int minute = Bcd(time[1]);
        // Bit 6 would say that it counts to twelve; we never set it so.
        int hour = Bcd(time[2]);
        int day = Bcd(time[4]);
        int month = Bcd((byte)(time[5] & 0x7F));
        int year = Bcd(time[6]);
        bool fits = second >= 0 && second < 60 && minute >= 0 && minute < 60 && hour >= 0 && hour < 24 && day >= 1 && day <= 31 && month >= 1 && month <= 12 && year >= 0;
        if (!fits)
            return 0;
        return Year2000Ms + ((Days(2000 + year, month, day) - DaysTo2000) * DayMs) + ((((hour * 60L) + minute) * 60L + second) * 1_000L);
    }

    private static void Encode(long wallMs, byte[] registers)
    {
        long days = (wallMs - Year2000Ms) / DayMs;
        int second = (int)((wallMs - Year2000Ms) % DayMs / 1_000);
        int year = 0;
        while (Days(2001 + year, 1, 1) - DaysTo2000 <= days)
            year++;
        int month = 1;
        while (month < 12 && Days(2000 + year, month + 1, 1) - DaysTo2000 <= days)
            month++;
        registers[1] = Bcd(second % 60);
        registers[2] = Bcd(second / 60 % 60);
        registers[3] = Bcd(second / 3_600);
        // 1 January 2000 was a Saturday, day 7 of a week that begins on Sunday.
        registers[4] = Bcd((int)((days + 6) % 7) + 1);
        registers[5] = Bcd((int)(days - (Days(2000 + year, month, 1) - DaysTo2000)) + 1);
        registers[6] = Bcd(month);
        registers[7] = Bcd(year);
    }

    // Days from 1 March of the year 0 on, which puts a leap day at the end of its year.
    private static long Days(int year, int month, int day)
    {
        int shifted = month > 2 ? year : year - 1;
        int months = month > 2 ? month - 3 : month + 9;
        return (shifted * 365L) + (shifted / 4) - (shifted / 100) + (shifted / 400) + (((153 * months) + 2) / 5) + day - 1;
    }

    private static int Bcd(byte value) => (value & 0x0F) > 9 || value >> 4 > 9 ? -1 : ((value >> 4) * 10) + (value & 0x0F);

    private static byte Bcd(int value) => (byte)(((value / 10) << 4) | (value % 10));
}
