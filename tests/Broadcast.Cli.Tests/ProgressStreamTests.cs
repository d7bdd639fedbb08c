using Broadcast.Cli.Api;

namespace Broadcast.Cli.Tests;

public sealed class ProgressStreamTests : IAsyncLifetime
{
    private readonly Bench _bench = new();
    private readonly Patience _quick = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(20), TimeProvider.System);
    private StubCloud _stub = null!;

    public async ValueTask InitializeAsync() => _stub = await StubCloud.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _stub.DisposeAsync();
        _bench.Dispose();
    }

    [Fact]
    public async Task A_broken_stream_is_resumed_from_the_last_event()
    {
        _stub.Connections.AddRange([
            StubCloud.Progress(3, 2, false, ("sent", 2)) + StubCloud.Progress(5, 2, false, ("received", 2)),
            StubCloud.Progress(8, 2, false, ("playing", 2)),
            StubCloud.Progress(9, 2, true, ("played", 2))]);
        var breaks = new List<bool>();
        var seen = await FollowAsync(breaks.Add);
        _stub.Resumed.ShouldBe(["", "5", "8"]);
        seen.Select(p => string.Join(',', p.Counts.Keys)).ShouldBe(["sent", "received", "playing", "played"]);
        breaks.ShouldBe([true, false, true, false]);
    }

    [Fact]
    public async Task An_event_cut_in_the_middle_is_not_believed_and_comes_again()
    {
        var whole = StubCloud.Progress(4, 2, true, ("played", 2));
        _stub.Connections.AddRange([StubCloud.Progress(3, 2, false, ("sent", 2)) + whole[..(whole.Length / 3)], whole]);
        var seen = await FollowAsync(_ => { });
        _stub.Resumed.ShouldBe(["", "3"]);
        seen[^1].Final.ShouldBeTrue();
    }

    [Fact]
    public async Task A_restarted_cloud_that_knows_no_token_any_more_is_signed_in_to_again()
    {
        _stub.Connections.AddRange([StubCloud.Progress(3, 2, false, ("sent", 2)), StubCloud.Progress(4, 2, true, ("played", 2))]);
        var seen = await FollowAsync(broken => _stub.ForgetTokens = broken);
        seen[^1].Final.ShouldBeTrue();
        _stub.Resumed.ShouldBe(["", "3"]);
    }

    [Fact]
    public async Task A_cloud_that_comes_back_at_another_address_is_found_again()
    {
        _stub.Connections.Add(StubCloud.Progress(3, 2, false, ("sent", 2)));
        await using var second = await StubCloud.StartAsync();
        second.Connections.Add(StubCloud.Progress(4, 2, true, ("played", 2)));
        WriteCloudFile(_stub.Address);
        var seen = await FollowAsync(broken => WriteCloudFile(second.Address), new CloudLocator(_bench.Folder));
        seen[^1].Final.ShouldBeTrue();
        second.Resumed.ShouldBe(["3"]);
    }

    [Fact]
    public async Task Nobody_is_waited_for_for_ever()
    {
        _stub.Connections.Add("");
        var impatient = _quick with { GiveUpAfter = TimeSpan.FromMilliseconds(50) };
        await Should.ThrowAsync<CloudUnreachableException>(() => FollowAsync(_ => { }, patience: impatient));
    }

    private void WriteCloudFile(Uri address) => _bench.Write(
        "cloud.json", $$"""{"pid":1,"https":"{{address}}","http":"{{address}}","link":"127.0.0.1:1","linkPlain":null,"lane":"standin","node":"n"}""");

    private async Task<List<ProgressShape>> FollowAsync(Action<bool> broken, CloudLocator? locator = null, Patience? patience = null)
    {
        var ct = TestContext.Current.CancellationToken;
        using var cloud = new CloudClient(locator ?? new CloudLocator(_bench.Folder, _stub.Address), patience ?? _quick);
        await cloud.SignInAsync("li-wei", "pw-li-wei", ct);
        var seen = new List<ProgressShape>();
        await foreach (var progress in new ProgressStream(cloud, patience ?? _quick) { Broken = broken }.FollowAsync("w1", 1, ct)) seen.Add(progress);
        return seen;
    }
}
