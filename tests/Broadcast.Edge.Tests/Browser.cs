using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Debian's Chromium without a window, whose microphone is a file; driven over its own debugging protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private readonly ClientWebSocket _page = new();
    private int _commands;

    private Browser(RunningProcess process) => _process = process;

    /// <param name="folder">For its profile.</param>
    /// <param name="microphone">A WAV file that it hears again and again.</param>
    public static async Task<Browser> StartAsync(string folder, string microphone)
    {
        var process = RunningProcess.Start("chromium",
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", $"--user-data-dir={folder}", "--remote-debugging-port=0",
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", $"--use-file-for-fake-audio-capture={microphone}",
            "--autoplay-policy=no-user-gesture-required", "about:blank",
        ]);
        var browser = new Browser(process);
        var line = await process.WaitForLineAsync(l => l.Contains("DevTools listening", StringComparison.Ordinal), EdgeProcess.Patience);
        var port = Regex.Match(line, @"127\.0\.0\.1:(\d+)", RegexOptions.None, TimeSpan.FromSeconds(10)).Groups[1].Value;
        using var http = new HttpClient();
        JsonNode? page = null;
        await Eventually.HoldsAsync(async () =>
        {
            page = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json/list"))!.AsArray().FirstOrDefault(t => (string?)t!["type"] == "page");
            return page is not null;
        }, EdgeProcess.Patience);
        await browser._page.ConnectAsync(new Uri((string)page!["webSocketDebuggerUrl"]!), default);
        return browser;
    }

    public Task OpenAsync(string address) => CommandAsync("Page.navigate", new JsonObject { ["url"] = address });

    /// <summary>What an expression gives, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await CommandAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["userGesture"] = true });
        return (string?)answer["result"]?["result"]?["value"] ?? "";
    }

    public Task ShowsAsync(string expression) => Eventually.HoldsAsync(async () => await EvaluateAsync(expression) == "true", EdgeProcess.Patience);

    public async ValueTask DisposeAsync()
    {
        _page.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonNode> CommandAsync(string method, JsonObject parameters)
    {
        var id = ++_commands;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _page.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, true, default);
        while (true)
        {
            var answer = JsonNode.Parse(await MessageAsync())!;
            if ((int?)answer["id"] == id) return answer;
        }
    }

    private async Task<string> MessageAsync()
    {
        using var message = new MemoryStream();
        var block = new byte[16 << 10];
        WebSocketReceiveResult part;
        do
        {
            part = await _page.ReceiveAsync(block, default);
            message.Write(block, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(message.ToArray());
    }
}
