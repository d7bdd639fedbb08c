using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broadcast.Device;
using Broadcast.Link;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Township mode from the cloud to the child's loudspeaker, with real processes over real TLS sockets.</summary>
public sealed class TownshipTests
{
    [Fact]
    public async Task A_warning_reaches_the_children_through_their_Pi_once_and_a_kill_of_the_Pi_loses_and_doubles_nothing()
    {
        await using var bench = await TownshipBench.StartAsync();
        var first = await bench.WarnAsync();
        await bench.PlayedAsync(first);
        bench.Plays().ShouldBe(bench.ChildIds.ToDictionary(c => (c, first), _ => 1), ignoreOrder: true);

        // In the middle of a warning: what the children have not had acknowledged is theirs still.
        var cut = await bench.WarnAsync("第二条预警，请注意");
        await bench.Edge.KillAsync();
        await Eventually.HoldsAsync(async () => await bench.GoneAsync(bench.ChildIds[0]) == "parentLost", EdgeProcess.Patience, "with the Pi its children are gone, and that is why");
        (await bench.OnlineAsync()).ShouldBe(0);
        var away = await bench.WarnAsync("第三条预警，请注意");
        bench.StartEdge();

        await bench.PlayedAsync(cut);
        await bench.PlayedAsync(away);
        await Eventually.HoldsAsync(async () => await bench.OnlineAsync() == TownshipBench.Children, EdgeProcess.Patience);
        foreach (var child in bench.ChildIds)
            foreach (var warning in new[] { first, cut, away }) bench.PlayedToTheEnd()[(child, warning)].ShouldBe(1, $"{child} {warning}");
        bench.PlayedToTheEnd().Count.ShouldBe(3 * TownshipBench.Children);
    }

    [Fact]
    public async Task With_the_uplink_cut_the_Pis_alarm_sounds_at_its_children_and_the_cloud_hears_afterwards_who_ordered_it_and_when()
    {
        await using var bench = await TownshipBench.StartAsync();
        await bench.CutUplinkAsync();
        await bench.Edge.WaitForLineAsync(line => line.Contains("offline", StringComparison.Ordinal), EdgeProcess.Patience);
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-5); // A device that has just started is late by what its welcome took, on a busy machine some of a second.
        bench.RaiseWater();
        await bench.Edge.WaitForLineAsync(line => line.Contains("LocalAlarm Red said to the township", StringComparison.Ordinal), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Plays().Count == TownshipBench.Children, EdgeProcess.Patience, "each child sounds the alarm");
        var after = TimeProvider.System.GetUtcNow();

        // Also the Pi's power goes: it says the alarm again to whoever comes back, and nobody sounds it twice.
        await bench.Edge.KillAsync();
        bench.StartEdge();
        await bench.StartCloudAsync();
        await Eventually.HoldsAsync(async () => await bench.OnlineAsync() == TownshipBench.Children, EdgeProcess.Patience);
        await Eventually.HoldsAsync(async () => (await bench.LocalOrdersAsync()).Count(o => (string)o["state"]! == "played") == TownshipBench.Children, EdgeProcess.Patience);

        var said = await bench.LocalOrdersAsync();
        said.ShouldAllBe(o => (string)o["orderedBy"]! == bench.Pi[0] && (string)o["class"]! == "localAlarm");
        foreach (var received in said.Where(o => (string)o["state"]! == "received"))
        {
            ((bool)received["isTrueTime"]!).ShouldBeTrue();
            ((DateTimeOffset)received["at"]!).ShouldBeInRange(before, after, "when it was so, not when it was told");
            ((DateTimeOffset)received["committed"]!).ShouldBeGreaterThan(after);
        }

