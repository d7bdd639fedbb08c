namespace Broadcast.Firmware.Tests.Figures;

/// <summary>IL of the core and the firmware as they are compiled for the microcontroller. The converter's .pe is smaller; this is the bound that needs no converter.</summary>
public sealed class SizeTests
{
    private const long DeviceBytesMax = 72 * 1024; // 61 KB, and what the keys of a township's Pi and verified sound have added.
    private const long FirmwareBytesMax = 80 * 1024;

    [Fact]
    public void The_assemblies_stay_within_their_share_of_flash()
    {
        var device = new FileInfo(Nano.Device).Length;
        var firmware = new FileInfo(Nano.Firmware).Length;
        TestContext.Current.SendDiagnosticMessage($"IL: core {device} bytes, firmware {firmware} bytes");
        device.ShouldBeLessThan(DeviceBytesMax);
        firmware.ShouldBeLessThan(FirmwareBytesMax);
    }
}
