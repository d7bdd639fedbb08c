using System;
using System.Collections.Generic;
using System.Device.Gpio;

namespace nanoFramework.Machine;

/// <summary>One pin: what the chip drives, what hangs on it, and what it then reads.</summary>
public sealed class MachinePin(int number)
{
    private const int ChangesKept = 1_000;

    private readonly object _gate = new();
    private readonly List<bool> _levels = [];
    private bool? _outside;
    private Func<bool>? _source;
    private bool _latch;

    public int Number { get; } = number;

    /// <summary>How the firmware set it; null while it is not opened.</summary>
    public PinMode? Mode { get; private set; }

    /// <summary>What the firmware drives; false while it is no output.</summary>
    public bool Level
    {
        get
        {
            lock (_gate) return IsOutput && _latch;
        }
    }

    /// <summary>Each level the firmware has driven, in order, the first at the change of mode: what a relay on the pin saw.</summary>
    public IReadOnlyList<bool> Levels
    {
        get
        {
            lock (_gate) return [.. _levels];
        }
    }

    /// <summary>Told at once when the firmware drives the pin.</summary>
    public event Action<bool>? Driven;

    internal event Action<bool>? Edge;

    private bool IsOutput => Mode >= PinMode.Output;

    /// <summary>A wire pulls the pin to a level, or lets go of it (null).</summary>
    public void Drive(bool? level)
    {
        bool before, after;
        lock (_gate)
        {
            before = Read();
            _outside = level;
            after = Read();
        }

        if (before != after) Edge?.Invoke(after);
    }

    /// <summary>A chip's output hangs on the pin and is asked whenever the pin is read.</summary>
    public void Connect(Func<bool> source) => _source = source;

    internal void Open(PinMode mode)
    {
        lock (_gate)
        {
            // GPIO 34 to 39 of an ESP32 have neither a driver nor a pull.
            if (Number >= 34 && mode != PinMode.Input) throw new ArgumentException($"GPIO {Number} is an input without pull.");
            if (Number is >= 6 and <= 11 or < 0 or > 39) throw new ArgumentException($"GPIO {Number} is the flash's, or not there.");
            Mode = mode;
            if (IsOutput) _levels.Add(_latch);
        }
    }

    internal void Close()
    {
        Mode = null;
        Edge = null;
    }

    internal void Write(bool level)
    {
        lock (_gate)
        {
            _latch = level;
            if (IsOutput && _levels.Count < ChangesKept) _levels.Add(level);
        }

        Driven?.Invoke(level);
    }

    internal bool Read() => IsOutput ? _latch : _source?.Invoke() ?? _outside ?? (Mode == PinMode.InputPullUp);
}
