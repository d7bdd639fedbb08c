using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Broadcast.Cloud;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Settings;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Townships;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Time;

namespace Broadcast.Simulation.Cloud;

/// <summary>
/// One life of the cloud's process, put together as the host does it: ledger, authority, link endpoint, sweeper, owed orders, reports, desk.
/// All of it is the product's own; Orleans is replaced by <see cref="SimulatedGrains"/>, Kestrel by <see cref="SimulatedConnection"/>.
/// </summary>
internal sealed class SimulatedCloud : IHandOn
{
    public const string Node = "node-1";

    private readonly NodeSessions _sessions = new();
    private readonly OrderSender _sender;
    private readonly NodeCustody _custody;
    private readonly Func<bool> _losesHandOn;

    private SimulatedCloud(SimulatedProcess process, SimulatedTime clock, LedgerStore ledger, KeyRing keys, CloudLog log, Random ids, Func<bool> losesHandOn)
    {
        (Process, Ledger, Clock, _losesHandOn) = (process, ledger, clock, losesHandOn);
        var options = new CloudOptions { DataFolder = "/none", Node = Node };
        var grains = SimulatedGrains.Create();
        Places = new DirectoryHolder(ledger);
        var progress = new ProgressBatcher(grains, clock, log.For<ProgressBatcher>()); // Not started: nobody watches.
        Notes = new SentNotes(ledger, progress, clock, log.For<SentNotes>());
        _sender = new OrderSender(Notes, log.For<OrderSender>()) { OnCallersThread = true };
        Owed = new OwedOrders(ledger, _sender, clock, log.For<OwedOrders>());
        Reports = new ReportBuffer(ledger, clock, log.For<ReportBuffer>());
        var counts = new LinkCounts();
        Townships = new TownshipDesk(ledger, Places, keys, _sessions, clock, log.For<TownshipDesk>());
        var settings = new SettingsDesk(ledger, Places, _sessions, grains, log.For<SettingsDesk>());
        var authority = new CloudAuthority(Places, keys, ledger, grains, _sessions, Owed, progress, Reports, new SiteJournal(ledger, counts, log.For<SiteJournal>()),
            settings, Townships, counts, options, clock, log.For<CloudAuthority>());
        _custody = new NodeCustody(Places, _sessions, new Services(this));
        Endpoint = new LinkEndpoint(authority, new LinkLimits(), clock, log.For<LinkEndpoint>()) { Aside = process.Aside };
        Sweep = new Sweeper(ledger, _sessions, progress, grains, counts, Owed, Notes, _custody, Townships, settings, options, clock, log.For<Sweeper>());
        Desk = new WarningDesk(ledger, Places, this, clock, log.For<WarningDesk>()) { NewId = () => NewId(ids) };
    }

    public SimulatedProcess Process { get; }

    public SimulatedTime Clock { get; }

    public LedgerStore Ledger { get; }

    public DirectoryHolder Places { get; }

    public WarningDesk Desk { get; }

    public TownshipDesk Townships { get; }

    public LinkEndpoint Endpoint { get; }

    public List<(Exchange Exchange, SimulatedDevice Device)> Exchanges { get; } = [];

    private OwedOrders Owed { get; }

    private ReportBuffer Reports { get; }

    private SentNotes Notes { get; }

    private Sweeper Sweep { get; }

    /// <summary>Opens the ledger and everything behind it.</summary>
    /// <param name="ids">Where the ids of warnings are drawn from: it outlives the process.</param>
    /// <param name="fill">What an empty ledger is filled with.</param>
    public static async Task<SimulatedCloud> StartAsync(
        SimulatedProcess process, SimulatedTime clock, LedgerOptions options, KeyRing keys, CloudLog log, Random ids, Func<bool> losesHandOn, Func<LedgerStore, Task> fill)
    {
        var ledger = await LedgerStore.OpenAsync(options, clock, log.For<LedgerStore>(), CancellationToken.None);
        try
        {
            await fill(ledger);
            var cloud = new SimulatedCloud(process, clock, ledger, keys, log, ids, losesHandOn);
            await cloud.Places.ReloadAsync();
            cloud.Loops = [Execute(cloud.Owed, CancellationToken.None), Execute(cloud.Notes, CancellationToken.None), Execute(cloud.Reports, CancellationToken.None), Execute(cloud.Sweep, CancellationToken.None)];
            return cloud;
        }
        catch (IOException)
        {
            await ledger.AbandonAsync();
            throw; // The disk went while the process started: it starts again.
        }
    }

    /// <summary>The background services; one that ends has failed.</summary>
    public IReadOnlyList<Task> Loops { get; private set; } = [];

    /// <summary>Serves a connection as Kestrel hands it over.</summary>
    public void Accept(Exchange exchange, SimulatedDevice device)
    {
        Exchanges.Add((exchange, device));
        _ = Process.Begin(async () =>
        {
            await Endpoint.OnConnectedAsync(exchange.Server);
            exchange.ServerEnded();
            return 0;
        });
    }

    /// <summary>The release's way to the sessions of this node; it may be lost, as a call between nodes may.</summary>
    /// <summary>Nothing: there is one thread, and its order is the seed's.</summary>
    public SealedAhead? Prepare(Warning drafted, IReadOnlyList<OrderRecord> orders) => null;

    public Task HandOnAsync(Warning released, IReadOnlyList<OrderRecord> orders, SealedAhead? ahead = null) => _losesHandOn() ? Task.CompletedTask : HandOn.ServeAsync(released, orders, _sessions, _sender);

    /// <summary>Gives a device other keys, as the custody desk does: committed first, then told here. The file that it writes the new ones into nobody reads here.</summary>
    public async Task<Rekeyed> RekeyAsync(DeviceId device, string secret)
    {
        var renewed = (await Ledger.RekeyAsync(device, CloudAuthority.VerifierOf(secret), Actor.System("administrator"), "stolen"))!;
        await _custody.ChangedAsync(device);
        return new Rekeyed(renewed, await Ledger.TownshipAsync(device));
    }

    // Ordered by time as the product's, and the seed's own.
    private WarningId NewId(Random ids)
    {
        Span<byte> bytes = stackalloc byte[16];
        ids.NextBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (Clock.GetUtcNow().ToUnixTimeMilliseconds() << 16) | 0x7000L);
        return WarningId.FromWire(bytes)!.Value;
    }

    /// <param name="Township">What it is to know as a township's Pi; null where it is none.</param>
    internal sealed record Rekeyed(DeviceRecord Device, TownshipRecord? Township);

    private sealed class Services(SimulatedCloud cloud) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(LinkEndpoint) ? cloud.Endpoint : serviceType == typeof(TownshipDesk) ? cloud.Townships : null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task Execute(OwedOrders service, CancellationToken ct);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task Execute(ReportBuffer service, CancellationToken ct);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task Execute(SentNotes service, CancellationToken ct);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task Execute(Sweeper service, CancellationToken ct);
}
