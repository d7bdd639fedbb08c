using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;

namespace nanoFramework.Machine;

/// <summary>
/// An ESP32 as the stand-ins see it: pins, UARTs, ADC channels, a network that can be pulled, a clock that TLS judges certificates by.
/// nanoFramework's own classes name no machine (there is one), so the current one flows with the thread that entered it and with the
/// threads that one starts: several machines live in one process and never meet.
/// </summary>
public sealed class BoardMachine
{
    private static readonly AsyncLocal<BoardMachine?> s_current = new();

    private int _networkSetUp;
    private readonly ConcurrentDictionary<int, MachinePin> _pins = new();
    private readonly ConcurrentDictionary<string, MachineUart> _uarts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Func<int>> _adc = new();
    private readonly ConcurrentDictionary<int, II2cChip> _i2c = new();

    /// <summary>The machine of this flow of execution.</summary>
    /// <exception cref="InvalidOperationException">There is none: the stand-ins reach no physical pin.</exception>
    public static BoardMachine Current => s_current.Value
        ?? throw new InvalidOperationException("nanoFramework's stand-ins reach no physical board: enter a BoardMachine first.");

    /// <summary>Whether the network is there: an address was given and the link has carrier.</summary>
    public bool NetworkUp { get; set; } = true;

    /// <summary>The time by which TLS judges certificates, as Rtc.SetSystemTime set it; null while nobody did, and then it is the host's.</summary>
    public DateTime? SystemTime { get; set; }

    /// <summary>Reboots asked for; the machine itself goes on, because its process does.</summary>
    public int Reboots { get; private set; }

    /// <summary>Told when the firmware asks for a reboot.</summary>
    public event Action? RebootAsked;

    /// <summary>Makes this the machine of the calling flow and of what it starts.</summary>
    public void Enter() => s_current.Value = this;

    public MachinePin Pin(int number) => _pins.GetOrAdd(number, n => new MachinePin(n));

    public MachineUart Uart(string port) => _uarts.GetOrAdd(port, _ => new MachineUart());

    /// <summary>What hangs on an ADC channel: gives the raw value, 0 to 4095, each time it is asked.</summary>
    public void ConnectAdc(int channel, Func<int> raw) => _adc[channel] = raw;

    /// <summary>Puts a chip on the I2C bus.</summary>
    public void ConnectI2c(int address, II2cChip chip) => _i2c[address] = chip;

    internal II2cChip? I2c(int address) => _i2c.GetValueOrDefault(address);

    internal int ReadAdc(int channel) => _adc.TryGetValue(channel, out var raw) ? Math.Clamp(raw(), 0, 4095) : 0;

    internal ConcurrentDictionary<nanoFramework.Hardware.Esp32.DeviceFunction, int> Functions { get; } = new();

    // The helper may be set up once a start, as in the library.
    internal void SetUpNetwork()
    {
        if (Interlocked.Exchange(ref _networkSetUp, 1) != 0) throw new InvalidOperationException("The network helper is set up already.");
    }

    internal void Reboot()
    {
        Reboots++;
        _networkSetUp = 0;
        RebootAsked?.Invoke();
    }
}
