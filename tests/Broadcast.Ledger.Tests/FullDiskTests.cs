using System.Diagnostics;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Tests;

/// <summary>On a real small filesystem: a tmpfs of 64 MB, which only root may mount.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public Task A_full_disk_refuses_what_is_ordinary_takes_what_is_vital_and_recovers_by_itself() => OnSmallDiskAsync(FillAndRecoverAsync);

    /// <summary>Who is told that a backup cannot be read throws it away.</summary>
    [Theory]
    [InlineData(-4_096)] // Not even its copy has room.
    [InlineData(0)] // The copy has, and nothing more.
    [InlineData(16_384)]
    public Task A_backup_that_finds_no_room_is_not_called_damaged_and_the_ledger_stays(int roomBesideTheCopy) => OnSmallDiskAsync(async disk =>
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { ReserveBytes = 1 << 20, FreeBytesMin = 1 << 20 }, Directory.CreateDirectory(Path.Combine(disk, "ledger")).FullName);
        var targets = await ledger.CountyAsync(3);
        var backup = Path.Combine(disk, "backup");
        await ledger.Store.BackupAsync(backup);
        var later = await ledger.ReleasedAsync(targets);
        await ledger.CloseAsync();
        var filler = Path.Combine(disk, "filler");
        Fill(filler, leave: new FileInfo(backup).Length + roomBesideTheCopy);

        var refused = await Should.ThrowAsync<IOException>(LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock));
        refused.Message.ShouldNotContain("damaged");

        File.Delete(filler);
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(later.Revision.Id)).ShouldHaveSingleItem();
        await ledger.CloseAsync();
        await LedgerStore.RestoreAsync(backup, ledger.Options, ledger.Clock);
        await ledger.ReopenAsync();
        (await ledger.Store.GetWarningAsync(later.Revision.Id)).ShouldBeEmpty();
    });

    /// <summary>A machine that starts again after something has filled its disk: the reserve is for that, too.</summary>
    [Fact]
    public Task A_ledger_opens_on_a_full_disk_and_takes_what_is_vital() => OnSmallDiskAsync(async disk =>
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { ReserveBytes = 6 << 20, FreeBytesMin = 16 << 20 }, Directory.CreateDirectory(Path.Combine(disk, "ledger")).FullName);
        var targets = await ledger.CountyAsync(100);
        var running = await ledger.ReleasedAsync(targets);
        await ledger.CloseAsync();
        await File.WriteAllLinesAsync(ledger.Options.AnchorPath, (await File.ReadAllLinesAsync(ledger.Options.AnchorPath)).SelectMany(l => Enumerable.Repeat(l, 10_001))); // To be cut to the newest, which takes room.
        Fill(Path.Combine(disk, "filler"), leave: 0);

        await ledger.ReopenAsync();

        await VitalIsTakenAsync(ledger, targets, running, "red", 1);
        (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue();
    });

    /// <summary>A copy is as large as the ledger itself: what it fills the disk with, no warning can be written into.</summary>
    [Fact]
    public Task A_backup_leaves_the_ledger_the_room_that_ordinary_warnings_need() => OnSmallDiskAsync(async disk =>
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { ReserveBytes = 1 << 20, FreeBytesMin = 8 << 20 }, Directory.CreateDirectory(Path.Combine(disk, "ledger")).FullName);
        var targets = await ledger.CountyAsync(3);
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => ledger.Store.AuditAsync(TestLedger.Operator, "look", $"{i}", new string('长', 2_000)))); // Six megabytes.
        var backup = Path.Combine(disk, "backup");
        var filler = Path.Combine(disk, "filler");
        Fill(filler, leave: 10 << 20); // What ordinary acts need, and two megabytes.

        await Should.ThrowAsync<StorageFullException>(ledger.Store.BackupAsync(backup));

        Directory.GetFiles(disk).ShouldBe([filler]);
        await ledger.ReleasedAsync(targets);
        File.Delete(filler);
        await ledger.Store.BackupAsync(backup);
        File.Exists(backup).ShouldBeTrue();
    });

    private static async Task OnSmallDiskAsync(Func<string, Task> act)
    {
        var disk = Directory.CreateTempSubdirectory("disk").FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk) == 0, "Mounting a small filesystem needs root.");
        try
        {
            await act(disk);
        }
        finally
        {
            await RunAsync("umount", "--lazy", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task FillAndRecoverAsync(string disk)
    {
        var folder = Directory.CreateDirectory(Path.Combine(disk, "ledger")).FullName;
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, o => o with { ReserveBytes = 6 << 20, FreeBytesMin = 16 << 20 }, folder);
        var targets = await ledger.CountyAsync(100);
        var running = await ledger.ReleasedAsync(targets);
        var yellow = await ledger.ApprovedAsync();
        var filler = Path.Combine(disk, "filler");

        Fill(filler, leave: 15 << 20); // Nearly full: below the margin.
        await OrdinaryIsRefusedAsync(ledger, yellow, targets);
        var red = await VitalIsTakenAsync(ledger, targets, running, "red1", 1);
        File.Exists(ledger.Options.SqlitePath + ".reserve").ShouldBeTrue("there was room enough without it");

        Fill(filler, leave: 0); // Full to the last byte: the reserve has to go.
        for (var i = 2; i < 6; i++) await VitalIsTakenAsync(ledger, targets, running, $"red{i}", i);
        File.Exists(ledger.Options.SqlitePath + ".reserve").ShouldBeFalse();
        await OrdinaryIsRefusedAsync(ledger, yellow, targets);
        (await ledger.Store.CountsAsync(red, 1)).Total.ShouldBe(100, "reading goes on");

        File.Delete(filler);
        (await ledger.Store.ReleaseAsync(TestLedger.Request(yellow, targets, "yellow"))).ShouldBeOfType<ReleaseResult.Done>();
        File.Exists(ledger.Options.SqlitePath + ".reserve").ShouldBeTrue("it is held back again");
        (await ledger.Store.VerifyAuditAsync()).Intact.ShouldBeTrue();
    }

    private static async Task OrdinaryIsRefusedAsync(TestLedger ledger, Warning approved, IReadOnlyList<Target> targets)
    {
        await Should.ThrowAsync<StorageFullException>(ledger.Store.AddRevisionAsync(ledger.Draft(), TestLedger.Operator));
        await Should.ThrowAsync<StorageFullException>(ledger.Store.PutRegionsAsync([new NamedRegion(Region.Create("420000000000", RegionLevel.Province), "湖北省")]));
        (await ledger.Store.ReleaseAsync(TestLedger.Request(approved, targets, "yellow"))).ShouldBeOfType<ReleaseResult.StorageFull>();
    }

    private static async Task<WarningId> VitalIsTakenAsync(TestLedger ledger, IReadOnlyList<Target> targets, ReleaseResult.Done running, string key, long number)
    {
        var red = await ledger.ReleasedAsync(targets, ledger.Draft(level: WarningLevel.Red), key);
        foreach (var order in running.Orders)
            (await ledger.Store.ReceiptAsync(order.Device, ledger.Receipt(order, ReceiptState.Playing, number))).ShouldBeOfType<ReceiptOutcome.Applied>();
        (await ledger.Store.ReleaseAsync(TestLedger.Request(ledger.Draft(red.Revision.Id, 2, OrderKind.Cancel), targets, key + "-stop"))).ShouldBeOfType<ReleaseResult.Done>();
        await ledger.Store.AuditAsync(TestLedger.Operator, "look", key, "");
        return red.Revision.Id;
    }

    private static void Fill(string path, long leave)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None, 0);
        var drive = new DriveInfo(Path.GetDirectoryName(path)!);
        while (drive.AvailableFreeSpace > leave) stream.Write(new byte[Math.Min(65_536, drive.AvailableFreeSpace - leave)]);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
