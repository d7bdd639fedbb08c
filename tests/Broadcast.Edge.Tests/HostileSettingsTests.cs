using Broadcast.Edge.Hardware;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests;

/// <summary>Files that a person or a fault spoilt: each is refused with a reason, or its defaults hold.</summary>
public sealed class HostileSettingsTests : IDisposable
{
    private const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private readonly TempFolder _folder = new("settings");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"b","outputs":null}""")]
    [InlineData("""{"name":"b","rainGauge":null}""")]
    [InlineData("""{"name":"b","modbus":{"port":null}}""")]
    public void A_board_file_with_a_null_is_refused_by_name(string json) =>
        Should.Throw<SettingsException>(() => Board.Read(Write(json))).Message.ShouldContain("input.json");

    [Theory]
    [InlineData("\"sound\":null")]
    [InlineData("\"sound\":{}")]
    [InlineData("\"watch\":{\"rain\":null}")]
    [InlineData("\"speech\":{\"engine\":null}")]
    public void A_null_in_the_settings_leaves_the_default(string member)
    {
        var settings = SettingsReader.Read(["--config", Write($$"""{"device":{"id":"g-1","orderKey":"{{Key}}"},"link":{"host":"h","plain":true,"secret":"s"},{{member}}}""")]);
        settings.Sound.VolumeMax.ShouldBe(100);
        settings.Watch.Rain.ShouldBeEmpty();
        settings.Speech.Engine.ShouldBe("espeak-ng");
    }

    [Theory]
    [InlineData("准备\\t转移")]
    [InlineData("\\u0000")]
    public void A_phrase_that_no_core_takes_is_refused_at_the_start_and_not_when_the_water_comes(string phrase) =>
        Should.Throw<SettingsException>(() => SettingsReader.Read(["--config", Write($$"""{"device":{"id":"g-1","orderKey":"{{Key}}"},"link":{"host":"h","plain":true,"secret":"s"},"watch":{"leavePhrase":"{{phrase}}" } }""")]))
            .Message.ShouldContain("watch:leavePhrase");

    [Fact]
    public void A_settings_file_of_a_megabyte_is_not_read() =>
        Should.Throw<SettingsException>(() => SettingsReader.Read(["--config", Write("{\"x\":\"" + new string('a', 1 << 20) + "\"}")])).Message.ShouldContain("larger");

    private string Write(string json)
    {
        File.WriteAllText(_folder["input.json"], json);
        return _folder["input.json"];
    }
}
