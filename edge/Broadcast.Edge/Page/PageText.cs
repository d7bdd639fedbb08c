using System.Globalization;
using System.Net;
using System.Text;
using Broadcast.Edge.Sensors;

namespace Broadcast.Edge.Page;

/// <summary>What the page shows, also as JSON.</summary>
internal sealed record PageStatus(
    string Device, string Firmware, string Board, DateTimeOffset Now, string Clock, bool Online, string Link, DateTimeOffset LinkSince, string Faults,
    string[] HardwareFaults, bool Playing, int Waiting, int ReceiptsWaiting, long AlarmsWaiting, long ReadingsWaiting, string Settings, string Update, string Line, string Talk, SiteReading Site, string[] LastOrders, string Township);

/// <summary>Writes the page as plain HTML, without a script: it must open in any phone's browser, however old.</summary>
internal static class PageText
{
    private const string Head = """
        <!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>广播终端</title>
        <style>body{font:16px sans-serif;max-width:46em;margin:1em auto;padding:0 1em}td{padding:.2em .8em .2em 0;vertical-align:top}.bad{color:#b00}.good{color:#070}</style>
        """;

    public static string SignIn(string problem) => $"""
        {Head}<h1>广播终端 Gateway</h1><p class="bad">{Text(problem)}</p>
        <form method="post" action="/sign-in"><label>一次性验证码 One-time code (on the console and in the journal):
        <input name="code" inputmode="numeric" maxlength="{PageDoor.CodeDigits}" autocomplete="off"></label> <button>OK</button></form>
        """;

    public static string Status(PageStatus status, IReadOnlyList<TestResult> tests)
    {
        var page = new StringBuilder(Head).Append(CultureInfo.InvariantCulture, $"<h1>{Text(status.Device)}</h1><table>");
        Row(page, "程序 Firmware", status.Firmware);
        Row(page, "主板 Board", status.Board);
        Row(page, "时间 Time", $"{status.Now:yyyy-MM-dd HH:mm:ss} UTC ({status.Clock})");
        Row(page, "链路 Link", $"{status.Link}, {status.LinkSince:yyyy-MM-dd HH:mm:ss} UTC", status.Online);
        Row(page, "故障 Faults", string.Join("; ", status.HardwareFaults.Prepend(status.Faults)), status.Faults == "None");
        Row(page, "播放 Playing", status.Playing ? $"yes, {status.Waiting} wait" : "no");
        Row(page, "待发 Waiting for the cloud", $"{status.ReceiptsWaiting} receipts, {status.AlarmsWaiting} alarms, {status.ReadingsWaiting} readings");
        Row(page, "设置 Settings", status.Settings);
        Row(page, "扬声器线路 Loudspeakers", status.Line);
        Row(page, "程序更新 Update", status.Update);
        if (status.Talk.Length > 0) Row(page, "讲话 Talk", status.Talk);
        Row(page, "雨量 Rain 1/3/6/24 h", string.Join(" / ", status.Site.RainTenths.Select(t => (t / 10.0).ToString("0.0", CultureInfo.InvariantCulture))) + $" mm, {status.Site.RainFault}");
        Row(page, "水位 Level", status.Site.Level is { } level ? $"{level.Millimetres} mm ({level.Detail}), {status.Site.LevelFault}" : "none");
        Row(page, "电池 Battery", $"{status.Site.BatteryMillivolts} mV");
        Row(page, "预警 Stage", status.Site.Stage.ToString());
        if (status.Township.Length > 0) Row(page, "乡镇 Township", status.Township);
        page.Append("</table><form method=\"post\" action=\"/notice\"><label>通知 Notice (here and, where this gateway carries a township, in all of it):<br><textarea name=\"text\" rows=\"3\" cols=\"50\" maxlength=\"500\" required></textarea></label><br><button>播出 Say it</button></form>");
        page.Append("<form method=\"post\" action=\"/self-test\"><button>自检 Self-test (a quiet tone, a click of the siren)</button></form>");
        page.Append("<form method=\"post\" action=\"/learn-line\"><button>学习线路阻抗 Learn the line as it is now</button></form>");
        if (tests.Count > 0)
        {
            page.Append("<table>");
            foreach (var test in tests) Row(page, test.Part, $"{(test.Passed is null ? "–" : test.Passed.Value ? "OK" : "FAILED")} {test.Detail}", test.Passed);
            page.Append("</table>");
        }
        page.Append("<h2>最近指令 Last orders</h2><pre>").Append(Text(string.Join('\n', status.LastOrders))).Append("</pre><a href=\"/log\">日志 Log</a> · <a href=\"/status.json\">JSON</a>");
        return page.ToString();
    }

    private static void Row(StringBuilder page, string name, string value, bool? good = null) =>
        page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td{(good is null ? "" : good.Value ? " class=good" : " class=bad")}>{Text(value)}");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
