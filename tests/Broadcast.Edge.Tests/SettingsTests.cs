using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly TempFolder _folder = new("settings");

    [Fact]
    public void The_command_line_wins_over_the_file()
    {
        File.WriteAllText(_folder["edge.json"], """{"device":{"id":"from-file"},"sound":{"pauseMs":500}}""");
        var settings = SettingsReader.Read([.. Valid(), "--config", _folder["edge.json"], "--device", "from-line"]);
        settings.Device.Id.ShouldBe("from-line");
        settings.Sound.PauseMs.ShouldBe(500);
    }

    [Fact]
    public void A_folder_for_WAV_on_the_command_line_asks_for_WAV() => SettingsReader.Read([.. Valid(), "--wav", "w"]).Sound.Output.ShouldBe("wav");

    [Fact]
    public void Every_problem_is_named_at_once_and_no_secret_is_shown()
    {
        var said = Should.Throw<SettingsException>(() => SettingsReader.Read(
            ["--device", "a b", "--order-key", "00112233zz", "--port", "0", "--sound:pauseMs", "-1", "--sound:timeZone", "Mars/Olympus", "--plain", "true"])).Message;
        foreach (var part in new[] { "device:id (--device) is 'a b'", "device:orderKey (--order-key) is '(10 characters)'", "link:port (--port) is '0'", "link:host", "link:secret", "sound:pauseMs is '-1'", "sound:timeZone is 'Mars/Olympus'" })
            said.ShouldContain(part);
        said.ShouldNotContain("00112233zz");
    }

    [Theory]
    [InlineData("--port", "many")]
    [InlineData("--config", "/nowhere/edge.json")]
    [InlineData("--board", "/nowhere/board.json")]
    [InlineData("--watch:rain:0:hours", "48")]
    [InlineData("--host", "cloud.example:8883")]
    [InlineData("--host", "9999-12-31T23:59:59Z")]
    public void What_cannot_be_read_is_refused_by_name(string option, string value) =>
        Should.Throw<SettingsException>(() => SettingsReader.Read([.. Valid(), option, value])).Message.ShouldContain(value);

    [Theory]
    [InlineData("cloud.example", "https://cloud.example:8443/")]
    [InlineData("10.0.0.7", "https://10.0.0.7:8443/")]
    [InlineData("fd00::7", "https://[fd00::7]:8443/")]
    public void The_door_for_recordings_is_on_the_links_host(string host, string door) =>
        SettingsReader.Read([.. Valid(), "--host", host]).Recordings.AddressOf(new LinkSettings { Host = host }).AbsoluteUri.ShouldBe(door);

    [Theory]
    [InlineData("zh-CN", "cmn")]
    [InlineData("yue-Hant-HK", "yue")]
    [InlineData("en", "en")]
    [InlineData("xx", "cmn")]
    [InlineData("", "cmn")]
    public void A_language_has_the_voice_of_its_longest_known_tag(string language, string voice) => new SpeechSettings().VoiceOf(language).ShouldBe(voice);

    [Fact]
    public async Task A_gateway_with_wrong_settings_ends_with_2_and_says_what_to_do()
    {
        await using var process = RunningProcess.StartDotnet(BuiltProject.Assembly("edge/Broadcast.Edge"), ["--device", "x"]);
        await process.WaitForExitAsync(EdgeProcess.Patience);
        process.ExitCode.ShouldBe(2);
        process.Output.ShouldContain("link:host (--host) is '': name the cloud's host, without a port.");
        process.Output.ShouldNotContain("   at ");
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Valid() =>
        ["--device", "gw", "--order-key", new string('a', 64), "--link-secret", "s", "--host", "h", "--plain", "true"];
}
