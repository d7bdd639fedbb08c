using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Up;

/// <summary>
/// Simulated devices of the demo as the children of a real gateway: they leave the fleet, and a fleet of their own connects them to the gateway and to nobody else.
/// </summary>
internal sealed class DemoTownship(CliContext context, string data, DemoDevice gateway, IReadOnlyList<DemoDevice> children)
{
    public IReadOnlyList<DemoDevice> Children => children;

    /// <summary>The next devices of the gateway's township that no gateway has.</summary>
    /// <exception cref="UsageException">There are none.</exception>
    public static async Task<DemoTownship> ChooseAsync(CliContext context, string data, DemoDevice gateway, int count, CancellationToken ct)
    {
        const int TownshipDigits = 9;
        var lent = DemoGateway.LentFolder(data);
        var children = (await DemoDevice.ReadAsync(data, ct))
            .Where(d => d.Id != gateway.Id && d.Village[..TownshipDigits] == gateway.Village[..TownshipDigits] && !File.Exists(Path.Combine(lent, d.Id))).Take(count).ToArray();
        return children.Length > 0 ? new DemoTownship(context, data, gateway, children) : throw new UsageException(context.Texts.NoTownship(gateway.Id));
    }

    public void Borrow()
    {
        Directory.CreateDirectory(DemoGateway.LentFolder(data));
        foreach (var child in children) File.WriteAllText(Path.Combine(DemoGateway.LentFolder(data), child.Id), "");
    }

    public void GiveBack()
    {
        foreach (var child in children) File.Delete(Path.Combine(DemoGateway.LentFolder(data), child.Id));
    }

    /// <summary>Says to the cloud who carries whom, as its technician.</summary>
    public async Task SayAsync(CancellationToken ct)
    {
        var people = await DemoPeople.ReadAsync(data, ct);
        var technician = people.Widest("technician", "administrator") ?? throw new UsageException(context.Texts.NobodyToAsk("technician"));
        using var cloud = new CloudClient(new CloudLocator(data), Patience.Ordinary(context.Clock));
        await cloud.SignInAsync(technician.Name, technician.Password, ct);
        await cloud.PutChildrenAsync(gateway.Id, [.. children.Select(c => c.Id)], ct);
    }

    /// <summary>Switches the children on, at the gateway's own door.</summary>
    public async Task<ManagedProcess> StartAsync(GatewayPlace place, CancellationToken ct)
    {
        var colon = place.Township!.LastIndexOf(':');
        string[] command =
        [
            "dotnet", context.House.FleetProgram, "--devices-file", Path.Combine(data, "devices.csv"), .. children.SelectMany(c => (string[])["--only", c.Id]), "--parent", gateway.Id,
            "--host", place.Township[..colon], "--port", place.Township[(colon + 1)..], "--ca", place.TownshipCa!, "--back-off-max", "5000", "--journal", JournalFile,
        ];
        return await ManagedProcess.StartAsync($"edge-{gateway.Id}-children", command, data, detached: false, ct);
    }

    /// <summary>What the children really did, a line each.</summary>
    public string JournalFile => Path.Combine(data, "edge", gateway.Id, "children.log");
}
