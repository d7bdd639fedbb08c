using Broadcast.Testing;

namespace Broadcast.Firmware.Tests;

/// <summary>What was compiled against the microcontroller's libraries.</summary>
internal static class Nano
{
    private const string Folder = "eng/standins/Broadcast.Firmware.Nano";

    public static string Firmware => BuiltProject.Assembly(Folder);

    public static string Device => Path.Combine(Path.GetDirectoryName(Firmware)!, "Broadcast.Device.Nano.dll");

    public static string Hardware => Path.Combine(Path.GetDirectoryName(Firmware)!, "nanoFramework.Hardware.Reference.dll");
}
