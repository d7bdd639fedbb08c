using System.CommandLine;
using System.Net;
using Broadcast.Cloud;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Updates;
using Broadcast.Ledger;

// Thousands of sessions are closed and recorded on the way down; two seconds, the default, are not always enough on a busy machine.
var stopMax = TimeSpan.FromSeconds(30);

// `serve` runs the cloud, `restore` puts a backup in the place of the ledger while it does not run; packages of gateways are signed far from both.
var data = new Option<string>("--data") { Description = "Folder of everything the process keeps.", Required = true };
var serve = new Command("serve", "Run the cloud until it is told to stop.")
{
    data,
    new Option<bool>("--demo") { Description = "Fill an empty ledger with the demo prefecture." },
    new Option<int>("--demo-sites") { Description = "At least so many sites in the demo, for measurements (0: one a village or so)." },
    new Option<bool>("--reset-passwords") { Description = "Give the demo's people new passwords." },
    new Option<int>("--https") { DefaultValueFactory = _ => 8443, Description = "HTTPS port (0: any free one)." },
    new Option<int>("--http") { DefaultValueFactory = _ => 8080, Description = "Plain HTTP port, loopback only (0: any free one)." },
    new Option<int>("--link") { DefaultValueFactory = _ => 8883, Description = "MQTT over TLS (0: any free one)." },
    new Option<int?>("--link-plain") { Description = "MQTT without TLS; closed unless given (0: any free one)." },
    new Option<string>("--bind") { DefaultValueFactory = _ => "127.0.0.1", Description = "Address to listen on." },
    new Option<string>("--ledger") { DefaultValueFactory = _ => "sqlite", Description = "sqlite, or postgres:CONNECTION." },
    new Option<string>("--node") { DefaultValueFactory = _ => "node-1", Description = "Name of this process in a cluster." },
};
serve.SetAction(async (parsed, ct) =>
{
    if (!IPAddress.TryParse(parsed.GetValue<string>("--bind"), out var bind))
    {
        await Console.Error.WriteLineAsync($"--bind is '{parsed.GetValue<string>("--bind")}'; expected an IP address such as 0.0.0.0.");
        return 2;
    }

    return await CloudHost.RunAsync(new CloudOptions
    {
        DataFolder = Path.GetFullPath(parsed.GetRequiredValue(data)),
        Demo = parsed.GetValue<bool>("--demo"),
        DemoSites = parsed.GetValue<int>("--demo-sites"),
        ResetPasswords = parsed.GetValue<bool>("--reset-passwords"),
        HttpsPort = parsed.GetValue<int>("--https"),
        HttpPort = parsed.GetValue<int>("--http"),
        LinkPort = parsed.GetValue<int>("--link"),
        PlainLinkPort = parsed.GetValue<int?>("--link-plain"),
        Bind = bind,
        Ledger = parsed.GetRequiredValue<string>("--ledger"),
        Node = parsed.GetRequiredValue<string>("--node"),
    }, ct);
});

var file = new Argument<string>("file") { Description = "What `GET /api/backup` gave." };
var target = new Option<string>("--ledger") { DefaultValueFactory = _ => "sqlite", Description = "sqlite, or postgres:CONNECTION." };
var asItWas = new Option<bool>("--as-it-was") { Description = "Also the keys, service, delegations, duties and passwords of then: who was shut out since comes in again." };
var restore = new Command("restore", "Put a backup in the place of the ledger; the service must not be running.") { data, target, asItWas, file };
restore.SetAction(async (parsed, ct) =>
{
    var options = new CloudOptions { DataFolder = Path.GetFullPath(parsed.GetRequiredValue(data)), Ledger = parsed.GetRequiredValue(target) };
    try
    {
        // A ledger under a new master would speak to no device: the old one comes first.
        var keys = KeyRing.OpenOrCreate(options.PathOf("keys"), mayCreate: false);
        var restored = await LedgerStore.RestoreAsync(parsed.GetRequiredValue(file), CloudHost.LedgerOptionsOf(options, keys), TimeProvider.System, asItWas: parsed.GetValue(asItWas), cancel: ct);
        foreach (var line in RestoreWords.Of(restored, parsed.GetValue(asItWas))) await Console.Out.WriteLineAsync(line);
    }
    catch (Exception e) when (e is IOException or InvalidDataException or LedgerSchemaException)
    {
        await Console.Error.WriteLineAsync($"Not restored: {e.Message}"); // Held by a running service, no such file, no backup of ours: the ledger is as it was.
        return 2;
    }

    return 0;
});

return await new RootCommand("Broadcast cloud") { serve, restore, SignUpdate.BuildKey(), SignUpdate.BuildSign() }.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = stopMax });
