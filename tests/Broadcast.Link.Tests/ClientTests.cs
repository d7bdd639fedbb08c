using System.Text;

namespace Broadcast.Link.Tests;

public sealed class ClientTests
{
    [Fact]
    public async Task Client_and_endpoint_exchange_a_message_each_way_over_TLS()
    {
        await using var server = await TestServer.StartAsync();
        var handler = new TestHandler();
        await using var client = new LinkClient(server.Device("7"), handler);
        using var stop = new CancellationTokenSource();
        var running = client.RunAsync(stop.Token);

        await handler.NextAsync<Heard.Up>();
        (await server.Authority.NextAsync<Told.Opened>()).Session.DeviceId.ShouldBe("7");
        var session = (await server.Authority.NextAsync<Told.Subscribed>()).Session;
        session.TrySend("order"u8.ToArray(), 42).ShouldBe(SendOutcome.Accepted);
        (await handler.NextAsync<Heard.Message>()).ShouldBe(new Heard.Message("d/7/down", "order"));
        (await server.Authority.NextAsync<Told.Delivered>()).Tag.ShouldBe(42);

        client.TryPublish("d/7/up", Encoding.UTF8.GetBytes("receipt"), 9).ShouldBe(SendOutcome.Accepted);
        (await server.Authority.NextAsync<Told.Message>()).Text.ShouldBe("receipt");
        (await handler.NextAsync<Heard.Acknowledged>()).Token.ShouldBe(9);

        await stop.CancelAsync();
        await running.WaitAsync(TestServer.Patience);
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.Stopped);
        (await server.Authority.NextAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Disconnected);
        server.Endpoint.Count.ShouldBe(0);
    }
}
