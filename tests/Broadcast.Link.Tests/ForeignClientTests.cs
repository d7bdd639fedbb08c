namespace Broadcast.Link.Tests;

/// <summary>Other people's clients as a device, over TLS.</summary>
public sealed class ForeignClientTests
{
    private static string Clients => Path.Combine(Repository.Root, "tests", "Broadcast.Link.Tests", "clients");

    [Theory]
    [Trait("clause", "MQTT-7.0.0-2")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Mosquitto_sub_receives_an_order(int qos)
    {
        await using var server = await TestServer.StartAsync();
        await using var sub = Mosquitto(server, "mosquitto_sub", "-t", "d/7/down", "-q", $"{qos}", "-C", "1");
        var session = (await server.Authority.UntilAsync<Told.Subscribed>()).Session;
        session.TrySend("order"u8.ToArray(), 1).ShouldBe(SendOutcome.Accepted);
        (await sub.NextLineAsync()).ShouldBe("order");
        if (qos > 0) (await server.Authority.UntilAsync<Told.Delivered>()).Tag.ShouldBe(1);
        (await sub.ExitAsync()).ShouldBe(0);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Disconnected);
    }

    [Theory]
    [Trait("clause", "MQTT-7.0.0-2")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Mosquitto_pub_ends_well_only_after_the_commit(int qos)
    {
        await using var server = await TestServer.StartAsync(new TestAuthority { HoldsReceipts = true });
        await using var pub = Mosquitto(server, "mosquitto_pub", "-t", "d/7/up", "-q", $"{qos}", "-m", "receipt");
        var message = await server.Authority.UntilAsync<Told.Message>();
        message.Text.ShouldBe("receipt");
        pub.HasExited.ShouldBeFalse();
        message.Commit.SetResult();
        (await pub.ExitAsync()).ShouldBe(0);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Disconnected);
    }

    [Fact]
    public async Task Mosquitto_pub_with_a_wrong_password_is_told_so()
    {
        await using var server = await TestServer.StartAsync();
        await using var pub = ForeignProcess.Start(
            "/usr/bin/mosquitto_pub", "mosquitto-clients",
            "-h", "localhost", "-p", $"{server.TlsPort}", "--cafile", TestCa.Instance.RootFile, "-u", "7", "-P", "wrong", "-t", "d/7/up", "-m", "x");
        (await pub.NextLineAsync()).ShouldContain("bad user name or password");
        (await pub.ExitAsync()).ShouldBe(4);
    }

    [Theory]
    [Trait("clause", "MQTT-7.0.0-2")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Paho_receives_an_order_and_its_receipt_is_acknowledged_after_the_commit(int qos)
    {
        await using var server = await TestServer.StartAsync(new TestAuthority { HoldsReceipts = true });
        await using var paho = ForeignProcess.Start(
            "/usr/bin/python3", "python3 python3-paho-mqtt",
            Path.Combine(Clients, "device.py"), $"{server.TlsPort}", TestCa.Instance.RootFile, "7", $"{qos}");
        var first = await paho.NextLineAsync();
        first.ShouldBe("connected 0 session 0", "the module paho.mqtt is missing? apt-get install -y python3-paho-mqtt");
        (await paho.NextLineAsync()).ShouldBe("up 1");
        await ExchangeAsync(server, paho);
    }

    [Fact]
    [Trait("clause", "MQTT-7.0.0-2")]
    public async Task MQTT_js_receives_an_order_and_its_receipt_is_acknowledged_after_the_commit()
    {
        await InstallAsync();
        await using var server = await TestServer.StartAsync(new TestAuthority { HoldsReceipts = true });
        await using var node = ForeignProcess.StartIn(
            Clients, "/usr/bin/node", "nodejs npm", "device.mjs", $"{server.TlsPort}", TestCa.Instance.RootFile, "7");
        (await node.NextLineAsync()).ShouldBe("up 1");
        await ExchangeAsync(server, node);
    }

    private static async Task ExchangeAsync(TestServer server, ForeignProcess device)
    {
        var session = (await server.Authority.UntilAsync<Told.Subscribed>()).Session;
        session.TrySend("order"u8.ToArray(), 5).ShouldBe(SendOutcome.Accepted);
        var message = await server.Authority.UntilAsync<Told.Message>();
        message.Text.ShouldBe("heard order");
        message.Commit.SetResult();
        (await device.NextLineAsync()).ShouldBe("acknowledged");
        (await device.ExitAsync()).ShouldBe(0);
        (await server.Authority.UntilAsync<Told.Closed>()).Why.Reason.ShouldBe(LinkCloseReason.Disconnected);
    }

    private static ForeignProcess Mosquitto(TestServer server, string program, params string[] more) => ForeignProcess.Start(
        $"/usr/bin/{program}", "mosquitto-clients",
        ["-h", "localhost", "-p", $"{server.TlsPort}", "--cafile", TestCa.Instance.RootFile, "-i", "7", "-u", "7", "-P", TestAuthority.Password, "-V", "mqttv311", .. more]);

    /// <summary>MQTT.js comes from npm into the folder of the clients, once.</summary>
    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Clients, "node_modules", "mqtt"))) return;
        await using var npm = ForeignProcess.StartIn(Clients, "/usr/bin/npm", "nodejs npm", "ci", "--no-audit", "--no-fund");
        (await npm.ExitAsync()).ShouldBe(0, $"npm ci failed in {Clients}");
    }
}
