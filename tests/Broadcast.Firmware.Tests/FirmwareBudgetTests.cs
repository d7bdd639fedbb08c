using System.Globalization;
using Broadcast.Device;
using Broadcast.Testing;

namespace Broadcast.Firmware.Tests;

/// <summary>The numbers of the memory and flash budget, and what they have to do with one another.</summary>
public sealed class FirmwareBudgetTests
{
    [Fact]
    public void Everything_full_at_once_fits_the_module()
    {
        FirmwareLimits.HeapBytesMax.ShouldBeLessThan(1024 * 1024, "a WROVER module has 4 MB of PSRAM and more; a quarter of it is plenty");
        var slots = FirmwareLimits.StateSlotBytes + FirmwareLimits.JournalSlotBytes + FirmwareLimits.WishesSlotBytes + FirmwareLimits.SettingsSlotBytes + FirmwareLimits.MarkSlotBytes;
        (2 * slots).ShouldBeLessThan(FirmwareLimits.FlashBytesMax * 95 / 100, "the file system has its own use for some of it");
    }

    [Fact]
    public void Slots_hold_what_they_are_for()
    {
        FirmwareLimits.StateSlotBytes.ShouldBeGreaterThan(Limits.StateBytesMax + 32, "a full state");
        FirmwareLimits.JournalSlotBytes.ShouldBeGreaterThan(FirmwareLimits.JournalBytesMax + 32, "a full journal; JournalTests fills one");
        FirmwareLimits.WishesSlotBytes.ShouldBeGreaterThan(32 + 512, "what the cloud wants: some 300 bytes at most");
        FirmwareLimits.SettingsSlotBytes.ShouldBeGreaterThan(2 * (FirmwareLimits.SettingsBytesMax + 32), "two settings");
        FirmwareLimits.SettingsBytesMax.ShouldBeGreaterThan((2 * FirmwareLimits.AuthorityBytesMax) + (FirmwareLimits.PhrasesMax * FirmwareLimits.PhraseCharsMax * 3), "a certificate in hexadecimal digits and every phrase");
    }

    [Fact]
    public void Windows_fit_what_waits_behind_them()
    {
        FirmwareLimits.MqttQueueMax.ShouldBeGreaterThan(Limits.OutboxInFlightMax);
        FirmwareLimits.LettersMax.ShouldBeGreaterThan(Limits.OutboxInFlightMax);
        FirmwareLimits.LoopHungMs.ShouldBeGreaterThan(100 * FirmwareLimits.LoopWaitMsMax);
    }

    [Fact]
    public void The_guide_shows_these_numbers()
    {
        var guide = File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "docs", "firmware.md"));
        foreach (var field in typeof(FirmwareLimits).GetFields().Where(f => f.Name.EndsWith("BytesMax", StringComparison.Ordinal)))
        {
            var line = $"`{field.Name}` | {((int)field.GetRawConstantValue()!).ToString("#,0", CultureInfo.InvariantCulture)}";
            guide.ShouldContain(line);
        }
    }
}
