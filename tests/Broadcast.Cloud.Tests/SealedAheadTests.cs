using System.Collections.Concurrent;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>Orders are sealed while their release is on its way to the disk, and none is on the wire before it is there (R1).</summary>
public sealed class SealedAheadTests : IAsyncDisposable
{
    private const int Devices = 200; // Enough that they are sealed ahead at all.

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly NodeSessions _sessions = new();
    private readonly ConcurrentQueue<(string Device, long Sequence, bool Committed, byte[] Frame)> _sent = new();
    private DeskBench _bench = null!;

    [Fact]
    public async Task No_order_is_on_the_wire_before_its_commit()
    {
        await OpenAsync();
        await _bench.ReleasedAsync(DeskBench.Here);
        await Testing.Eventually.HoldsAsync(() => _sent.Count == Devices, Patience);

        _sent.ShouldAllBe(s => s.Committed);
        _sent.Select(s => s.Device).Distinct().Count().ShouldBe(Devices);
        _sent.ShouldAllBe(s => Order.Decode(Envelope.Open(s.Frame, KeyOf(s.Device), 1, Direction.Down, s.Device).Body)!.Sequence == s.Sequence);
    }

    [Fact]
    public async Task What_was_sealed_for_a_release_that_was_not_committed_is_never_sent()
    {
        await OpenAsync();
        var draft = (await _bench.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here), null, default)).Warning.ShouldNotBeNull();
        (await _bench.Desk.ActAsync(DeskBench.Author, draft.Id, null, WarningAct.Submit, default)).Status.ShouldBe(200);
        (await _bench.Desk.ActAsync(DeskBench.Approver, draft.Id, null, WarningAct.Approve, default)).Status.ShouldBe(200);
        await SqlAsync("CREATE TRIGGER broken BEFORE INSERT ON idempotency BEGIN SELECT RAISE(ABORT, 'after the orders'); END"); // They were drafted and written by then.
        await Should.ThrowAsync<SqliteException>(() => _bench.Desk.ReleaseAsync(DeskBench.Author, draft.Id, null, "key", default));

        await SqlAsync("DROP TRIGGER broken");
        (await _bench.Desk.ReleaseAsync(DeskBench.Author, draft.Id, null, "key", default)).Status.ShouldBe(200);
        await Testing.Eventually.HoldsAsync(() => _sent.Count >= Devices, Patience);
        _sent.Count.ShouldBe(Devices); // Those of the second try; the first one's would be twice as many, and committed by nobody.
        _sent.ShouldAllBe(s => s.Committed);
    }

    [Fact]
    public async Task A_frame_is_for_the_session_and_the_orders_that_it_was_sealed_for()
    {
        await OpenAsync();
        var (warning, orders) = await CommittedAsync();
        var ahead = new SealedAhead(warning, orders, _sessions);
        ahead.Seal();
        var form = new OrderForms().Of(warning, orders[7].Kind, orders[7].Expires);
        var live = _sessions.Find(orders[7].Device).ShouldNotBeNull();
        ahead.FrameOf(orders, 7, live).ShouldBe(live.Seal(form, orders[7].Sequence));

        ahead.FrameOf([.. orders], 7, live).ShouldBeNull();
        ahead.FrameOf(orders, 7, Enter(live.Id, epoch: 2)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_not_sealed_when_it_is_wanted_is_left_to_the_senders()
    {
        await OpenAsync();
        var (warning, orders) = await CommittedAsync();
        var ahead = new SealedAhead(warning, orders, _sessions);
        ahead.End();
        ahead.Seal();
        Enumerable.Range(0, orders.Count).ShouldAllBe(i => ahead.FrameOf(orders, i, _sessions.Find(orders[i].Device)!) == null);
    }

    public async ValueTask DisposeAsync() => await _bench.DisposeAsync();

    private async Task OpenAsync()
    {
        _bench = await DeskBench.OpenAsync();
        var village = Region.Create("421202100009", RegionLevel.Village);
        await _bench.Ledger.PutRegionsAsync([new(village, "nine")]);
        var ids = Enumerable.Range(0, Devices - 2).Select(n => FormattableString.Invariant($"{n:D4}")).ToArray(); // Two the bench has here.
        await _bench.Ledger.PutSitesAsync([.. ids.Select(n => new Site(new SiteId("s" + n), village, n, 114.3, 29.8))]);
        await _bench.Ledger.PutDevicesAsync([.. ids.Select(n => new DeviceRecord(new DeviceId("d" + n), new SiteId("s" + n), 1, new byte[32], ServiceState.InService))]);
        await _bench.Places.ReloadAsync();
        foreach (var n in ids) Enter(new DeviceId("d" + n));
        foreach (var n in (int[])[1, 2]) Enter(new DeviceId(FormattableString.Invariant($"d421202100{n:D3}")));
        var notes = new SentNotes(_bench.Ledger, new ProgressBatcher(null!, _bench.Clock, NullLogger<ProgressBatcher>.Instance), _bench.Clock, NullLogger<SentNotes>.Instance);
        _bench.Real = new HandOn(_sessions, new OrderSender(notes, NullLogger<OrderSender>.Instance), new CloudOptions { DataFolder = "/none" }, null!);
    }

    private async Task<(Warning Warning, IReadOnlyList<OrderRecord> Orders)> CommittedAsync()
    {
        var id = await _bench.ReleasedAsync(DeskBench.Here);
        return ((await _bench.Ledger.GetWarningAsync(id))[0], (await _bench.Ledger.OrdersAsync(id, 1, null, Devices)).Items);
    }

    private LiveDevice Enter(DeviceId id, long epoch = 1)
    {
        var device = new LiveDevice(new Line(this, id.Value, epoch), _bench.Places.Current.Find(id)!, KeyOf(id.Value), _bench.Clock);
        _sessions.Enter(device).ShouldBeTrue();
        return device;
    }

    private static byte[] KeyOf(string device) => System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(device));

    private async Task SqlAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_bench.LedgerFile};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What a connection of its own sees is what is committed.</summary>
    private bool IsCommitted(long sequence)
    {
        using var connection = new SqliteConnection($"Data Source={_bench.LedgerFile};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM orders WHERE sequence = @sequence";
        command.Parameters.AddWithValue("@sequence", sequence);
        return (long)command.ExecuteScalar()! > 0;
    }

    /// <summary>A session that takes everything, and looks at the disk as it does.</summary>
    private sealed class Line(SealedAheadTests test, string device, long epoch) : ILinkLine
    {
        public long Epoch => epoch;

        public DateTimeOffset LastHeard => test._bench.Clock.GetUtcNow();

        public bool IsOpen => true;

        public bool HasUnsent => false;

        public SendOutcome TrySend(ReadOnlyMemory<byte> payload, long tag, bool flush = true)
        {
            test._sent.Enqueue((device, tag, test.IsCommitted(tag), payload.ToArray()));
            return SendOutcome.Accepted;
        }

        public void Flush()
        {
            // Everything is out already.
        }

        public void Close(LinkCloseReason reason)
        {
            // Nobody closes it here.
        }
    }
}
