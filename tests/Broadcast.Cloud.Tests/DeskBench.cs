using Broadcast.Cloud.Http;
using Broadcast.Cloud.Sites;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>A desk over a real ledger: two counties of one city, two villages each, a site and a device in every village.</summary>
internal sealed class DeskBench : IHandOn, IAsyncDisposable
{
    public static readonly Region City = Region.Create("421200000000", RegionLevel.City);
    public static readonly Region Here = Region.Create("421202000000", RegionLevel.County);
    public static readonly Region There = Region.Create("421221000000", RegionLevel.County);

    public static readonly Person Author = new(new PersonId("li-wei"), "Li Wei", Duties.Operator, City);
    public static readonly Person Approver = new(new PersonId("wang-fang"), "Wang Fang", Duties.Approver, City);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-desk-").FullName;
    private readonly System.Collections.Concurrent.ConcurrentQueue<Task> _handing = new();
    private int _keys;
    private bool _closed;

    public ManualClock Clock { get; } = new();

    public LedgerStore Ledger { get; private set; } = null!;

    public WarningDesk Desk { get; private set; } = null!;

    public DirectoryHolder Places { get; private set; } = null!;

    public List<OrderBatch> HandedOn { get; } = [];

    public Exception? HandOnFails { get; set; }

    /// <summary>Hands on in place of the bench, which only takes note.</summary>
    public IHandOn? Real { get; set; }

    public string LedgerFile => Path.Combine(_folder, "ledger.db");

    public static Person Of(Region region, Duties duties = Duties.Operator | Duties.Approver, string id = "chen-jun") => new(new PersonId(id), id, duties, region);

    public static async Task<DeskBench> OpenAsync()
    {
        var bench = new DeskBench();
        var options = new LedgerOptions("sqlite:" + bench.LedgerFile, "node-1", Path.Combine(bench._folder, "anchors"), new byte[32], ReserveBytes: 1 << 20, FreeBytesMin: 1 << 20);
        bench.Ledger = await LedgerStore.OpenAsync(options, bench.Clock, NullLogger.Instance, CancellationToken.None);
        var villages = new[] { Here, There }.SelectMany(c => new[] { 1, 2 }.Select(n => Region.Create(FormattableString.Invariant($"{c.Code[..6]}100{n:D3}"), RegionLevel.Village))).ToArray();
        await bench.Ledger.PutRegionsAsync([new(City, "city"), new(Here, "here"), new(There, "there"), .. villages.Select(v => new NamedRegion(v, v.Code))]);
        await bench.Ledger.PutSitesAsync([.. villages.Select(v => new Site(new SiteId("s" + v.Code), v, v.Code, 114.3, 29.8))]);
        await bench.Ledger.PutDevicesAsync([.. villages.Select(v => new DeviceRecord(new DeviceId("d" + v.Code), new SiteId("s" + v.Code), 1, new byte[32], ServiceState.InService))]);
        bench.Places = new DirectoryHolder(bench.Ledger);
        await bench.Places.ReloadAsync();
        bench.Desk = new WarningDesk(bench.Ledger, bench.Places, bench, bench.Clock, NullLogger<WarningDesk>.Instance);
        return bench;
    }

    public static WarningBody Body(Region area, string level = "yellow", string? @class = null, DateTimeOffset? notBefore = null, int? minutes = 60) =>
        new(@class, level, "11B03", "暴雨", null, null, null, null, null, new AreaBody([new RegionBody(area.Code, Wording.Camel(area.Level))]), notBefore, null, minutes);

    /// <summary>Drafted, submitted, approved by somebody else, released.</summary>
    public async Task<WarningId> ReleasedAsync(Region area)
    {
        var draft = (await Desk.DraftAsync(Author, Body(area), null, default)).Warning.ShouldNotBeNull();
        await ReleaseAsync(draft.Id, 1);
        return draft.Id;
    }

    /// <summary>Another revision of it, as far as approved.</summary>
    public async Task<int> UpdatedAsync(WarningId id, Region area)
    {
        var draft = (await Desk.DraftAsync(Author, Body(area), id, default)).Warning.ShouldNotBeNull();
        await ReleaseAsync(id, draft.Revision);
        return draft.Revision;
    }

    public async Task<ReleaseAnswer> ReleaseAsync(WarningId id, int revision)
    {
        (await Desk.ActAsync(Author, id, revision, WarningAct.Submit, default)).Status.ShouldBe(200);
        (await Desk.ActAsync(Approver, id, revision, WarningAct.Approve, default)).Status.ShouldBe(200);
        var answer = await Desk.ReleaseAsync(Author, id, revision, NewKey(), default);
        answer.Status.ShouldBe(200);
        return answer;
    }

    public string NewKey() => FormattableString.Invariant($"key-{++_keys}");

    public SealedAhead? Prepare(Warning drafted, IReadOnlyList<OrderRecord> orders) => Real?.Prepare(drafted, orders);

    public Task HandOnAsync(Warning released, IReadOnlyList<OrderRecord> orders, SealedAhead? ahead = null)
    {
        if (Real is { } real)
        {
            var handing = real.HandOnAsync(released, orders, ahead);
            _handing.Enqueue(handing);
            return handing;
        }

        if (HandOnFails is { } fault) return Task.FromException(fault);
        HandedOn.Add(OrderBatch.Of(released, orders));
        return Task.CompletedTask;
    }

    /// <summary>Nothing can be written any more.</summary>
    public async Task CloseLedgerAsync()
    {
        await Task.WhenAll(_handing); // The desk's answer waits for no session, and a session may still look at the ledger's file.
        if (!_closed) await Ledger.DisposeAsync();
        _closed = true;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseLedgerAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
