using System.Net;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Page;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>What a card that takes no more writes does to what the cloud, the page and the loudspeakers get of it.</summary>
public sealed class ReadOnlyStoreTests : IDisposable
{
    private static readonly SiteReading Dry = new(new LevelReading(SensorFault.None, 1_250, ""), 12_600, [0, 0, 0, 0], SensorFault.None, SensorFault.None, AlarmStage.None);

    private readonly TempFolder _folder = new("read-only-store");

    private EdgeSettings Settings => new() { Data = _folder["data"] };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_start_on_such_a_card_gives_alarms_numbers_of_its_own_above_those_that_wait()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        long first;
        using (var store = Open()) first = Keep(store);
        await card.DieAsync();

        var later = new HashSet<long>();
        for (var powerCut = 0; powerCut < 3; powerCut++)
        {
            using var store = Open();
            var number = Keep(store);
            number.ShouldBeGreaterThan(first);
            later.Add(number).ShouldBeTrue("the cloud takes a number it knows for a repeat, and nobody hears of the second flood");
            store.NextToSend([], 4).Select(w => w.Number).ShouldBe([first, number]);
        }
    }

    [Fact]
    public async Task Rain_that_an_earlier_copy_may_have_told_is_not_told_again_and_weighs_on()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        using (var store = Open()) store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000), 5, Dry).ShouldBeTrue();
        await card.DieAsync();

        using var again = Open();
        again.SumReadings(Now, Dry, 2, 10).ShouldBeTrue();
        again.WaitingReadings().ShouldBe(0);
        again.TipsSince(DateTimeOffset.UnixEpoch).Sum(t => t.Tips).ShouldBe(5);
    }

    [Fact]
    public async Task A_card_that_dies_between_an_alarm_and_its_acknowledgement_lets_it_go_once_and_loses_no_rain()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        using var store = Open();
        Keep(store);
        store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000), 5, Dry).ShouldBeTrue();
        await card.DieAsync();

        var sent = store.NextToSend([], 4).ShouldHaveSingleItem();
        store.MarkSent(sent.Type, sent.Number);
        store.NextToSend([], 4).ShouldBeEmpty("else it is sent without end");
        store.SumReadings(Now, Dry, 2, 10).ShouldBeTrue();
        Reading.Decode(store.NextToSend([], 4).ShouldHaveSingleItem().Body)!.RainTenths.ShouldBe(10);
        (store.HasFailed, store.Probe()).ShouldBe((true, false), "a new program does not prove itself on such a card");
    }

    [Fact]
    public async Task A_card_that_can_be_read_no_more_either_costs_the_memory_and_not_the_voice()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        using (var store = Open()) store.SaveState([1, 2, 3]).ShouldBeTrue();
        var file = Path.Combine(card.Path, "gateway.db");
        File.Delete(file);
        Directory.CreateDirectory(file); // What opens, and cannot be read.
        await card.DieAsync();

        using var again = Open();
        again.LoadState().ShouldBe([], "lost, and said so");
        again.SaveState([4]).ShouldBeTrue();
        again.LoadState().ShouldBe([4]);
    }

    [Fact]
    public async Task A_full_card_is_no_dead_one()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        using (var store = Open()) store.SaveState([1, 2, 3]).ShouldBeTrue();
        await FillAsync(card);

        var folder = new DataFolder(Settings);
        using var again = new GatewayStore(folder, NullLogger<GatewayStore>.Instance);
        again.SaveState(new byte[100_000]).ShouldBeFalse("it is full");
        folder.IsReadOnly.ShouldBeFalse();
        File.Delete(BallastOf(card));
        again.SaveState(new byte[100_000]).ShouldBeTrue("there is room again, and nothing had to be started anew");
    }

    [Fact]
    public async Task What_a_full_card_does_not_note_as_sent_is_not_sent_without_end()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        using var store = Open();
        Keep(store);
        var offering = new Offering(store);
        var alarm = offering.Due().ShouldHaveSingleItem();
        offering.Went(alarm, 1);
        await FillAsync(card);
        offering.Acknowledged(1);
        (store.HasFailed, store.WaitingAlarms()).ShouldBe((true, 1), "it was not noted");
        offering.Due().ShouldBeEmpty();

        File.Delete(BallastOf(card));
        offering.NewSession();
        store.WaitingAlarms().ShouldBe(0);
    }

    [Fact]
    public async Task Recordings_on_such_a_card_are_heard_and_new_ones_too()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await Cache(new DataFolder(Settings)).StoreAsync("kept", [1, 2, 3], default);
        await Cache(new DataFolder(Settings)).StoreAsync("worn", [1, 2, 3], default);
        File.WriteAllBytes(Path.Combine(card.Path, "audio/worn.pcm"), new byte[100]);
        await card.DieAsync();

        var folder = new DataFolder(Settings);
        (await Cache(folder).LoadAsync("kept", default)).ShouldBe([1, 2, 3], "before anybody knows of the card");
        using var store = new GatewayStore(folder, NullLogger<GatewayStore>.Instance);
        var cache = Cache(folder);
        (await cache.LoadAsync("kept", default)).ShouldBe([1, 2, 3]);
        (await cache.LoadAsync("worn", default)).ShouldBeNull();
        await cache.StoreAsync("worn", [4, 5], default);
        (await cache.LoadAsync("worn", default)).ShouldBe([4, 5]);
    }

    [Fact]
    public async Task The_page_names_it_in_both_languages_and_health_and_self_test_are_not_good()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await card.DieAsync();
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), page: "127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = new Uri(bench.Get<LocalPage>().Address!) };
        (await http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        await http.PostAsync("/sign-in", new FormUrlEncodedContent([new("code", bench.Get<PageDoor>().Code)]));
        WebUtility.HtmlDecode(await http.GetStringAsync("/")).ShouldContain(DataFolder.ReadOnlyWords);
        WebUtility.HtmlDecode(await (await http.PostAsync("/self-test", null)).Content.ReadAsStringAsync()).ShouldContain($"失败 FAILED {card.Path}; {DataFolder.ReadOnlyWords}");
        (await http.GetStringAsync("/log")).ShouldContain("Critical GatewayStore: card read-only: nothing is kept over a power cut");
    }

    [Fact]
    public async Task A_flood_after_the_card_has_died_is_said_and_the_cloud_hears_of_it()
    {
        await using var card = await DyingCard.InsertAsync(_folder);
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1, Level = [new LevelLimit { PrepareMillimetres = 4_000, LeaveMillimetres = 5_000 }] });
        var sensors = bench.Get<SiteSensors>();
        await Eventually.HoldsAsync(() => sensors.Last.Level?.Millimetres == 2_500, EdgeProcess.Patience);
        bench.Get<GatewayBody>().Faults.ShouldBe(FaultFlags.None);
        await card.DieAsync();
        bench.Adc.Inputs[0] = 1_040_000; // 10.4 mA: 4 m.

        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == ReceiptState.Playing), EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => new FileInfo(Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem()).Length > Pcm.SamplesPerSecond, EdgeProcess.Patience);
        await Eventually.HoldsAsync(() => bench.Get<GatewayStore>().WaitingAlarms() == 0 && bench.Cloud.Alarms.Count > 0, EdgeProcess.Patience);
        bench.Cloud.Alarms.ShouldHaveSingleItem().Stage.ShouldBe(AlarmStage.Prepare);
        await Eventually.HoldsAsync(() => bench.Cloud.Reports.Any(r => (r.Faults & (int)FaultFlags.Storage) != 0), EdgeProcess.Patience);
    }

    private static Stamp Now => Stamp.At(1, 1_795_000_000_000, ClockQuality.Cloud);

    private static string BallastOf(DyingCard card) => Path.Combine(card.Path, "ballast");

    // Then to the last block: what is allocated late leaves a few.
    private static Task<string> FillAsync(DyingCard card) => RunningProcess.RunAsync("sh", ["-c", $"cat /dev/zero >{BallastOf(card)}; dd if=/dev/zero bs=1k oflag=append,sync conv=notrunc of={BallastOf(card)}; true"], EdgeProcess.Patience);

    private static long Keep(GatewayStore store) => store.KeepAlarm(Now, AlarmStage.Leave, new SiteThreshold(60, 300, 500), [.. Enumerable.Repeat((byte)7, Limits.WarningIdBytes)]).ShouldNotBeNull();

    // Each on its own, as after a power cut: no folder of a service manager here.
    private GatewayStore Open() => new(new DataFolder(Settings), NullLogger<GatewayStore>.Instance);

    private RecordingCache Cache(DataFolder folder) => new(Settings, folder, TimeProvider.System, NullLogger<RecordingCache>.Instance);
}
