using System;
using nanoFramework.Machine;

namespace nanoFramework.Runtime.Native;

public enum RebootOption
{
    NormalReboot = 0,
    EnterNanoBooter = 1,
    ClrOnly = 2,
    EnterProprietaryBooter = 8,
}

public delegate void RebootEventHandler();

/// <summary>A reboot is told to the machine; whoever runs the firmware starts it anew.</summary>
public class Power
{
    public static event RebootEventHandler? OnRebootEvent;

    public static void RebootDevice(RebootOption rebootOption = RebootOption.NormalReboot) => RebootDevice(-1, rebootOption);

    public static void RebootDevice(int exeConstraintTimeout, RebootOption rebootOption = RebootOption.NormalReboot)
    {
        OnRebootEvent?.Invoke();
        BoardMachine.Current.Reboot();
    }
}

public static class Rtc
{
    public static bool SetSystemTime(DateTime time)
    {
        BoardMachine.Current.SystemTime = time;
        return true;
    }
}
