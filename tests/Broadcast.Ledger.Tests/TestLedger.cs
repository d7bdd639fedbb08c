using System.Globalization;
using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(Broadcast.Ledger.Tests.PostgresFixture))]

namespace Broadcast.Ledger.Tests;

public enum Database { Sqlite, Postgres }

/// <summary>One PostgreSQL for the whole run.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static PostgresServer? _server;

    public static PostgresServer Server => _server ?? throw new InvalidOperationException("PostgreSQL has not been started.");

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server) await server.DisposeAsync();
    }
}

/// <summary>A fresh ledger in a folder of its own, and a county of made-up sites to fill it with.</summary>
public sealed class TestLedger : IAsyncDisposable
{
    public static readonly Actor Operator = Actor.Of(new PersonId("li-wei"));

    private readonly string _folder;

    private TestLedger(string folder, LedgerOptions options, ManualClock clock) => (_folder, Options, Clock) = (folder, options, clock);

    public static TheoryData<Database> Both => [Database.Sqlite, Database.Postgres];

    public LedgerOptions Options { get; private init; }

    public ManualClock Clock { get; }

    public LedgerStore Store { get; private set; } = null!;

    public string Folder => _folder;

    public DateTimeOffset Now => Clock.GetUtcNow();

    public static async Task<TestLedger> OpenAsync(Database database, Func<LedgerOptions, LedgerOptions>? change = null, string? folder = null)
    {
        var ledger = await UnopenedAsync(database, change, folder);
        await ledger.ReopenAsync();
        return ledger;
    }

    public static async Task<TestLedger> UnopenedAsync(Database database, Func<LedgerOptions, LedgerOptions>? change = null, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("ledger").FullName;
        var connection = database == Database.Sqlite ? "sqlite:" + Path.Combine(folder, "ledger.db") : "postgres:" + await PostgresFixture.Server.CreateDatabaseAsync();
        var options = new LedgerOptions(connection, "node-a", Path.Combine(folder, "anchor"), new byte[32], ReserveBytes: 1 << 20, FreeBytesMin: 1 << 20);
        return new TestLedger(folder, change?.Invoke(options) ?? options, new ManualClock());
    }

    public async Task ReopenAsync()
    {
        if (Store is not null) await Store.DisposeAsync();
        Store = null!;
        Store = await OpenNodeAsync(Options);
    }

    public Task<LedgerStore> OpenNodeAsync(LedgerOptions options) => LedgerStore.OpenAsync(options, Clock, NullLogger.Instance, CancellationToken.None);

    public async Task CloseAsync()
    {
        await Store.DisposeAsync();
        Store = null!;
    }

    /// <summary>Devices d0 … with sites s0 …, ten to a village, ten villages to a township.</summary>
    public async Task<IReadOnlyList<Target>> CountyAsync(int sites)
    {
        var targets = Enumerable.Range(0, sites).Select(TargetOf).ToList();
        await Store.PutSitesAsync([.. targets.Select(t => new Site(t.Site, t.Village, "村委会 " + t.Site, 114.3, 29.8))]);
        await Store.PutDevicesAsync([.. targets.Select(t => new DeviceRecord(t.Device, t.Site, 1, new byte[32], ServiceState.InService))]);
        return targets;
    }

    public static Target TargetOf(int i) => new(new SiteId(string.Create(CultureInfo.InvariantCulture, $"s{i}")), new DeviceId(string.Create(CultureInfo.InvariantCulture, $"d{i}")),
        Region.Create(string.Create(CultureInfo.InvariantCulture, $"421202{100 + (i / 100):D3}{i / 10 % 10:D3}"), RegionLevel.Village));

    public Warning Draft(WarningId? id = null, int revision = 1, OrderKind kind = OrderKind.Alert, WarningLevel level = WarningLevel.Yellow, string text = "暴雨黄色预警") => new(
        id ?? WarningId.New(Clock), revision, kind, new WarningContent(WarningClass.Actual, level, "11B03", text), Area.Of(Region.Create("421202000000", RegionLevel.County)),
        Region.Create("421202000000", RegionLevel.County), Now, Now.AddHours(2), WarningState.Draft, new PersonId("li-wei"), null, Now, null);

    /// <summary>Draft, submitted and approved.</summary>
    public async Task<Warning> ApprovedAsync(Warning? draft = null)
    {
        draft ??= Draft();
        (await Store.AddRevisionAsync(draft, Operator)).ShouldBeTrue();
        (await Store.MoveAsync(draft.Id, draft.Revision, WarningState.Draft, WarningState.Submitted, null, Operator, "submit")).ShouldBeTrue();
        (await Store.MoveAsync(draft.Id, draft.Revision, WarningState.Submitted, WarningState.Approved, new PersonId("wang-fang"), Actor.Of(new PersonId("wang-fang")), "approve")).ShouldBeTrue();
        return draft;
    }

    public static ReleaseRequest Request(Warning warning, IEnumerable<Target> targets, string key = "k", OrderKind? kind = null, byte hash = 1) =>
        new(warning, [.. targets.Select(t => new ReleaseTarget(t, kind ?? warning.Kind))], Operator, key, [hash]);

    public async Task<ReleaseResult.Done> ReleasedAsync(IEnumerable<Target> targets, Warning? draft = null, string key = "k")
    {
        var warning = await ApprovedAsync(draft);
        return (await Store.ReleaseAsync(Request(warning, targets, key))).ShouldBeOfType<ReleaseResult.Done>();
    }

    public ReceiptRecord Receipt(OrderRecord order, ReceiptState state, long number, byte reason = 0, int attempt = 1) =>
        new(order.Warning, order.Revision, order.Sequence, state, reason, attempt, Now.ToUnixTimeMilliseconds(), ClockQuality.Cloud, number);

    public async ValueTask DisposeAsync()
    {
        if (Store is not null) await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
