using System.Text.Json;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;
using Spectre.Console;

namespace Broadcast.Cli.Up;

/// <summary>Waits until the devices are online and shows how many are. Stops waiting when the number no longer grows: the panel then says how many.</summary>
internal sealed class DevicesOnline(CliContext context, UpRequest request)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(30);
    private int _shown = -1;

    /// <summary>Devices online and devices expected.</summary>
    public async Task<(int Online, int Expected)> WaitAsync(ManagedProcess fleet, CancellationToken ct)
    {
        var people = await DemoPeople.ReadAsync(request.Data, ct);
        var viewer = people.Widest("operator", "monitor", "administrator") ?? throw new UsageException(context.Texts.NobodyToAsk("operator"));
        using var cloud = new CloudClient(new CloudLocator(request.Data), Patience.Ordinary(context.Clock));
        await cloud.SignInAsync(viewer.Name, viewer.Password, ct);
        if (!context.Interactive) return await LookAsync(cloud, fleet, Plain, ct);
        return await context.Out.Status().StartAsync(
            Markup.Escape(context.Texts.DevicesOnline(0, 0)),
            status => LookAsync(cloud, fleet, (online, expected) => status.Status = Markup.Escape(context.Texts.DevicesOnline(online, expected)), ct));
    }

    private async Task<(int Online, int Expected)> LookAsync(CloudClient cloud, ManagedProcess fleet, Action<int, int> show, CancellationToken ct)
    {
        var (best, grew) = (-1, context.Clock.GetTimestamp());
        using var look = new PeriodicTimer(LookEvery, context.Clock);
        while (true)
        {
            var status = (await cloud.StatusAsync(ct)).Deserialize<StatusShape>(JsonSerializerOptions.Web)!;
            var expected = Math.Min(status.Devices, request.Devices ?? int.MaxValue);
            show(status.Online, expected);
            if (status.Online > best) (best, grew) = (status.Online, context.Clock.GetTimestamp());
            if (best >= expected || fleet.HasEnded || context.Clock.GetElapsedTime(grew) > StandstillMax) return (best, expected);
            await look.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>A pipe gets a line each time a tenth more is there, not four a second.</summary>
    private void Plain(int online, int expected)
    {
        var tenth = expected == 0 ? 10 : online * 10 / expected;
        if (tenth == _shown) return;
        _shown = tenth;
        context.Line(context.Texts.DevicesOnline(online, expected));
    }
}
