using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Broadcast.Device;
using Broadcast.Edge.Update;
using Broadcast.Link.Update;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Update;

/// <summary>Updates of real gateway processes, started and started again as systemd does it.</summary>
public sealed class UpdateTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new("update");
    private PackageMaker _maker = null!;
    private TestCloud _cloud = null!;

    public async ValueTask InitializeAsync()
    {
        _maker = new PackageMaker(_folder);
        _cloud = await TestCloud.StartAsync(_folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _maker.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_wanted_program_is_installed_proves_itself_and_is_never_followed_by_an_older_one()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        _cloud.Updates.Want(_maker.Gateway("2.0.0", 2));
        await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.0", Number: 2, Revision: 1 });
        gateway.Slot.ShouldBe("a");

        _cloud.Updates.Want(_maker.Gateway("3.0.0", 3));
        await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "3.0.0", Revision: 2 });
        gateway.Slot.ShouldBe("b");

        _cloud.Updates.Want(_maker.Script("exit 1", "2.5.0", 3));
        await SaysAsync(said => said is { Stage: UpdateStage.Refused, Version: "3.0.0", Revision: 3 } && said.Why.Contains("not above 3", StringComparison.Ordinal));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _cloud.Updates.Want(_maker.Make(_folder["gateway/x"][..^2], "9.0.0", 9, key: stranger));
        await SaysAsync(said => said is { Stage: UpdateStage.Refused, Revision: 4 } && said.Why.Contains("signature", StringComparison.Ordinal));
        (gateway.Slot, gateway.Starts).ShouldBe(("b", 3), "what was refused was never started");
        await SpeaksAsync();
    }

    [Fact]
    public async Task One_that_does_not_start_is_given_up_after_three_starts_and_the_one_before_runs_again()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        _cloud.Updates.Want(_maker.Script("exit 1", "2.0.0", 2));
        await SaysAsync(said => said.Stage == UpdateStage.RolledBack && said.Why.Contains("3 starts", StringComparison.Ordinal) && said.Number == 0);
        gateway.Slot.ShouldBe("factory");
        await SpeaksAsync();
        // A mended one with the same number may follow: the broken one never proved itself.
        _cloud.Updates.Want(_maker.Gateway("2.0.1", 2));
        await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.1" });
    }

    [Fact]
    public async Task Where_bytes_are_paid_for_nothing_is_downloaded_and_the_cloud_is_told_why()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, more: ["--link:uplinks:0:name", "modem", "--link:uplinks:0:metered", "true"]);
        _cloud.Updates.Want(_maker.Script("exit 1", "2.0.0", 2));
        await SaysAsync(said => said is { Revision: 1, Why.Length: > 0 });
        (_cloud.Updates.Last!.Stage, _cloud.Updates.Last.Why).ShouldBe((UpdateStage.Downloading, "waits for a line that costs nothing"));
        _cloud.Updates.Ranges.ShouldBeEmpty("it did not ask for the package");
    }

    [Fact]
    public async Task One_that_hangs_is_ended_and_given_up()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, trialSeconds: 1);
        _cloud.Updates.Want(_maker.Script("exec sleep 600", "2.0.0", 2));
        await SaysAsync(said => said.Stage == UpdateStage.RolledBack);
        (gateway.Slot, gateway.Starts).ShouldBe(("factory", 3), "the first, one of the new one, and the old one again");
    }

    [Fact]
    public async Task One_that_does_not_come_online_goes_back_by_itself()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, trialMinutes: 0.1);
        _cloud.Updates.Want(_maker.Script($"exec dotnet '{PackageMaker.Built}/Broadcast.Edge.dll' \"$@\" --port 1", "2.0.0", 2));
        await SaysAsync(said => said.Stage == UpdateStage.RolledBack && said.Why.Contains("not online", StringComparison.Ordinal));
        gateway.Slot.ShouldBe("factory");
    }

    [Fact]
    public async Task One_whose_bytes_are_not_those_of_its_hash_is_refused()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        var package = _maker.Script("exit 1", "2.0.0", 2);
        var other = (byte[])package.Clone();
        other[^1] ^= 1;
        _cloud.Updates.Want(package, givenInstead: other);
        await SaysAsync(said => said.Stage == UpdateStage.Refused && said.Why.Contains("hash", StringComparison.Ordinal));
        gateway.Starts.ShouldBe(1);
    }

    [Fact]
    public async Task It_waits_until_the_warning_has_been_said()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        await SaysAsync(_ => true); // It asks only in a session of its core.
        var order = _cloud.Alert("请立即转移到安全地带。");
        order.Repetitions = 20;
        _cloud.Send(order);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Playing), Patience);
        _cloud.Updates.Want(_maker.Gateway("2.0.0", 2));
        await SaysAsync(said => said.Stage == UpdateStage.Ready);
        gateway.Starts.ShouldBe(1, "somebody is being warned");
        _cloud.Send(_cloud.CancelOf(order));
        await SaysAsync(said => said.Stage == UpdateStage.Installed);
    }

    [Fact]
    public async Task A_warning_that_begins_while_the_new_program_is_put_in_place_is_said_to_its_end_first()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        await SaysAsync(_ => true);
        var order = _cloud.Alert("请立即转移到安全地带。");
        order.Repetitions = 20;
        var isSent = false;
        _cloud.Updates.BeforeAnswer = async said =>
        {
            if (isSent || said.Stage != UpdateStage.Trial) return;
            isSent = true;
            _cloud.Send(order);
            await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Playing), Patience);
        };
        _cloud.Updates.Want(_maker.Gateway("2.0.0", 2));
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Playing), Patience);
        // Not a wait for anything: longer than the old program would have gone on.
        await Task.Delay(TimeSpan.FromSeconds(5));
        (gateway.Slot, gateway.Starts).ShouldBe(("a", 1), "somebody is being warned");
        _cloud.Send(_cloud.CancelOf(order));
        await SaysAsync(said => said.Stage == UpdateStage.Installed);
        _cloud.StatesOf(order).ShouldNotContain(ReceiptState.Failed);
    }

    [Fact]
    public async Task One_that_comes_online_and_dies_soon_after_has_not_proved_itself()
    {
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, soakSeconds: 30);
        // Time enough for a check, and not for the soak.
        _cloud.Updates.Want(_maker.Script($"timeout -s KILL 10 dotnet '{PackageMaker.Built}/Broadcast.Edge.dll' \"$@\"", "2.0.0", 2));
        await SaysAsync(said => said.Stage == UpdateStage.RolledBack && said.Why.Contains("3 starts", StringComparison.Ordinal));
        gateway.Slot.ShouldBe("factory");
    }

    [Fact]
    public async Task A_package_that_the_cloud_does_not_have_yet_is_asked_for_again()
    {
        _cloud.Updates.HasNone = true;
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker);
        _cloud.Updates.Want(_maker.Gateway("2.0.0", 2));
        await Eventually.HoldsAsync(() => _cloud.Updates.Ranges.Count > 4, Patience);
        _cloud.Updates.Said.ShouldNotContain(said => said.Stage == UpdateStage.Refused);
        _cloud.Updates.HasNone = false;
        await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.0" });
    }

    [Fact]
    public void A_trial_ends_by_itself_before_the_starter_ends_it()
    {
        var starter = File.ReadAllText(Path.Combine(PackageMaker.Built, "Service/broadcast-edge-start"));
        var seconds = int.Parse(Regex.Match(starter, @"BROADCAST_TRIAL_SECONDS:-(\d+)", RegexOptions.None, TimeSpan.FromSeconds(10)).Groups[1].Value, CultureInfo.InvariantCulture);
        (UpdateSettings.TrialMinutesMax * 60).ShouldBeLessThan(seconds);
        Should.Throw<SettingsException>(() => SettingsReader.Read(["--update:trialMinutes", "15"])).Message.ShouldContain("update:trialMinutes");
    }

    [Fact]
    public async Task A_disk_that_is_full_during_a_trial_keeps_the_way_back()
    {
        var disk = _folder["disk/x"][..^2];
        Directory.CreateDirectory(disk);
        // Room for a package of this gateway and its slot, whatever it was built with.
        await using var mount = RunningProcess.Start("mount", ["-t", "tmpfs", "-o", "size=256m", "none", disk]);
        await mount.WaitForExitAsync(Patience);
        Assert.SkipUnless(mount.ExitCode == 0, "this machine does not let us mount a small disk");
        try
        {
            await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, program: disk);
            _cloud.Updates.Want(_maker.Gateway("2.0.0", 2));
            await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.0" });
            _cloud.Updates.Want(_maker.Script($"cat /dev/zero >'{disk}/full' 2>/dev/null; exit 1", "3.0.0", 3));
            await Eventually.HoldsAsync(() => File.Exists(Path.Combine(disk, "full")) && gateway.Slot == "a", Patience);
            await SaysAsync(said => said is { Revision: 2, Version: "2.0.0", Stage: UpdateStage.Downloading or UpdateStage.RolledBack } && gateway.Starts > 3);
            File.Exists(Path.Combine(disk, "trial")).ShouldBeFalse();
            await SpeaksAsync();
        }
        finally
        {
            await RunningProcess.RunAsync("umount", [disk], Patience);
        }
    }

    [Theory]
    [InlineData(1)]
    public async Task Kills_at_any_moment_leave_the_old_program_or_the_new_one(int seed)
    {
        var random = new Random(seed);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var package = _maker.Gateway("2.0.0", 2);
        _cloud.Updates.Pace = package.Length / 40; // Slow enough to be cut twice, however busy the machine is.
        _cloud.Updates.Want(package);
        await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, trialStarts: 100, trialSeconds: 600);
        long Got() => new FileInfo(Path.Combine(gateway.Program, "package.part")) is { Exists: true } part ? part.Length : 0;
        bool Has(string name) => Path.Exists(Path.Combine(gateway.Program, name));
        Func<bool>[] moments =
        [
            () => Got() > package.Length / 40, () => Got() > package.Length / 20, () => Has("a.new") || Has("a"), () => Has("trial"), () => Has("trial"),
        ];
        foreach (var moment in moments)
        {
            await Eventually.HoldsAsync(moment, Patience);
            await KillSoonAsync(400);
            if (_cloud.Updates.Ranges.Any(range => range.Length > 0)) _cloud.Updates.Pace = 0;
        }
        for (var kill = 0; kill < 5; kill++) await KillSoonAsync(5_000);

        async Task KillSoonAsync(int withinMs)
        {
            // Not a wait for anything: the moment of the kill.
            await Task.Delay(random.Next(0, withinMs));
            await gateway.KillAsync();
        }

        await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.0" });
        gateway.Slot.ShouldBe("a");
        _cloud.Updates.Ranges.Count(range => range.Length > 0).ShouldBeGreaterThan(0, "a broken download went on where it broke off");
        await SpeaksAsync();
    }

    [Fact]
    public async Task A_full_disk_keeps_the_old_program_and_room_lets_the_new_one_in()
    {
        var disk = _folder["disk/x"][..^2];
        Directory.CreateDirectory(disk);
        await using var mount = RunningProcess.Start("mount", ["-t", "tmpfs", "-o", "size=6m", "none", disk]);
        await mount.WaitForExitAsync(Patience);
        Assert.SkipUnless(mount.ExitCode == 0, "this machine does not let us mount a small disk");
        try
        {
            await using var gateway = SupervisedGateway.Start(_cloud, _folder, _maker, program: disk);
            var content = _folder["large/Broadcast.Edge"];
            await File.WriteAllTextAsync(content, $"#!/bin/sh\nexec dotnet '{PackageMaker.Built}/Broadcast.Edge.dll' \"$@\"\n");
            File.SetUnixFileMode(content, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await File.WriteAllBytesAsync(_folder["large/ballast"], RandomNumberGenerator.GetBytes(4 << 20));
            _cloud.Updates.Want(_maker.Make(Path.GetDirectoryName(content)!, "2.0.0", 2));
            await SaysAsync(said => said.Stage == UpdateStage.Ready && said.Why.Contains("the disk does not take it", StringComparison.Ordinal));
            gateway.Slot.ShouldBe("factory");
            _cloud.IsOnline.ShouldBeTrue();
            await RunningProcess.RunAsync("mount", ["-o", "remount,size=40m", disk], Patience);
            await SaysAsync(said => said is { Stage: UpdateStage.Installed, Version: "2.0.0" });
        }
        finally
        {
            await RunningProcess.RunAsync("umount", [disk], Patience);
        }
    }

    private async Task SaysAsync(Func<UpdateSaid, bool> wanted)
    {
        try
        {
            await Eventually.HoldsAsync(() => _cloud.Updates.Last is { } last && wanted(last), Patience);
        }
        catch (TimeoutException late)
        {
            throw new InvalidOperationException($"It said last: {_cloud.Updates.Last}\n{(File.Exists(_folder["gateway.log"]) ? await File.ReadAllTextAsync(_folder["gateway.log"]) : "")}", late);
        }
    }

    private async Task SpeaksAsync()
    {
        await Eventually.HoldsAsync(() => _cloud.IsOnline, Patience);
        var order = _cloud.Alert("测试。");
        order.Repetitions = 1;
        _cloud.Send(order);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(order).Contains(ReceiptState.Played), Patience);
    }
}
