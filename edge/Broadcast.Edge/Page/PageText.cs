using System.Globalization;
using System.Net;
using System.Text;
using Broadcast.Device;
using Broadcast.Edge.Sensors;
using QRCoder;

namespace Broadcast.Edge.Page;

/// <summary>What the page shows, also as JSON.</summary>
/// <param name="Identity">What the code on the page says: who this is, and nothing secret (<see cref="PageText.Identity"/>).</param>
/// <param name="HasRainGauge">Whether the board has one: 0.0 mm of a gauge that is not there would be a lie.</param>
internal sealed record PageStatus(
    string Device, string Identity, string Firmware, string Board, DateTimeOffset Now, ClockQuality Clock, bool Online, string Link, DateTimeOffset LinkSince, FaultFlags Faults,
    string[] HardwareFaults, bool Playing, int Waiting, int ReceiptsWaiting, long AlarmsWaiting, long ReadingsWaiting, string Settings, string Update, string Line, string Talk,
    bool HasRainGauge, SiteReading Site, string[] LastOrders, string Township);

/// <summary>
/// Writes the pages as plain HTML, without a script: they must open in any phone's browser, however old. The status shows itself anew by
/// itself; what a person fills in or waits for stands on a page of its own, which does not.
/// </summary>
internal static class PageText
{
    private const int RefreshSeconds = 5;

    private const string Head = """
        <!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>广播终端</title>
        <style>
        body{font:16px/1.4 sans-serif;max-width:44em;margin:0 auto;padding:0 .8em 2em;color:#111;background:#fff}
        h1{font-size:1.3em;margin:.8em 0 .4em}h2{font-size:1.1em;margin:1.4em 0 .4em}
        .banner{font-size:1.15em;font-weight:bold;color:#fff;padding:.6em .8em;border-radius:.3em;overflow-wrap:anywhere}
        .banner.good{background:#176b2c;color:#fff}.banner.bad{background:#a40000;color:#fff}
        nav a{display:inline-block;padding:.6em 1em .6em 0}
        table{border-collapse:collapse;width:100%}td{padding:.35em .8em .35em 0;vertical-align:top;border-bottom:1px solid #ddd;overflow-wrap:anywhere}td:first-child{width:38%;color:#444}
        td.bad,p.bad{color:#a40000;font-weight:bold}td.good{color:#176b2c}
        textarea,input,button{font:inherit;width:100%;box-sizing:border-box;padding:.6em;margin:.3em 0}button{background:#0b4a8b;color:#fff;border:0;border-radius:.3em}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em}svg{width:11em;height:11em;display:block}
        </style>
        """;

    private const string Navigation = """<nav><a href="/">状态 Status</a><a href="/work">操作 Work</a><a href="/log">日志 Log</a><a href="/status.json">JSON</a></nav>""";

    public static string SignIn(string problem) => $"""
        {Head}<h1>广播终端 Gateway</h1><p class="bad">{Text(problem)}</p>
        <form method="post" action="/sign-in"><label>一次性验证码 One-time code (on the console and in the journal):
        <input name="code" inputmode="numeric" maxlength="{PageDoor.CodeDigits}" autocomplete="off"></label> <button>OK</button></form>
        """;

    /// <summary>What the gateway's code says: <c>broadcast:ID?board=NAME&amp;key=EPOCH</c>. It names the gateway and opens nothing.</summary>
    public static string Identity(string device, string board, int keyEpoch) =>
        string.Create(CultureInfo.InvariantCulture, $"broadcast:{Uri.EscapeDataString(device)}?board={Uri.EscapeDataString(board)}&key={keyEpoch}");

