using Broadcast.Cloud.Keys;
using Broadcast.Ledger;
using Broadcast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>How the process ends.</summary>
public sealed class CloudHostTests
{
    /// <summary>What waits is committed and the trail's last entry has its checkpoint, or a trail that is cut off there would pass for whole (R8).</summary>
    [Fact]
    public async Task When_the_service_has_stopped_its_ledger_is_closed()
    {
        using var folder = new TempFolder("host");
        var options = new CloudOptions { DataFolder = folder.Path, HttpsPort = 0, HttpPort = 0, LinkPort = 0 };
        await RunOnceAsync(options);

        await using var ledger = await LedgerStore.OpenAsync(CloudHost.LedgerOptionsOf(options, KeyRing.OpenOrCreate(options.PathOf("keys"))), TimeProvider.System, NullLogger.Instance, default);
    }

    [Fact]
    public async Task The_service_starts_on_a_full_disk()
    {
        using var folder = new TempFolder("host");
        await using var mount = RunningProcess.Start("mount", ["-t", "tmpfs", "-o", "size=256m", "none", folder.Path]);
        await mount.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.SkipUnless(mount.ExitCode == 0, "Mounting a small filesystem is not permitted here.");
        try
        {
            var options = new CloudOptions { DataFolder = folder["data/"], HttpsPort = 0, HttpPort = 0, LinkPort = 0 };
            await RunOnceAsync(options);
            await using (var filler = File.Create(folder["filler"], 1))
            {
                for (var free = FreeBytes(folder.Path); free > 0; free = FreeBytes(folder.Path)) filler.Write(new byte[Math.Min(free, 1 << 20)]);
            }

            await RunOnceAsync(options);
        }
        finally
        {
            await RunningProcess.RunAsync("umount", ["--lazy", folder.Path], TimeSpan.FromSeconds(30));
        }
    }

    private static long FreeBytes(string path) => new DriveInfo(path).AvailableFreeSpace;

    /// <summary>Until it is ready.</summary>
    private static async Task RunOnceAsync(CloudOptions options)
    {
        using var stop = new CancellationTokenSource();
        var running = CloudHost.RunAsync(options, stop.Token);
        await Eventually.HoldsAsync(() => running.IsCompleted || File.Exists(options.PathOf("cloud.json")), TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        (await running).ShouldBe(0);
    }

    [Fact]
    public async Task A_ledger_that_a_person_has_to_put_right_is_said_and_nothing_is_served()
    {
        using var folder = new TempFolder("host");
        var options = new CloudOptions { DataFolder = folder.Path, HttpsPort = 0, HttpPort = 0, LinkPort = 0 };
        await File.WriteAllTextAsync(options.PathOf("ledger.db.restoring"), "a copy that has not come to its place", TestContext.Current.CancellationToken);

        (await CloudHost.RunAsync(options, TestContext.Current.CancellationToken)).ShouldBe(2);

        File.Exists(options.PathOf("cloud.json")).ShouldBeFalse();
    }

    /// <summary>A supervisor starts again what has failed, and leaves alone what has done its work.</summary>
    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(false, false, 0)]
    [InlineData(false, true, 0)]
    public async Task A_service_of_which_a_part_broke_ends_as_failed(bool breaks, bool breaksOnTheWayDown, int exit)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostedService>(new Part(breaks, breaksOnTheWayDown));
        using var host = builder.Build();
        var ended = CloudHost.WatchParts(host.Services);
        await host.StartAsync(TestContext.Current.CancellationToken);
        if (!breaks) host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await host.WaitForShutdownAsync(TestContext.Current.CancellationToken);

        ended().ShouldBe(exit);
    }

    private sealed class Part(bool breaks, bool breaksOnTheWayDown) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            if (breaks) throw new InvalidOperationException("broken");
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (breaksOnTheWayDown) throw new InvalidOperationException("its neighbours are gone");
        }
    }
}
