namespace Broadcast.Link.Tests;

/// <summary>Our client with Mosquitto as its server.</summary>
public sealed class ForeignBrokerTests
{
    [Fact]
    public async Task Client_publishes_through_its_window_and_receives_from_Mosquitto_in_order()
    {
        await using var broker = new MosquittoBroker();
        broker.Start();
        var handler = new TestHandler();
        await using var client = new LinkClient(Options(broker), handler);
        _ = client.RunAsync(CancellationToken.None);
        await handler.UntilAsync<Heard.Up>();
        var published = 0;
        SendOutcome outcome;
        while ((outcome = Publish(client, published)) == SendOutcome.Accepted) published++;
        outcome.ShouldBe(SendOutcome.WindowFull);
        published.ShouldBeGreaterThanOrEqualTo(16);
        for (int acknowledged = 0, received = 0; acknowledged < 100 || received < 100;)
        {
            switch (await handler.UntilAsync<Heard>())
            {
                case Heard.Acknowledged ack:
                    ack.Token.ShouldBe(acknowledged++);
                    while (published < 100 && Publish(client, published) == SendOutcome.Accepted) published++;
                    break;
                case Heard.Message message:
                    message.ShouldBe(new Heard.Message("d/7/loop", $"{received++}"));
                    break;
                case var other: throw new InvalidOperationException($"{other} was not expected");
            }
        }
    }

    [Fact]
    public async Task Client_comes_back_after_the_broker_was_killed()
    {
        await using var broker = new MosquittoBroker();
        broker.Start();
        var handler = new TestHandler();
        await using var client = new LinkClient(Options(broker), handler);
        _ = client.RunAsync(CancellationToken.None);
        await handler.UntilAsync<Heard.Up>();
        await broker.KillAsync();
        (await handler.NextAsync<Heard.Down>()).Why.Reason.ShouldBe(LinkDownReason.LinkLost);
        client.TryPublish("d/7/loop", default, 0).ShouldBe(SendOutcome.Closed);
        (await handler.NextAsync<Heard.Failed>()).Why.Reason.ShouldBe(LinkDownReason.Unreachable);
        broker.Start();
        await handler.UntilAsync<Heard.Up>();
        Publish(client, 7).ShouldBe(SendOutcome.Accepted);
        (await handler.UntilAsync<Heard.Acknowledged>()).Token.ShouldBe(7);
    }

    private static SendOutcome Publish(LinkClient client, int number) =>
        client.TryPublish("d/7/loop", System.Text.Encoding.ASCII.GetBytes($"{number}"), number);

    private static LinkClientOptions Options(MosquittoBroker broker) => new()
    {
        Host = "localhost", Port = broker.Port, Tls = TestCa.Instance.Trust, ClientId = "7", Subscribe = ["d/7/loop"],
        BackOffMin = TimeSpan.FromMilliseconds(10), BackOffMax = TimeSpan.FromMilliseconds(100), Random = new Random(1),
    };
}