        bench.Plays().Values.ShouldAllBe(n => n == 1);
        bench.Plays().Count.ShouldBe(TownshipBench.Children);
    }

    [Fact]
    public async Task Only_a_technician_makes_children_only_of_the_same_township_and_what_is_not_delegated_is_not_said()
    {
        await using var bench = await TownshipBench.StartAsync(delegated: false);
        (await bench.Operator.PutAsync($"/api/devices/{bench.Pi[0]}/children", new System.Text.Json.Nodes.JsonObject { ["children"] = new System.Text.Json.Nodes.JsonArray(), ["delegated"] = true }))
            .Status.ShouldBe(HttpStatusCode.Forbidden);
        var foreign = await bench.PutChildrenAsync(true, bench.Stranger[0]);
        foreign.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreign.Text.ShouldContain("outside-township");
        (await bench.PutChildrenAsync(true, bench.Pi[0])).Status.ShouldBe(HttpStatusCode.UnprocessableEntity, "nobody is a child of itself");
        (await ConnectAsync(bench, bench.Stranger, Delegation.LinkSecret(Convert.FromHexString(bench.Stranger[4]), bench.Pi[0]))).ShouldBe(ConnectCode.BadCredentials, "it is no child here");
        (await ConnectAsync(bench, bench.Devices[1], bench.Devices[1][3])).ShouldBe(ConnectCode.BadCredentials, "the secret for the cloud is for the cloud alone");

        bench.RaiseWater();
        await bench.Edge.WaitForLineAsync(line => line.Contains("cannot be said to the township: nothing is delegated", StringComparison.Ordinal), EdgeProcess.Patience);
        bench.Plays().ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_revocation_a_child_that_hears_of_it_is_silent_for_that_key_and_the_Pi_has_none()
    {
        await using var bench = await TownshipBench.StartAsync();
        ((DateTimeOffset?)(await bench.TownshipAsync())["delegatedUntil"]).ShouldNotBeNull();

        (await bench.PutChildrenAsync(delegated: false)).Ensure();
        await bench.Edge.WaitForLineAsync(line => line.Contains("children: nothing delegated", StringComparison.Ordinal), EdgeProcess.Patience);
        bench.RaiseWater();
        await bench.Edge.WaitForLineAsync(line => line.Contains("cannot be said to the township", StringComparison.Ordinal), EdgeProcess.Patience);

        var now = await bench.TownshipAsync();
        ((DateTimeOffset?)now["delegatedUntil"]).ShouldBeNull();
        now["children"]!.AsArray().ShouldAllBe(c => (DateTimeOffset?)c!["revokedUpTo"] != null);
        bench.Plays().ShouldBeEmpty();
        var warned = await bench.WarnAsync();
        await bench.PlayedAsync(warned, withPi: false); // The Pi's own site says its own alarm first.
    }

    private static async Task<ConnectCode> ConnectAsync(TownshipBench bench, string[] device, string secret)
    {
        var refused = new Refused();
        await using var client = new LinkClient(new LinkClientOptions
        {
            Host = "127.0.0.1", Port = bench.Port, Tls = new LinkClientTls([X509CertificateLoader.LoadCertificateFromFile(bench.AuthorityFile)]), ClientId = device[0], UserName = device[0],
            Password = Encoding.UTF8.GetBytes(secret), Subscribe = [Topics.Down(device[0])],
        }, refused);
        using var stop = new CancellationTokenSource();
        var running = client.RunAsync(stop.Token);
        var code = await refused.Said.Task.WaitAsync(EdgeProcess.Patience);
        await stop.CancelAsync();
        await running;
        return code;
    }

    private sealed class Refused : ILinkClientHandler
    {
        public TaskCompletionSource<ConnectCode> Said { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Up(LinkClient client) => Said.TrySetResult(ConnectCode.Accepted);

        public void Down(LinkClient client, LinkDown why)
        {
        }

        public void Failed(LinkClient client, LinkDown why) => Said.TrySetResult(why.Reason == LinkDownReason.Refused ? why.Code : ConnectCode.ServerUnavailable);

        public void Received(LinkClient client, string topic, ReadOnlyMemory<byte> payload)
        {
        }

        public void Acknowledged(LinkClient client, int token)
        {
        }
    }
}
