using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Live;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Updates;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link.Update;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

/// <summary>What the doors say and let in, seen from outside.</summary>
public sealed class DoorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Streams_of_alarms_are_bounded_by_person_as_streams_of_progress_are()
    {
        await using var doors = await DoorBench.OpenAsync(new DoorLimits { StreamsOfPersonMax = 2 });
        var watcher = await doors.SignInAsync(Duties.Monitor);
        await using var first = await watcher.OpenEventsAsync("/api/alarms/stream");
        await using var second = await watcher.OpenEventsAsync("/api/alarms/stream");

        (await Should.ThrowAsync<HttpRequestException>(() => watcher.OpenEventsAsync("/api/alarms/stream"))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await using (await (await doors.SignInAsync(Duties.Monitor, "zhao-lei")).OpenEventsAsync("/api/alarms/stream"))
        {
        }

        await first.DisposeAsync();
        await Eventually.HoldsAsync(() =>
        {
            doors.Desk.Clock.Advance(TimeSpan.FromSeconds(1)); // The service sees the end of a stream at its next look.
            var isFree = doors.Get<HttpDoor>().TryEnterStream(DeskBench.Author.Id);
            if (isFree) doors.Get<HttpDoor>().LeaveStream(DeskBench.Author.Id);
            return isFree;
        }, Patience);
    }

    [Theory]
    [InlineData("to=0001-01-01T00:00:00Z")]
    [InlineData("to=0001-01-01T20:00:00-08:00")]
    [InlineData("from=9999-12-31T23:59:59Z")]
    public async Task A_time_at_either_end_of_the_calendar_is_no_fault_of_ours(string query)
    {
        await using var doors = await DoorBench.OpenAsync();
        var answer = await (await doors.SignInAsync(Duties.Monitor)).GetAsync($"/api/sites/{doors.Desk.Places.Current.Sites[0].Id}/readings?{query}");
        ((int)answer.Status).ShouldBeLessThan(500);
    }

    [Fact]
    public async Task Devices_online_are_counted_of_those_in_service_and_a_cancel_is_no_warning_under_way()
    {
        await using var doors = await DoorBench.OpenAsync();
        var devices = doors.Desk.Places.Current.Devices.OrderBy(d => d.Id).ToArray();
        await doors.EnterAsync(devices[0]);
        await doors.EnterAsync(devices[1]);
        await doors.Desk.Ledger.PutDevicesAsync([devices[1] with { Service = ServiceState.Maintenance }]);
        await doors.Desk.Places.ReloadAsync();
        var id = await doors.Desk.ReleasedAsync(DeskBench.There);
        (await doors.Desk.Desk.CancelAsync(DeskBench.Author, id, doors.Desk.NewKey(), null, default)).Status.ShouldBe(200);

        var status = (await (await doors.SignInAsync(Duties.Monitor)).GetAsync("/api/status")).Ensure().Json;

        ((int)status["devices"]!, (int)status["online"]!).ShouldBe((3, 1));
        ((int)status["warningsActive"]!).ShouldBe(0);
    }

    [Fact]
    public async Task A_site_whose_device_is_on_another_node_is_online_and_one_that_fell_silent_here_is_not()
    {
        await using var doors = await DoorBench.OpenAsync();
        var (elsewhere, silent) = (new DeviceId("d421202100001"), new DeviceId("d421202100002"));
        await doors.EnterAsync(doors.Desk.Places.Current.Find(silent).ShouldNotBeNull());
        doors.Desk.Clock.Advance(Presence.SilenceMax + TimeSpan.FromSeconds(1));
        var id = await doors.Desk.ReleasedAsync(DeskBench.Here);
        await doors.Desk.Ledger.OpenSessionAsync(elsewhere, "node-2", doors.Desk.Clock.GetUtcNow());

        var orders = (await (await doors.SignInAsync(Duties.Operator)).GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray();

        bool Online(DeviceId device) => (bool)orders.Single(o => (string)o!["device"]! == device.Value)!["online"]!;
        Online(elsewhere).ShouldBeTrue();
        Online(silent).ShouldBeFalse();
    }

    [Fact]
    public async Task Regions_that_an_update_leaves_out_are_no_targets_of_it()
    {
        await using var doors = await DoorBench.OpenAsync();
        var id = await doors.Desk.ReleasedAsync(DeskBench.City);
        var revision = await doors.Desk.UpdatedAsync(id, DeskBench.Here);
        var reader = await doors.SignInAsync(Duties.Operator);
        async Task<IEnumerable<(string, int, int)>> CountsAsync(int? of) => (await reader.GetAsync($"/api/warnings/{id}/counts?revision={of}&parent={DeskBench.City.Code}")).Ensure().Json.AsArray()
            .Select(r => ((string)r!["code"]!, (int)r["targets"]!, (int)r["counts"]!["queued"]!));

        (await CountsAsync(revision)).ShouldBe([(DeskBench.Here.Code, 2, 2)]);
        await doors.Desk.Desk.CancelAsync(DeskBench.Author, id, doors.Desk.NewKey(), null, default);
        (await CountsAsync(3)).ShouldBe([(DeskBench.Here.Code, 2, 2), (DeskBench.There.Code, 2, 2)], "a cancel goes to whom it silences");
    }

    [Fact]
    public async Task A_device_that_says_it_has_heard_of_the_last_wish_there_can_be_does_not_end_all_wishes()
    {
        await using var doors = await DoorBench.OpenAsync();
        var site = doors.Desk.Places.Current.Sites[0];
        var device = doors.Desk.Places.Current.Serving(site.Id).ShouldNotBeNull();
        var package = await PackageAsync(doors);
        var said = Encoding.UTF8.GetBytes("""{"version":"1","number":1,"target":"linux-x64","revision":2147483647,"stage":0,"why":"","bytes":0}""");

        using var answer = await doors.Device(device.Id, SHA256.HashData(said)).PostAsync("/api/updates/check", new ByteArrayContent(said));
        var wish = await (await doors.SignInAsync(Duties.Administrator)).PutAsync($"/api/sites/{site.Id}/update", new JsonObject { ["package"] = package });

        wish.Status.ShouldBe(HttpStatusCode.OK);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task What_a_device_says_of_a_speech_that_is_not_here_leaves_nothing()
    {
        await using var doors = await DoorBench.OpenAsync();
        var device = doors.Desk.Places.Current.Devices.First().Id;
        for (var n = 0; n < 20; n++)
        {
            var id = WarningId.New(doors.Desk.Clock);
            using var answer = await doors.Device(device, AudioTicket.LiveName(id.ToWire())).PostAsync($"/api/live/{id}/heard?delayMs=100", null);
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        doors.Get<LiveHall>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_device_that_listens_twice_is_one_listener()
    {
        await using var doors = await DoorBench.OpenAsync();
        var draft = (await doors.Desk.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here, null!, "liveSpeech"), null, default)).Warning.ShouldNotBeNull();
        await doors.Desk.ReleaseAsync(draft.Id, 1);
        var device = doors.Device(doors.Desk.Places.Current.Devices.First().Id, AudioTicket.LiveName(draft.Id.ToWire()));
        using var first = await device.GetAsync($"/api/live/{draft.Id}", HttpCompletionOption.ResponseHeadersRead);
        await Eventually.HoldsAsync(() => doors.Get<LiveHall>().Of(draft.Id).Listeners > 0, Patience);
        using var second = await device.GetAsync($"/api/live/{draft.Id}", HttpCompletionOption.ResponseHeadersRead);
        var heard = second.Content.ReadAsStreamAsync();
        var speaker = await doors.SignInAsync(Duties.Operator);
        JsonNode? view = null;
        await Eventually.HoldsAsync(async () =>
        {
            view = (await speaker.PostRawAsync($"/api/live/{draft.Id}?at={doors.Desk.Clock.GetUtcNow().ToUnixTimeMilliseconds()}", new ByteArrayContent([0, 0]))).Ensure().Json;
            return (await (await heard).ReadAsync(new byte[16])) > 0;
        }, Patience);

        ((int)view.ShouldNotBeNull()["listeners"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_device_that_waits_for_a_speech_does_not_hold_up_the_end_of_the_service()
    {
        await using var doors = await DoorBench.OpenAsync();
        var draft = (await doors.Desk.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here, null!, "liveSpeech"), null, default)).Warning.ShouldNotBeNull();
        await doors.Desk.ReleaseAsync(draft.Id, 1);
        using var listening = await doors.Device(doors.Desk.Places.Current.Devices.First().Id, AudioTicket.LiveName(draft.Id.ToWire())).GetAsync($"/api/live/{draft.Id}", HttpCompletionOption.ResponseHeadersRead);

        await doors.StopAsync().WaitAsync(TimeSpan.FromSeconds(15)); // Whoever stops a service kills it after twenty.
    }

    [Fact]
    public async Task Two_people_with_slow_lines_keep_nobody_else_from_bringing_a_recording()
    {
        await using var doors = await DoorBench.OpenAsync();
        var (slow, quick) = (await doors.SignInAsync(Duties.Operator), await doors.SignInAsync(Duties.Operator, "zhao-lei"));
        using var enough = new CancellationTokenSource();
        var bodies = Enumerable.Range(0, 2).Select(_ => new Dripping(enough.Token)).ToArray();
        var dripping = bodies.Select(b => slow.PostRawAsync("/api/audio/", b, enough.Token)).ToArray();
        for (var n = 0; n < bodies.Length; n++) await Task.WhenAny(bodies[n].Began, dripping[n]);

        var brought = await quick.PostRawAsync("/api/audio/?name=x", new ByteArrayContent(Wav(seconds: 1))).WaitAsync(Patience);

        brought.Status.ShouldBe(HttpStatusCode.Created);
        await enough.CancelAsync();
        await ((Task)Task.WhenAll(dripping)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Fact]
    public async Task Who_brought_a_recording_or_an_administrator_removes_it_and_nobody_hears_it_after()
    {
        await using var doors = await DoorBench.OpenAsync();
        var (author, other, administrator) = (await doors.SignInAsync(Duties.Operator), await doors.SignInAsync(Duties.Operator, "zhao-lei"), await doors.SignInAsync(Duties.Administrator, "admin"));
        async Task<string> BringAsync(int seconds) => $"/api/audio/{(await author.PostRawAsync("/api/audio/?name=x", new ByteArrayContent(Wav(seconds)))).Ensure().Json["hash"]}";
        var (first, second) = (await BringAsync(1), await BringAsync(2));
        (await author.GetAsync(first)).Status.ShouldBe(HttpStatusCode.OK, "it is on the shelf now");

        (await other.DeleteAsync(first)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await author.DeleteAsync(first)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await administrator.DeleteAsync(second)).Status.ShouldBe(HttpStatusCode.NoContent);

        foreach (var gone in new[] { first, second, "/api/audio/x" })
        {
            (await author.GetAsync(gone)).Status.ShouldBe(HttpStatusCode.NotFound);
            (await author.DeleteAsync(gone)).Status.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task A_recording_that_a_draft_names_stays()
    {
        await using var doors = await DoorBench.OpenAsync();
        var author = await doors.SignInAsync(Duties.Operator);
        var hash = (string)(await author.PostRawAsync("/api/audio/", new ByteArrayContent(Wav(seconds: 1)))).Ensure().Json["hash"]!;
        (await doors.Desk.Desk.DraftAsync(DeskBench.Author, DeskBench.Body(DeskBench.Here) with { Audio = hash }, null, default)).Warning.ShouldNotBeNull();

        (await author.DeleteAsync($"/api/audio/{hash}")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await author.GetAsync($"/api/audio/{hash}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_present_password_is_in_the_trail_as_a_wrong_sign_in_is()
    {
        await using var doors = await DoorBench.OpenAsync();
        var person = await doors.SignInAsync(Duties.Operator);
        (await person.PostAsync("/api/password", new JsonObject { ["password"] = "guessed", ["newPassword"] = "0123456789" })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await doors.Desk.Ledger.AuditEntriesAsync("node-1", 0, 100)).Items.ShouldContain(e => e.Act == "new-password-refused" && e.Actor == "person:li-wei");
    }

    [Fact]
    public async Task A_backup_for_which_there_is_no_room_is_not_said_to_be_a_full_disk()
    {
        await using var doors = await DoorBench.OpenAsync();
        var admin = await doors.SignInAsync(Duties.Administrator);
        using (var log = File.Open(doors.Desk.LedgerFile + "-wal", FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) log.SetLength(1L << 42); // Nothing of it takes room, and a copy would.

        var answer = await admin.GetAsync("/api/backup", TestContext.Current.CancellationToken);

        ((int)answer.Status).ShouldBe(507);
        answer.Text.ShouldContain("no-room-for-copy");
    }

    [Fact]
    public async Task A_backup_that_came_to_nothing_leaves_no_copy_of_the_ledger_behind_and_takes_nobodys_own()
    {
        await using var doors = await DoorBench.OpenAsync();
        var folder = Path.Combine(doors.Folder, "backups");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Guid.NewGuid():N}.backup.part"), "half"); // Of a crash.
        var kept = Path.Combine(folder, "monday.backup");
        await File.WriteAllTextAsync(kept, "somebody's own");
        var room = new BackupRoom(doors.Desk.Ledger, new CloudOptions { DataFolder = doors.Folder });
        await using (var good = await room.TakeAsync(Actor.System("test"), default)) good.Length.ShouldBeGreaterThan(0);
        Directory.GetFiles(folder).ShouldBe([kept]);

        await doors.Desk.CloseLedgerAsync(); // What it holds can still be copied; that it was, cannot be audited any more.
        await Should.ThrowAsync<LedgerUnavailableException>(() => room.TakeAsync(Actor.System("test"), default));
        Directory.GetFiles(folder).ShouldBe([kept]);
    }

    private static byte[] Wav(int seconds)
    {
        const int Rate = 8_000;
        using var wav = new BinaryWriter(new MemoryStream());
        wav.Write("RIFF"u8);
        wav.Write(36 + (seconds * Rate * 2));
        wav.Write("WAVEfmt "u8);
        foreach (var number in new[] { 16, 1 | (1 << 16), Rate, Rate * 2, 2 | (16 << 16) }) wav.Write(number);
        wav.Write("data"u8);
        wav.Write(seconds * Rate * 2);
        wav.Write(new byte[seconds * Rate * 2]);
        return ((MemoryStream)wav.BaseStream).ToArray();
    }

    /// <summary>A body that comes a kilobyte at a time, and does not end by itself.</summary>
    private sealed class Dripping(CancellationToken enough) : HttpContent
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Done when the service has asked for the body.</summary>
        public Task Began => _began.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (await beat.WaitForNextTickAsync(enough))
            {
                await stream.WriteAsync(new byte[1_024], enough);
                await stream.FlushAsync(enough);
                _began.TrySetResult();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 4 << 20;
            return true;
        }
    }

    private static async Task<string> PackageAsync(DoorBench doors)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (payload, file) = (Path.Combine(doors.Folder, "payload"), Path.Combine(doors.Folder, "package"));
        await File.WriteAllTextAsync(payload, "program");
        UpdatePackage.Write(payload, "1.0", 1, "linux-x64", key, file);
        await using var content = File.OpenRead(file);
        return (await doors.Get<UpdateShelf>().BringAsync(content, Actor.System("test"), default)).ShouldNotBeNull().Hash;
    }
}
