using Broadcast.Device;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>A real gateway process whose card takes no more writes: it warns all the same, says what it cannot keep, and repeats nothing.</summary>
public sealed class ReadOnlyCardTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new("read-only");
    private TestCloud _cloud = null!;

    private string Memory => Path.Combine(_folder.Path, "run/card");

    public async ValueTask InitializeAsync() => _cloud = await TestCloud.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_gateway_that_starts_on_a_card_that_takes_no_writes_warns_and_says_that_nothing_is_kept()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        var before = _cloud.Alert("先前的预警");
        await using (var edge = await StartAsync())
        {
            await SpeaksAsync(before);
            SoundedOf(edge, before).ShouldBe(1);
            await edge.Process.KillAsync();
        }

        await card.DieAsync();
        var content = await card.ContentAsync();
        var told = _cloud.Reports.Count;
        await using (var edge = await StartAsync())
        {
            await edge.Process.WaitForLineAsync(l => l.Contains("card read-only: nothing is kept over a power cut", StringComparison.Ordinal), EdgeProcess.Patience);
            await Eventually.HoldsAsync(() => _cloud.Reports.Skip(told).Any(r => (r.Faults & (int)FaultFlags.Storage) != 0), EdgeProcess.Patience);
            _cloud.Send(before);
            await SpeaksAsync(_cloud.Alert("立即转移"));
            SoundedOf(edge, before).ShouldBe(0, "what the card knows as played is not played again (R2)");
            ModesOf(Memory).ShouldBe([OwnerOnly | UnixFileMode.UserExecute, .. Enumerable.Repeat(OwnerOnly, 3)], "keys and orders are nobody else's");
            await edge.Process.TerminateAsync(EdgeProcess.Patience);
            edge.Process.ExitCode.ShouldBe(0, edge.Process.Output);
        }

        (await card.ContentAsync()).ShouldBe(content);
    }

    [Fact]
    public async Task A_gateway_that_is_killed_on_such_a_card_repeats_nothing_when_it_is_started_anew()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await card.DieAsync();
        var warning = _cloud.Alert("大雨");
        await using (var edge = await StartAsync())
        {
            await SpeaksAsync(warning);
            await edge.Process.KillAsync();
        }

        await using var again = await StartAsync();
        _cloud.Send(warning);
        await SpeaksAsync(_cloud.Alert("山洪"));
        SoundedOf(again, warning).ShouldBe(0);
    }

    [Fact]
    public async Task On_a_card_that_takes_writes_again_the_copy_in_memory_is_nothing()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await using (var edge = await StartAsync()) await edge.Process.TerminateAsync(EdgeProcess.Patience);
        await card.DieAsync();
        await using (var edge = await StartAsync())
        {
            await SpeaksAsync(_cloud.Alert("大雨"));
            await edge.Process.TerminateAsync(EdgeProcess.Patience);
        }

        Directory.Exists(Memory).ShouldBeTrue();
        await card.MendAsync();
        var kept = _cloud.Alert("卡已修好");
        var told = _cloud.Reports.Count;
        await using (var edge = await StartAsync())
        {
            await SpeaksAsync(kept);
            Directory.Exists(Memory).ShouldBeFalse();
            await Eventually.HoldsAsync(() => _cloud.Reports.Count > told, EdgeProcess.Patience);
            _cloud.Reports.Skip(told).ShouldAllBe(r => (r.Faults & (int)FaultFlags.Storage) == 0);
            await edge.Process.KillAsync();
        }

        // And dead once more: what it knows is what the card knows.
        await card.DieAsync();
        await using var last = await StartAsync();
        _cloud.Send(kept);
        await SpeaksAsync(_cloud.Alert("再次"));
        SoundedOf(last, kept).ShouldBe(0);
    }

    [Fact]
    public async Task A_copy_of_an_older_state_of_the_card_is_not_used()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await card.DieAsync();
        await using (var edge = await StartAsync()) await edge.Process.KillAsync();
        var older = Directory.GetFiles(Memory).ToDictionary(file => file, File.ReadAllBytes);
        await card.MendAsync();
        var kept = _cloud.Alert("只在卡上");
        await using (var edge = await StartAsync())
        {
            await SpeaksAsync(kept);
            await edge.Process.TerminateAsync(EdgeProcess.Patience);
        }

        await card.DieAsync();
        Directory.CreateDirectory(Memory);
        foreach (var (file, bytes) in older) await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        await using var again = await StartAsync();
        _cloud.Send(kept);
        await SpeaksAsync(_cloud.Alert("之后"));
        SoundedOf(again, kept).ShouldBe(0);
    }

    [Fact]
    public async Task A_card_that_dies_under_a_running_gateway_is_a_fault_and_nothing_stops()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await using var edge = await StartAsync();
        await SpeaksAsync(_cloud.Alert("之前"));
        await card.DieAsync();
        var warning = _cloud.Alert("之后");
        await SpeaksAsync(warning);
        await edge.Process.WaitForLineAsync(l => l.Contains("card read-only: nothing is kept over a power cut", StringComparison.Ordinal), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => (_cloud.Reports[^1].Faults & (int)FaultFlags.Storage) != 0, EdgeProcess.Patience);
        await edge.Process.KillAsync();

        await using var again = await StartAsync();
        _cloud.Send(warning);
        await SpeaksAsync(_cloud.Alert("重启之后"));
        SoundedOf(again, warning).ShouldBe(0, "what it took after the card's end is in memory, and the machine was not switched off");
    }

    [Fact]
    public async Task Without_a_folder_of_the_service_manager_it_makes_a_private_one_and_takes_it_away()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await card.DieAsync();
        await using var edge = await EdgeProcess.StartAsync(_cloud, _folder.Path, new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = "" });
        var line = await edge.Process.WaitForLineAsync(l => l.Contains("card read-only", StringComparison.Ordinal), EdgeProcess.Patience);
        var folder = line.Split(' ', ':').Single(word => word.StartsWith('/'));
        ModesOf(folder).ShouldBe([OwnerOnly | UnixFileMode.UserExecute, .. Enumerable.Repeat(OwnerOnly, 3)]);
        await SpeaksAsync(_cloud.Alert("大雨"));
        await edge.Process.TerminateAsync(EdgeProcess.Patience);
        Directory.Exists(folder).ShouldBeFalse();
    }

    // As the unit gives it: outlives the process, and not the machine.
    private Task<EdgeProcess> StartAsync() => EdgeProcess.StartAsync(_cloud, _folder.Path, new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = Path.GetDirectoryName(Memory)! });

    private async Task SpeaksAsync(Order warning)
    {
        (warning.Repetitions, warning.ToneMs) = (1, 200);
        _cloud.Send(warning);
        await Eventually.HoldsAsync(() => _cloud.StatesOf(warning).Contains(ReceiptState.Played), EdgeProcess.Patience);
    }

    // By its log: what follows at once sounds in the same file.
    private static int SoundedOf(EdgeProcess edge, Order warning) => edge.Process.Output.Split('\n').Count(l => l.Contains($": warning {Convert.ToHexStringLower(warning.WarningId)}", StringComparison.Ordinal));

    private static IEnumerable<UnixFileMode> ModesOf(string folder) => Directory.GetFileSystemEntries(folder).Prepend(folder).Select(File.GetUnixFileMode);
}
