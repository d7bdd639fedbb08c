using System;
using System.Threading;
using nanoFramework.Machine;

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

    /// <summary>Ethernet: ready when the machine's network is up.</summary>
    public static class NetworkHelper
    {
        public static NetworkHelperStatus Status => BoardMachine.Current.NetworkUp ? NetworkHelperStatus.NetworkIsReady : NetworkHelperStatus.Reconnecting;

        public static void SetupNetworkHelper(bool requiresDateTime = false) => BoardMachine.Current.SetUpNetwork();
    }

    /// <summary>Wi-Fi: the machine is in range of any network, with any password.</summary>
    public static class WifiNetworkHelper
    {
        public static NetworkHelperStatus Status => NetworkHelper.Status;

        public static void SetupNetworkHelper(
            string ssid, string password, System.Device.Wifi.WifiReconnectionKind reconnectionKind = System.Device.Wifi.WifiReconnectionKind.Automatic, bool requiresDateTime = false) =>
            BoardMachine.Current.SetUpNetwork();
    }

    /// <summary>Network time: whoever asks has the host's.</summary>
    public class Sntp
    {
        public static bool IsStarted { get; private set; }

        public static string? Server1 { get; set; }

        public static void Start() => IsStarted = true;

        public static void Stop() => IsStarted = false;

        public static void UpdateNow()
        {
            if (BoardMachine.Current.NetworkUp) BoardMachine.Current.SystemTime = null;
        }
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
