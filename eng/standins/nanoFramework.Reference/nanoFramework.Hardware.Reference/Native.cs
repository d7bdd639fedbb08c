using System;

namespace System
{
    public static class Console
    {
        public static void WriteLine(string value) => throw null!;
    }

    public static class Environment
    {
        public static long TickCount64 => throw null!;
    }
}

namespace nanoFramework.Runtime.Native
{
    public enum RebootOption
    {
        NormalReboot = 0,
        EnterNanoBooter = 1,
        ClrOnly = 2,
        EnterProprietaryBooter = 8,
    }

    public delegate void RebootEventHandler();

    public class Power
    {
        public static event RebootEventHandler OnRebootEvent { add => throw null!; remove => throw null!; }
        public static void RebootDevice(RebootOption rebootOption = RebootOption.NormalReboot) => throw null!;
        public static void RebootDevice(int exeConstraintTimeout, RebootOption rebootOption = RebootOption.NormalReboot) => throw null!;
    }

    public static class Rtc
    {
        public static bool SetSystemTime(DateTime time) => throw null!;
    }
}

namespace nanoFramework.Hardware.Esp32
{
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
        public static void SetPinFunction(int pin, DeviceFunction value) => throw null!;
    }

    public class HighResTimer
    {
        public static ulong GetCurrent() => throw null!;
    }
}

namespace nanoFramework.Networking
{
    public enum NetworkHelperStatus
    {
        None,
        Started,
        NetworkIsReady,
        FailedNoNetworkInterface,
        TokenExpiredWaitingIPAddress,
        TokenExpiredWaitingDateTime,
        ErrorConnetingToWiFiWhileScanning,
        ExceptionOccurred,
        Reconnecting,
    }

    public static class NetworkHelper
    {
        public static NetworkHelperStatus Status => throw null!;
        public static void SetupNetworkHelper(bool requiresDateTime = false) => throw null!;
    }

    public static class WifiNetworkHelper
    {
        public static NetworkHelperStatus Status => throw null!;
        public static void SetupNetworkHelper(
            string ssid, string password, System.Device.Wifi.WifiReconnectionKind reconnectionKind = System.Device.Wifi.WifiReconnectionKind.Automatic, bool requiresDateTime = false) =>
            throw null!;
    }

    public class Sntp
    {
        public static bool IsStarted => throw null!;
        public static string? Server1 { get => throw null!; set => throw null!; }
        public static void Start() => throw null!;
        public static void Stop() => throw null!;
        public static void UpdateNow() => throw null!;
    }
}

namespace System.Device.Wifi
{
    public enum WifiReconnectionKind
    {
        Automatic,
        Manual,
    }
}
