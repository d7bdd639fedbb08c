namespace Broadcast.Device;

/// <summary>The MQTT topics of a device. They are built here and nowhere else.</summary>
public static class Topics
{
    private const string ChildLevel = "c/";
    private const string UpLevel = "/up";

    /// <summary>Where the device publishes its frames.</summary>
    public static string Up(string deviceId) => UpPrefix(deviceId) + "up";

    /// <summary>Where the device subscribes for its frames.</summary>
    public static string Down(string deviceId) => UpPrefix(deviceId) + "down";

    /// <summary>What every topic that the device may publish under begins with.</summary>
    public static string UpPrefix(string deviceId) => "d/" + deviceId + "/";

    /// <summary>
    /// Where a township's Pi publishes a frame of a child of its, as the child made it: under the Pi's own prefix. What goes down to a
    /// child comes on the Pi's own <see cref="Down"/> topic; the frame's header says for whom it is.
    /// </summary>
    public static string ChildUp(string parentId, string childId) => UpPrefix(parentId) + ChildLevel + childId + UpLevel;

    /// <summary>The child that a topic of <see cref="ChildUp"/> names; empty when it is no such topic of this parent.</summary>
    public static string ChildOf(string parentId, string topic)
    {
        string begin = UpPrefix(parentId) + ChildLevel;
        if (!topic.StartsWith(begin) || !topic.EndsWith(UpLevel) || topic.Length <= begin.Length + UpLevel.Length)
            return "";
        string child = topic.Substring(begin.Length, topic.Length - begin.Length - UpLevel.Length);
        return Utf8.IsDeviceId(child) ? child : "";
    }
}
