namespace Broadcast.Device;

/// <summary>The MQTT topics of a device. They are built here and nowhere else.</summary>
public static class Topics
{
    /// <summary>Where the device publishes its frames.</summary>
    public static string Up(string deviceId) => UpPrefix(deviceId) + "up";

    /// <summary>Where the device subscribes for its frames.</summary>
    public static string Down(string deviceId) => UpPrefix(deviceId) + "down";

    /// <summary>What every topic that the device may publish under begins with.</summary>
    public static string UpPrefix(string deviceId) => "d/" + deviceId + "/";
}
