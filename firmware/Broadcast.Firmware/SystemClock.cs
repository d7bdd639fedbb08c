using System;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Networking;
using nanoFramework.Runtime.Native;

namespace Broadcast.Firmware;

/// <summary>The clocks of the chip.</summary>
public sealed class SystemClock : IClock
{
    private const long TicksAMs = 10_000;

    /// <inheritdoc />
    public long MonotonicMs => Environment.TickCount64;

    /// <inheritdoc />
    public long MonotonicUs
    {
        get
        {
            ulong us = HighResTimer.GetCurrent();
            return (long)us;
        }
    }

    // The one place that reads the system clock: everything else is given the time.
#pragma warning disable RS0030
    /// <inheritdoc />
    public long WallMs => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TicksAMs;
#pragma warning restore RS0030

    /// <inheritdoc />
    public void Set(long wallMs) => Rtc.SetSystemTime(new DateTime(DateTime.UnixEpoch.Ticks + (wallMs * TicksAMs)));

    /// <inheritdoc />
    public void AskNetwork()
    {
        if (!Sntp.IsStarted)
            Sntp.Start();
        Sntp.UpdateNow();
    }
}
