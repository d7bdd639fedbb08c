using System;
using nanoFramework.Networking;

namespace Broadcast.Firmware.Link;

/// <summary>What carries the link.</summary>
public interface INetwork
{
    /// <summary>Whether there is an address; begins to get one when there is none.</summary>
    bool IsReady();
}

/// <summary>Ethernet with DHCP.</summary>
public sealed class Ethernet : INetwork
{
    private bool _begun;

    /// <inheritdoc />
    public bool IsReady()
    {
        if (!_begun)
            NetworkHelper.SetupNetworkHelper(false);
        _begun = true;
        return NetworkHelper.Status == NetworkHelperStatus.NetworkIsReady;
    }
}

/// <summary>Wi-Fi with DHCP; the driver reconnects by itself.</summary>
public sealed class Wifi : INetwork
{
    private readonly string _network;
    private readonly string _password;
    private bool _begun;

    /// <summary>A network by name and password.</summary>
    public Wifi(string network, string password)
    {
        _network = network;
        _password = password;
    }

    /// <inheritdoc />
    public bool IsReady()
    {
        if (!_begun)
            WifiNetworkHelper.SetupNetworkHelper(_network, _password, System.Device.Wifi.WifiReconnectionKind.Automatic, false);
        _begun = true;
        return WifiNetworkHelper.Status == NetworkHelperStatus.NetworkIsReady;
    }
}
