using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broadcast.Edge.Tests.Sensing;
using Broadcast.Edge.Tests.Hardware;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>The real cloud process and a real gateway process: from the operator's release to the sound, and to the silence of a cancel.</summary>
public sealed partial class RealCloudTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new("edge-cloud");
    private RunningProcess _cloud = null!;
    private JsonNode _service = null!;
    private string[] _device = [];

    public async ValueTask InitializeAsync()
    {
        await StartCloudAsync("0");
        _device = File.ReadLines(_folder["cloud/devices.csv"]).Skip(1).First().Split(',');
    }

    private async Task StartCloudAsync(string linkPort, params string[] more)
    {
        _cloud = RunningProcess.StartDotnet(BuiltProject.Assembly("cloud/Broadcast.Cloud"), ["serve", "--data", _folder["cloud"], "--demo", "--https", "0", "--http", "0", "--link", linkPort, .. more]);
        await _cloud.WaitForLineAsync(line => line.StartsWith("ready", StringComparison.Ordinal), EdgeProcess.Patience);
        _service = JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/cloud.json"]))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_released_warning_is_spoken_and_a_cancel_silences_the_next()
    {
        await using var edge = await StartEdgeAsync();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");

        var spoken = await ReleaseAsync(operatorClient, approver, repetitions: 1);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, spoken) == "played", EdgeProcess.Patience);
        await edge.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);
        var wav = Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem();
        (await Sox.LevelNearAsync(wav, 0.1, 0.8, 853)).ShouldBeGreaterThan(-18, "the tone");
        (await Sox.LevelAsync(wav, 1.2, 2)).Rms.ShouldBeGreaterThan(-30, "the speech");

        var cancelled = await ReleaseAsync(operatorClient, approver, repetitions: 20);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, cancelled) == "playing", EdgeProcess.Patience);
        (await operatorClient.PostAsync($"/api/warnings/{cancelled}/cancel", new JsonObject { ["reason"] = "解除" }, "cancel-1")).Ensure();
        await edge.WaitForLineAsync(line => line.Contains("play 2: stopped", StringComparison.Ordinal), EdgeProcess.Patience);
        // The newest order of the warning is the cancel itself now; received is its last state.
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, cancelled) == "received", EdgeProcess.Patience);
    }

    [Fact]
    public async Task Settings_of_a_technician_are_in_force_at_the_site_or_say_why_not()
    {
        await using var edge = await StartEdgeAsync();
        using var technician = await SignInAsync("admin");
        using var operatorClient = await SignInAsync("op-421202");
        var path = $"/api/sites/{_device[1]}/settings";
        var wanted = new JsonObject { ["basedOn"] = 0, ["quiet"] = new JsonObject { ["from"] = "22:30", ["to"] = "06:00" }, ["tone"] = "single", ["actualVolumeMax"] = 80 };
        (await operatorClient.PutAsync(path, wanted.DeepClone())).Status.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        (await technician.PutAsync(path, new JsonObject { ["basedOn"] = 0, ["tone"] = "loud", ["quiet"] = new JsonObject { ["from"] = "25:00", ["to"] = "06:00" } })).ProblemFields.ShouldBe(["quiet", "tone"]);
        (await technician.PutAsync(path, wanted)).Ensure();
        await edge.WaitForLineAsync(line => line.Contains("settings 1 are in force", StringComparison.Ordinal), EdgeProcess.Patience);
        await Eventually.HoldsAsync(async () => (string?)(await technician.GetAsync(path)).Ensure().Json["state"] == "inForce", EdgeProcess.Patience);
        var view = (await technician.GetAsync(path)).Ensure().Json;
        ((int)view["reported"]!["inForce"]!, (string)view["desired"]!["tone"]!, (string)view["desired"]!["quiet"]!["from"]!).ShouldBe((1, "single", "22:30"));

        (await technician.PutAsync(path, new JsonObject { ["basedOn"] = 0 })).Status.ShouldBe(System.Net.HttpStatusCode.Conflict);
        var rain = new JsonObject { ["basedOn"] = 1, ["rain"] = new JsonArray(new JsonObject { ["hours"] = 1, ["prepareMillimetres"] = 30, ["leaveMillimetres"] = 50 }) };
        (await technician.PutAsync(path, rain)).Ensure();
        await Eventually.HoldsAsync(async () => (string?)(await technician.GetAsync(path)).Ensure().Json["state"] == "refused", EdgeProcess.Patience);
        var refused = (await technician.GetAsync(path)).Ensure().Json["reported"]!;
        ((int)refused["inForce"]!, (int)refused["judged"]!, (string)refused["refusal"]!).ShouldBe((1, 2, "noSuchSensor"), "this gateway has no gauge");
    }

    [Fact]
    public async Task A_pin_used_twice_is_a_named_fault_in_the_cloud_and_the_gateway_speaks_all_the_same()
    {
        await File.WriteAllTextAsync(_folder["board.json"], """{ "name": "twice", "inputs": { "stop": { "pin": 22 }, "rain": { "pin": 22 } } }""");
        await using var edge = StartEdge(["--board", _folder["board.json"]]);
        await edge.WaitForLineAsync(line => line.Contains("this pin is used twice", StringComparison.Ordinal), EdgeProcess.Patience);
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        async Task<JsonNode> DeviceAsync() => (await operatorClient.GetAsync($"/api/devices/{_device[0]}")).Ensure().Json;
        await Eventually.HoldsAsync(async () => (await DeviceAsync())["report"]?["faults"]?.AsArray().Any(f => (string?)f == "board") == true, EdgeProcess.Patience);
        var spoken = await ReleaseAsync(operatorClient, approver, repetitions: 1);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, spoken) == "played", EdgeProcess.Patience);
        ((bool)(await DeviceAsync())["online"]!).ShouldBeTrue();
        (await operatorClient.GetAsync("/api/devices/nobody")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_local_alarm_raised_without_the_cloud_is_told_with_its_true_time_when_the_cloud_is_back()
    {
        await _cloud.DisposeAsync();
        using var wire = new PseudoTerminal();
        var millimetres = 2_000;
        var gauge = wire.ServeAsync(_ => LevelTests.Answer(1, (ushort)Volatile.Read(ref millimetres)));
        await File.WriteAllTextAsync(_folder["board.json"], $$"""{ "name": "radar", "modbus": { "port": "{{wire.Path}}" } }""");
        string[] watch =
        [
            "--board", _folder["board.json"], "--watch:level:0:prepareMillimetres", "3000", "--watch:level:0:leaveMillimetres", "4000", "--watch:readSeconds", "1", "--watch:sendSeconds", "10",
        ];
        await using (var edge = StartEdge(watch))
        {
            var before = TimeProvider.System.GetUtcNow().AddMilliseconds(-1);
            Volatile.Write(ref millimetres, 4_200);
            await edge.WaitForLineAsync(line => line.Contains("LOCAL ALARM, stage Leave", StringComparison.Ordinal), EdgeProcess.Patience);
            await edge.WaitForLineAsync(line => line.Contains("play 1: first sample", StringComparison.Ordinal), EdgeProcess.Patience);
            var after = TimeProvider.System.GetUtcNow();
            await StartCloudAsync(((string)_service["link"]!).Split(':')[1]);
            using var monitor = await SignInAsync("op-421202");

            await Eventually.HoldsAsync(async () => (await AlarmsAsync(monitor)).Count == 1, EdgeProcess.Patience);
            var alarm = (await AlarmsAsync(monitor))[0]!;
            ((string)alarm["site"]!, (string)alarm["stage"]!, (string)alarm["cause"]!, (double)alarm["value"]!, (double)alarm["threshold"]!).ShouldBe((_device[1], "leave", "level", 4_200, 4_000));
            ((bool)alarm["isTrueTime"]!).ShouldBeTrue();
            ((DateTimeOffset)alarm["at"]!).ShouldBeInRange(before, after, "when it was raised, not when it was told");
            ((DateTimeOffset)alarm["committed"]!).ShouldBeGreaterThan(after);
            ((string?)alarm["said"]).ShouldBeOneOf("received", "playing", "played");
            await Eventually.HoldsAsync(async () => await LevelAsync(monitor) == 4_200, EdgeProcess.Patience);
            (await monitor.GetAsync($"/api/sites/{_device[1]}/readings")).Ensure().Json["items"]!.AsArray().ShouldNotBeEmpty();
            (await monitor.GetAsync("/api/alarms?region=999999999999")).Status.ShouldBe(System.Net.HttpStatusCode.UnprocessableEntity);
        }

        wire.Release();
        await gauge;
    }

    private static async Task<JsonArray> AlarmsAsync(ApiClient client) => (await client.GetAsync("/api/alarms?region=421202000000&active=true")).Ensure().Json["items"]!.AsArray();

    private static async Task<int?> LevelAsync(ApiClient client) =>
        (await client.GetAsync("/api/readings?region=421202000000")).Ensure().Json.AsArray() is [{ } only] ? (int?)only["reading"]!["levelMillimetres"] : null;

    [Fact]
    public async Task A_recording_that_an_operator_brings_is_fetched_by_its_device_and_played_instead_of_the_text()
    {
        await using var edge = await StartEdgeAsync();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        await RunningProcess.RunAsync("sox", ["-n", "-r", "44100", "-c", "2", "-C", "96", _folder["tone.mp3"], "synth", "2", "sine", "500", "gain", "-6"], EdgeProcess.Patience);
        var content = await File.ReadAllBytesAsync(_folder["tone.mp3"]);

        (await approver.PostRawAsync("/api/audio", new ByteArrayContent(content))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await operatorClient.PostRawAsync("/api/audio", new ByteArrayContent(content[..^50]))).Status.ShouldBe(HttpStatusCode.Created, "a tag may stand where the last frame broke off");
        (await operatorClient.PostRawAsync("/api/audio", new ByteArrayContent("<html>"u8.ToArray()))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await operatorClient.PostRawAsync("/api/audio", new ByteArrayContent(new byte[17 << 20]))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        var brought = (await operatorClient.PostRawAsync("/api/audio?name=%E6%97%A9%E9%97%B4", new ByteArrayContent(content))).Ensure();
        brought.Status.ShouldBe(HttpStatusCode.Created);
        (await operatorClient.PostRawAsync("/api/audio", new ByteArrayContent(content))).Status.ShouldBe(HttpStatusCode.OK, "it is here already");
        var hash = (string)brought.Json["hash"]!;
        ((string?)brought.Json["format"], (string?)brought.Json["name"], hash).ShouldBe(("mp3", "早间", Convert.ToHexStringLower(SHA256.HashData(content))));
        using var stranger = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await stranger.GetAsync($"/api/audio/{hash}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await approver.DownloadAsync($"/api/audio/{hash}", _folder["back.mp3"]);
        (await File.ReadAllBytesAsync(_folder["back.mp3"])).ShouldBe(content, "who approves hears what will be heard");
        (await operatorClient.GetAsync("/api/audio")).Ensure().Json.AsArray().Count.ShouldBe(2);

        var spoken = await ReleaseAsync(operatorClient, approver, repetitions: 1, audio: hash);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, spoken) == "played", EdgeProcess.Patience);
        await edge.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);
        edge.Output.ShouldContain($"recording {hash} is here");
        var wav = Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem();
        (await Sox.LevelNearAsync(wav, 1.6, 1, 500)).ShouldBeGreaterThan(-14, "the recording");
    }

    [Fact]
    public async Task A_live_speech_is_heard_within_a_second_and_its_delay_is_shown()
    {
        await using var edge = await StartEdgeAsync();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        var live = await ReleaseAsync(operatorClient, approver, repetitions: 1, warningClass: "liveSpeech");
        await edge.WaitForLineAsync(line => line.Contains("live: listening", StringComparison.Ordinal), EdgeProcess.Patience);
        (await SpeakAsync(approver, live, 0)).Status.ShouldBe(HttpStatusCode.NotFound, "only who wrote it speaks");

        ApiAnswer heard = null!;
        using var microphone = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var block = 0; block < 40; block++)
        {
            // Not a wait for anything: this is the pace of a microphone.
            await microphone.WaitForNextTickAsync();
            heard = (await SpeakAsync(operatorClient, live, block)).Ensure();
        }
        (await operatorClient.PostAsync($"/api/live/{live}/end")).Ensure();
        (await SpeakAsync(operatorClient, live, 0)).Status.ShouldBe(HttpStatusCode.Conflict);

        ((int)heard.Json["listeners"]!).ShouldBe(1);
        ((int)heard.Json["delayMs"]!).ShouldBeInRange(0, 1_000);
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, live) == "played", EdgeProcess.Patience);
        await edge.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);
        var wav = Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem();
        var voice = 0;
        for (var at = 1.0; at < await Sox.SecondsAsync(wav) - 0.25; at += 0.25)
            if (await Sox.LevelNearAsync(wav, at, 0.25, 500) > -16) voice++;
        voice.ShouldBeInRange(12, 17, "four seconds of voice, less what a busy machine made late");
    }

    [Fact]
    public async Task A_bureau_speaks_through_the_microphone_of_its_browser()
    {
        await using var edge = await StartEdgeAsync();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        await using var browser = await MicrophoneAsync();
        var asked = await AskedAsync(browser, operatorClient, approver);

        await browser.EvaluateAsync("speak.click()");
        await edge.WaitForLineAsync(line => line.Contains("live: listening", StringComparison.Ordinal), EdgeProcess.Patience);
        await browser.ShowsAsync("/1 个站点收听.*delay \\d+ ms/.test(say.textContent)");
        var shown = await browser.EvaluateAsync("say.textContent");
        await browser.EvaluateAsync("end.click()");
        await Eventually.HoldsAsync(async () => await StateAsync(operatorClient, asked) == "played", EdgeProcess.Patience);
        await edge.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);

        TestContext.Current.SendDiagnosticMessage(shown);
        var wav = Directory.GetFiles(_folder["wav"]).ShouldHaveSingleItem();
        (await Sox.LevelAsync(wav, 0.6, await Sox.SecondsAsync(wav) - 2.6)).Rms.ShouldBeGreaterThan(-45, "a voice, after the tone of half a second");
    }

    [Fact]
    public async Task Who_is_cancelled_while_speaking_sees_that_nobody_listens_any_more()
    {
        await using var edge = await StartEdgeAsync();
        using var operatorClient = await SignInAsync("op-421202");
        using var approver = await SignInAsync("appr-421202");
        await using var browser = await MicrophoneAsync();
        var asked = await AskedAsync(browser, operatorClient, approver);
        await browser.EvaluateAsync("speak.click()");
        await browser.ShowsAsync("document.getElementById('on').textContent.includes('ON AIR')");

        (await approver.PostAsync($"/api/warnings/{asked}/cancel", null, "cancel-" + asked)).Ensure();

        await browser.ShowsAsync("document.getElementById('on').textContent === '' && end.disabled");
        await edge.WaitForLineAsync(line => line.Contains("silent", StringComparison.Ordinal), EdgeProcess.Patience);
    }

    /// <summary>The page of live speech in a browser whose microphone hears a voice.</summary>
    private async Task<Browser> MicrophoneAsync()
    {
        await RunningProcess.RunAsync("espeak-ng", ["-v", "cmn", "-w", _folder["voice.wav"], "各位村民请注意,今天下午有暴雨,请不要到河边去。"], EdgeProcess.Patience);
        var browser = await Browser.StartAsync(_folder["profile"], _folder["voice.wav"]);
        await browser.OpenAsync((string)_service["http"]! + "/live");
        await browser.ShowsAsync("document.getElementById('ask') !== null && document.readyState === 'complete'");
        return browser;
    }

    /// <summary>Asks in the browser, and approves; the id of the speech.</summary>
    private async Task<string> AskedAsync(Browser browser, ApiClient operatorClient, ApiClient approver)
    {
        await browser.EvaluateAsync($"(name.value = 'op-421202', password.value = '{await PasswordAsync("op-421202")}', site.value = '{_device[1]}', who.requestSubmit())"
            .Replace("name.", "document.getElementById('name').", StringComparison.Ordinal));
        var asked = "";
        await Eventually.HoldsAsync(async () =>
        {
            var newest = (await operatorClient.GetAsync("/api/warnings")).Ensure().Json["items"]!.AsArray().FirstOrDefault();
            asked = (string?)newest?["id"] ?? "";
            return (string?)newest?["state"] == "submitted";
        }, EdgeProcess.Patience);
        (await browser.EvaluateAsync("speak.disabled")).ShouldBe("true", "nobody speaks before the approval");
        (await approver.PostAsync($"/api/warnings/{asked}/approve")).Ensure();
        await browser.ShowsAsync("!speak.disabled");
        return asked;
    }

    // A tenth of a second of a sine of 500 Hz at half of full scale; its phase goes on from block to block.
    private static Task<ApiAnswer> SpeakAsync(ApiClient client, string live, int block)
    {
        var samples = new short[2_205];
        for (var i = 0; i < samples.Length; i++) samples[i] = (short)(16_000 * Math.Sin(2 * Math.PI * 500 * ((block * samples.Length) + i) / 22_050));
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 100;
        return client.PostRawAsync($"/api/live/{live}?at={at}", new ByteArrayContent(MemoryMarshal.AsBytes(samples.AsSpan()).ToArray()));
    }

    private async Task<RunningProcess> StartEdgeAsync()
    {
        var process = StartEdge([]);
        await process.WaitForLineAsync(line => line.Contains("online", StringComparison.Ordinal), EdgeProcess.Patience);
        return process;
    }

    private RunningProcess StartEdge(string[] more)
    {
        var link = ((string)_service["link"]!).Split(':');
        return RunningProcess.StartDotnet(BuiltProject.Assembly("edge/Broadcast.Edge"),
        [
            "--device", _device[0], "--link-secret", _device[3], "--order-key", _device[4], "--key-epoch", _device[5],
            "--host", link[0], "--port", link[1], "--ca", _folder["cloud/tls/ca.pem"], "--data", _folder["data"], "--wav", _folder["wav"], "--audio", (string)_service["https"]!,
            "--sound:nightVolumeMax", "100", .. more,
        ]);
    }

    private async Task<string> PasswordAsync(string name) =>
        (string)JsonNode.Parse(await File.ReadAllTextAsync(_folder["cloud/people.json"]))!.AsArray().First(p => (string)p!["name"]! == name)!["password"]!;

    private async Task<ApiClient> SignInAsync(string name)
    {
        var client = new ApiClient((string)_service["https"]!, _folder["cloud/tls/ca.pem"]);
        (await client.SignInAsync(name, await PasswordAsync(name))).Ensure();
        return client;
    }

    private async Task<string> ReleaseAsync(ApiClient operatorClient, ApiClient approver, int repetitions, string? audio = null, string warningClass = "actual")
    {
        var draft = (await operatorClient.PostAsync("/api/warnings", new JsonObject
        {
            ["class"] = warningClass, ["level"] = warningClass == "actual" ? "yellow" : null, ["event"] = "11B03", ["text"] = "咸安区发布暴雨黄色预警,请注意防范。",
            ["repetitions"] = repetitions, ["toneMs"] = 1_000, ["audio"] = audio, ["volume"] = 100, ["validMinutes"] = 60,
            ["area"] = new JsonObject { ["sites"] = new JsonArray(_device[1]) },
        })).Ensure();
        var id = (string)draft.Json["id"]!;
        (await operatorClient.PostAsync($"/api/warnings/{id}/submit")).Ensure();
        (await approver.PostAsync($"/api/warnings/{id}/approve")).Ensure();
        (await operatorClient.PostAsync($"/api/warnings/{id}/release", null, "release-" + id)).Ensure();
        return id;
    }

    private static async Task<string?> StateAsync(ApiClient client, string id)
    {
        var orders = (await client.GetAsync($"/api/warnings/{id}/orders")).Ensure().Json["items"]!.AsArray();
        return orders.Count == 1 ? (string?)orders[0]!["state"] : null;
    }
}
