using Broadcast.Cli.Api;

namespace Broadcast.Cli.Tests;

public sealed class VerbTests : IAsyncLifetime
{
    private readonly Bench _bench = new();
    private StubCloud _cloud = null!;

    public async ValueTask InitializeAsync()
    {
        _cloud = await StubCloud.StartAsync();
        WarnTests.WritePeople(_bench);
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _bench.Dispose();
    }

    [Fact]
    public async Task Cancel_says_so_and_carries_the_reason()
    {
        (await RunAsync("cancel", "w1", "--reason", "drill over")).ShouldBe(ExitCodes.Done, _bench.Error);
        _cloud.Acts.ShouldBe(["cancel by op-city"]);
        _bench.Out.ShouldContain("Cancelled w1.");
    }

    [Fact]
    public async Task A_password_is_replaced_and_neither_stands_on_the_command_line()
    {
        (await RunAsync("password", "--as-operator", "new-one")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("BROADCAST_OPERATOR_PASSWORD");
        _bench.Variables["BROADCAST_OPERATOR_PASSWORD"] = "pw-new-one";
        (await RunAsync("password", "--as-operator", "new-one")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("BROADCAST_NEW_PASSWORD");
        _bench.Variables["BROADCAST_NEW_PASSWORD"] = "my very own";

        (await RunAsync("password", "--as-operator", "new-one")).ShouldBe(ExitCodes.Done, _bench.Error);

        _cloud.Acts.ShouldBe(["password pw-new-one to my very own by new-one"]);
        _bench.Out.ShouldContain("new-one has a new password");
        (_bench.Out + _bench.Error).ShouldNotContain("my very own");
    }

    [Fact]
    public async Task A_stolen_device_is_rekeyed_or_taken_out_of_service_with_a_reason()
    {
        (await RunAsync("device", "rekey", "d-1")).ShouldBe(ExitCodes.Refused);
        (await RunAsync("device", "service", "d-1", "sold", "--reason", "x")).ShouldBe(ExitCodes.Refused);
        _cloud.Acts.ShouldBeEmpty();

        (await RunAsync("device", "rekey", "d-1", "--reason", "stolen")).ShouldBe(ExitCodes.Done, _bench.Error);
        (await RunAsync("device", "service", "d-1", "in-service", "--reason", "back")).ShouldBe(ExitCodes.Done, _bench.Error);

        _cloud.Acts.ShouldBe(["rekey d-1  because stolen by admin", "service d-1 inService because back by admin"]);
        _bench.Out.ShouldContain("key epoch 2");
        _bench.Out.ShouldContain("devices.csv");
    }

    [Fact]
    public async Task Status_counts_devices()
    {
        (await RunAsync("status")).ShouldBe(ExitCodes.Done, _bench.Error);
        _bench.Out.ShouldContain("2 of 3 devices online, 1 warnings under way, up 0:01:01");
    }

    [Fact]
    public async Task A_backup_is_saved_whole_and_for_its_owner_alone()
    {
        var file = Path.Combine(_bench.Folder, "ledger.backup");
        (await RunAsync("backup", file)).ShouldBe(ExitCodes.Done, _bench.Error);
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldBe("the ledger");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_backup_that_has_no_folder_is_not_asked_for()
    {
        (await RunAsync("backup", Path.Combine(_bench.Folder, "usb-stick", "ledger.backup"))).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("usb-stick");
    }

    /// <summary>A ledger with two gigabytes of recordings is copied before the first byte of it comes.</summary>
    [Fact]
    public async Task A_backup_of_a_large_ledger_is_waited_for_longer_than_any_other_answer()
    {
        using var client = new CloudClient(new CloudLocator(_bench.Folder, _cloud.Address), Patience.Ordinary(TimeProvider.System)) { AnswerWithin = TimeSpan.FromSeconds(8) };
        await client.SignInAsync("admin", "pw-admin", TestContext.Current.CancellationToken);
        _cloud.BackupTakes = TimeSpan.FromSeconds(12);
        using var answer = await client.BackupAsync(TestContext.Current.CancellationToken);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("the ledger");
    }

    [Fact]
    public async Task A_backup_overwrites_nothing()
    {
        var file = _bench.Write("ledger.backup", "older");
        (await RunAsync("backup", file)).ShouldBe(ExitCodes.Refused);
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldBe("older");
    }

    [Theory]
    [InlineData("speak")]
    [InlineData("cancel")]
    [InlineData("warn", "--no-such-option")]
    [InlineData("up", "--https", "eighty")]
    public async Task Wrong_usage_has_exit_code_2(params string[] args) => (await _bench.RunAsync(args)).ShouldBe(ExitCodes.Refused);

    [Theory]
    [InlineData("help")]
    [InlineData("help", "warn")]
    [InlineData]
    public async Task Help_is_no_mistake(params string[] args)
    {
        (await _bench.RunAsync(args)).ShouldBe(ExitCodes.Done);
        _bench.Out.ShouldContain(args.Length == 2 ? "--dry-run" : "up");
    }

    /// <summary>Found by fuzzing: help @/dev/zero never came to an end.</summary>
    [Fact]
    public async Task Help_reads_no_file()
    {
        await _bench.RunAsync("help", "@" + _bench.Write("words", "warn"));
        _bench.Out.ShouldNotContain("--dry-run");
    }

    private Task<int> RunAsync(params string[] args) => _bench.RunAsync([.. args, "--cloud", _cloud.Address.ToString(), "--data", _bench.Folder]);
}