    public static string Status(PageStatus status)
    {
        var page = Begin(status, RefreshSeconds).Append("<table>");
        Row(page, "故障 Faults", string.Join("; ", status.HardwareFaults.Prepend(PageWords.Of(status.Faults))), status.Faults == FaultFlags.None && status.HardwareFaults.Length == 0);
        Row(page, "播放 Playing", status.Playing ? $"是 yes; 排队 waiting {status.Waiting}" : "否 no");
        Row(page, "待发 Waiting for the cloud", $"回执 receipts {status.ReceiptsWaiting}, 报警 alarms {status.AlarmsWaiting}, 读数 readings {status.ReadingsWaiting}");
        Row(page, "预警 Stage", PageWords.Of(status.Site.Stage));
        Row(page, "雨量 Rain 1/3/6/24 h", Rain(status));
        Row(page, "水位 Level", status.Site.Level is { } level ? $"{level.Millimetres} mm ({level.Detail}), {PageWords.Of(status.Site.LevelFault)}" : PageWords.NotHere);
        Row(page, "电池 Battery", status.Site.BatteryMillivolts > 0 ? $"{status.Site.BatteryMillivolts} mV" : "未测 not measured");
        Row(page, "扬声器线路 Loudspeakers", status.Line);
        if (status.Talk.Length > 0) Row(page, "讲话 Talk", status.Talk);
        if (status.Township.Length > 0) Row(page, "乡镇 Township", status.Township);
        Row(page, "时间 Time", $"{status.Now:yyyy-MM-dd HH:mm:ss} UTC, {PageWords.Of(status.Clock)}");
        Row(page, "设置 Settings", status.Settings);
        Row(page, "程序 Firmware", status.Firmware);
        Row(page, "程序更新 Update", status.Update);
        Row(page, "主板 Board", status.Board);
        page.Append("</table><h2>最近指令 Last orders</h2><pre>").Append(Text(string.Join('\n', status.LastOrders))).Append("</pre>");
        page.Append(CultureInfo.InvariantCulture, $"<h2>身份 Identity</h2>{Code(status.Identity)}<p>{Text(status.Identity)}</p>");
        return page.ToString();
    }

    /// <summary>What can be done at the cabinet, and what came of it.</summary>
    public static string Work(PageStatus status, IReadOnlyList<TestResult> tests)
    {
        var page = Begin(status, refreshSeconds: 0);
        if (tests.Count > 0)
        {
            page.Append("<h2>结果 Result</h2><table>");
            foreach (var test in tests) Row(page, test.Part, $"{(test.Passed is null ? "–" : test.Passed.Value ? "OK" : "失败 FAILED")} {test.Detail}", test.Passed);
            page.Append("</table>");
        }

        page.Append("<h2>通知 Notice</h2><form method=\"post\" action=\"/notice\"><label>在此播出；本机管理乡镇时，全乡镇播出。 Said here and, where this gateway carries a township, in all of it.<textarea name=\"text\" rows=\"3\" maxlength=\"500\" required></textarea></label><button>播出 Say it</button></form>");
        page.Append("<h2>自检 Self-test</h2><form method=\"post\" action=\"/self-test\"><button>自检：轻声测试音，警报器短响 A quiet tone, a click of the siren</button></form>");
        page.Append("<h2>扬声器线路 Loudspeakers</h2><form method=\"post\" action=\"/learn-line\"><button>学习线路阻抗 Learn the line as it is now</button></form>");
        return page.ToString();
    }

    private static StringBuilder Begin(PageStatus status, int refreshSeconds)
    {
        var page = new StringBuilder(Head);
        if (refreshSeconds > 0) page.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"refresh\" content=\"{refreshSeconds}\">");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(status.Device)}</h1>{Navigation}");
        return page.Append(CultureInfo.InvariantCulture, $"<p class=\"banner {(status.Online ? "good" : "bad")}\">{(status.Online ? "在线 Online" : "离线 Offline")}: {Text(status.Link)}, {status.LinkSince:yyyy-MM-dd HH:mm:ss} UTC</p>");
    }

    private static string Rain(PageStatus status) => status.HasRainGauge
        ? $"{string.Join(" / ", status.Site.RainTenths.Select(t => (t / 10.0).ToString("0.0", CultureInfo.InvariantCulture)))} mm, {PageWords.Of(status.Site.RainFault)}"
        : PageWords.NotHere;

    private static string Code(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(4, "#000", "#fff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }

    private static void Row(StringBuilder page, string name, string value, bool? good = null) =>
        page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td{(good is null ? "" : good.Value ? " class=good" : " class=bad")}>{Text(value)}");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
