using System;
using nanoFramework.Machine;

namespace nanoFramework.Hardware.Esp32;

/// <summary>The functions the firmware gives to pins; the numbers are the library's.</summary>
public enum DeviceFunction
{
    I2C1_DATA = 0x020100,
    I2C1_CLOCK = 0x020101,
    COM1_TX = 0x030100,
    COM1_RX = 0x030101,
    COM2_TX = 0x030200,
    COM2_RX = 0x030201,
    COM3_TX = 0x030300,
    COM3_RX = 0x030301,
    ADC1_CH0 = 0x050100,
    ADC1_CH1 = 0x050101,
    ADC1_CH2 = 0x050102,
    ADC1_CH3 = 0x050103,
    ADC1_CH4 = 0x050104,
    ADC1_CH5 = 0x050105,
    ADC1_CH6 = 0x050106,
    ADC1_CH7 = 0x050107,
}

public class Configuration
{
    public static void SetPinFunction(int pin, DeviceFunction value)
    {
        // Any pin that is there may have any function of a UART; the ADC's are wired, and the board's test holds them.
        if (pin is < 0 or > 39) throw new ArgumentException($"GPIO {pin} is not there.");
        BoardMachine.Current.Functions[value] = pin;
    }
}

public class HighResTimer
{
    /// <summary>Microseconds since the start.</summary>
    public static ulong GetCurrent() => (ulong)(Environment.TickCount64 * 1000);
}
