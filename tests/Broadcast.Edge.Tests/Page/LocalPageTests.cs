using System.Net;
using Broadcast.Device;
using Broadcast.Edge.Page;
using Broadcast.Edge.Sensors;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Page;

public sealed class LocalPageTests : IDisposable
{
    private readonly TempFolder _folder = new("page");
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_technician_with_the_code_sees_the_site_tests_it_and_takes_the_log()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings { ReadSeconds = 1 }, page: "127.0.0.1:0");
        await bench.TipAsync(3);
        using var http = Browser(bench);
        (await http.GetAsync("/status.json")).StatusCode.ShouldBe(HttpStatusCode.Redirect, "nobody sees anything without the code");
        (await http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var code = bench.Get<PageDoor>().Code;
        (await SignInAsync(http, code)).ShouldBe(HttpStatusCode.Redirect);
        await Eventually.HoldsAsync(async () => (await http.GetStringAsync("/status.json")).Contains("\"online\": true", StringComparison.Ordinal), EdgeProcess.Patience);
        var page = await http.GetStringAsync("/");
        page.ShouldContain("gateway-1");
        page.ShouldContain("raspberrypi-gateway-1");
        page.ShouldContain("http-equiv=\"refresh\"");
        (await http.GetStringAsync("/work")).ShouldNotContain("refresh", customMessage: "what somebody writes is not taken from under their fingers");
        var log = await http.GetStringAsync("/log");
        log.ShouldContain("online");
        log.ShouldNotContain(bench.Get<PageDoor>().Code, customMessage: "whoever passes a log on lets nobody in");

        var tested = await (await http.PostAsync("/self-test", null)).Content.ReadAsStringAsync();
        tested.ShouldNotContain("FAILED");
        tested.ShouldContain("contactor clicked");
        tested.ShouldContain("3 tips since the start");
        bench.Chip.Level(GatewayBench.SirenPin).ShouldBeFalse();

        using var second = Browser(bench);
        (await SignInAsync(second, code)).ShouldBe(HttpStatusCode.Forbidden, "a code lets in once");
    }

    [Fact]
    public async Task Who_has_signed_in_gives_a_notice_that_is_no_warning_and_says_who_ordered_it()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), page: "127.0.0.1:0");
        using var http = Browser(bench);
        FormUrlEncodedContent Notice(string text) => new([new("text", text)]);
        (await http.PostAsync("/notice", Notice("今天下午停水。"))).Headers.Location!.ToString().ShouldBe("/sign-in", "nobody speaks without the code");
        await SignInAsync(http, bench.Get<PageDoor>().Code);
        await Eventually.HoldsAsync(() => bench.Cloud.Welcomes > 0, EdgeProcess.Patience);
        (await http.PostAsync("/notice", Notice("  "))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await http.PostAsync("/notice", Notice(new string('水', 501)))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, "longer than an order's text");
        bench.Cloud.Receipts.ShouldBeEmpty();

        (await http.PostAsync("/notice", Notice("今天下午停水。\r\n请储水。"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await Eventually.HoldsAsync(() => bench.Cloud.Receipts.Any(r => r.State == Device.ReceiptState.Played && r.OrderedBy == TestCloud.Device), EdgeProcess.Patience);
        bench.Cloud.Receipts.ShouldAllBe(r => r.OrderedBy == TestCloud.Device && r.Class == Device.WarningClass.LocalNotice);
        bench.Chip.Level(GatewayBench.SirenPin).ShouldBeFalse();
        (await http.GetStringAsync("/")).ShouldContain("LocalNotice");
    }

    [Fact]
    public async Task A_phone_reads_from_the_code_which_gateway_it_is()
    {
        var identity = PageText.Identity("xn-00005", "raspberrypi gateway", 3);
        identity.ShouldBe("broadcast:xn-00005?board=raspberrypi%20gateway&key=3");
        var (page, picture) = (Path.Combine(_folder.Path, "page.html"), Path.Combine(_folder.Path, "page.png"));
        await File.WriteAllTextAsync(page, PageText.Status(Shown with { Identity = identity }), TestContext.Current.CancellationToken);
        await using var browser = RunningProcess.Start("chromium",
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", $"--user-data-dir={_folder.Path}", "--window-size=420,2000", $"--screenshot={picture}", $"file://{page}"]);
        await browser.WaitForLineAsync(l => l.Contains("written to file", StringComparison.Ordinal), EdgeProcess.Patience);

        await using var phone = RunningProcess.Start("zbarimg", ["--quiet", "--raw", picture]);
        await phone.WaitForLineAsync(l => l == identity, EdgeProcess.Patience); // Beside it stand complaints about a bus that no tool here needs.
    }

    [Fact]
    public void What_is_not_there_is_not_shown_as_zero()
    {
        var page = PageText.Status(Shown);
        page.ShouldNotContain("0.0");
        page.ShouldNotContain("0 mV");
        PageText.Status(Shown with { HasRainGauge = true }).ShouldContain("0.0 / 0.0 / 0.0 / 0.0 mm");
    }

    [Fact]
    public void Every_fault_has_a_name_in_both_languages()
    {
        var named = PageWords.Faults.ToDictionary(f => f.Fault, f => f.Words);
        foreach (var fault in Enum.GetValues<FaultFlags>().Where(f => f != FaultFlags.None))
        {
            var words = named.GetValueOrDefault(fault).ShouldNotBeNull($"{fault}");
            words.ShouldContain(' ');
            words.Any(c => c > 0x2E80).ShouldBeTrue(words);
            PageText.Status(Shown with { Faults = fault }).ShouldContain(words);
        }
    }

    /// <summary>Whatever is posted at the door, the page answers, and never with a fault of its own.</summary>
    [Fact]
    public async Task What_is_no_form_is_a_bad_request()
    {
        await using var bench = await GatewayBench.StartAsync(_folder, new WatchSettings(), page: "127.0.0.1:0");
        using var http = Browser(bench);
        http.DefaultRequestHeaders.ConnectionClose = true; // A server may hang up on a body that it does not read; the next post must not run into that.
        var random = new Random(20_261_121);
        var noise = new byte[3_000];
        foreach (var type in new[] { "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "application/json", "x", "" })
        {
            for (var round = 0; round < 30; round++)
            {
                random.NextBytes(noise);
                byte[] body = round switch { 0 => [], 1 => [.. Enumerable.Repeat((byte)'&', 3_000)], 2 => new byte[10_000], _ => noise[..random.Next(noise.Length)] };
                using var content = new ByteArrayContent(body);
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                using var answer = await http.PostAsync("/sign-in", content);
                ((int)answer.StatusCode).ShouldBeInRange(400, 499, $"{type}, round {round}");
            }
        }

        bench.Get<PageDoor>().Enter(bench.Get<PageDoor>().Code).ShouldBeNull("so many wrong codes have shut the door");
        (await http.GetAsync("/healthz")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public void After_five_wrong_codes_the_door_is_shut_for_a_minute_even_for_the_right_one()
    {
        var door = new PageDoor(_clock, NullLogger<PageDoor>.Instance);
        for (var i = 0; i < PageDoor.TriesMax; i++) door.Enter("wrong").ShouldBeNull();
        door.Enter(door.Code).ShouldBeNull();
        _clock.Advance(TimeSpan.FromSeconds(61));
        door.Enter(door.Code).ShouldNotBeNull();
    }

    [Fact]
    public void A_session_ends_after_half_an_hour()
    {
        var door = new PageDoor(_clock, NullLogger<PageDoor>.Instance);
        var token = door.Enter(door.Code);
        door.Knows(token).ShouldBeTrue();
        door.Knows(null).ShouldBeFalse();
        door.Knows("").ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMinutes(31));
        door.Knows(token).ShouldBeFalse();
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.9", true)]
    [InlineData("::ffff:192.168.1.9", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("2001:db8::1", false)]
    public void Only_the_sites_own_network_is_answered(string address, bool isLocal) => PageDoor.IsLocal(IPAddress.Parse(address)).ShouldBe(isLocal);

    public void Dispose() => _folder.Dispose();

    private static PageStatus Shown { get; } = new(
        "xn-00005", "broadcast:xn-00005", "edge", "none", DateTimeOffset.UnixEpoch, ClockQuality.Unknown, false, "refused", DateTimeOffset.UnixEpoch, FaultFlags.None,
        [], false, 0, 0, 0, 0, "the machine's own", "off", "not measured", "", false, SiteReading.None, [], "");

    private static HttpClient Browser(GatewayBench bench) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(bench.Get<LocalPage>().Address!) };

    private static async Task<HttpStatusCode> SignInAsync(HttpClient http, string code) =>
        (await http.PostAsync("/sign-in", new FormUrlEncodedContent([new("code", code)]))).StatusCode;
}
