using Broadcast.Edge.Hardware;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Hardware;

public sealed class BoardTests : IDisposable
{
    private readonly TempFolder _folder = new("board");

    [Fact]
    public void The_board_of_the_house_is_valid() =>
        Board.Read(Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json")).Name.ShouldBe("raspberrypi-gateway-1");

    [Theory]
    [InlineData("""{"name":"b","outputs":{"siren":{"pin":17}},"inputs":{"rain":{"pin":17}}}""", "outputs.siren and inputs.rain is '17': this pin is used twice")]
    [InlineData("""{"name":"b","outputs":{"siren":{"pin":1}}}""", "outputs.siren is '1': give a GPIO number from 2 to 27")]
    [InlineData("""{"name":"b","inputs":{"rain":{"pin":28}}}""", "inputs.rain is '28'")]
    [InlineData("""{"name":"b","inputs":{"rain":{"pin":2}},"adc":{"level":{"input":0,"millimetresAt20mA":1}}}""", "pins 2 and 3 are the I2C bus")]
    [InlineData("""{"name":"b","outputs":{"siren":{"pin":17,"maxOnSeconds":0}}}""", "outputs.siren.maxOnSeconds is '0'")]
    [InlineData("""{"name":"b","inputs":{"stop":{"pin":5,"pull":"sideways"}}}""", "inputs.stop.pull is 'sideways': give up, down or none")]
    [InlineData("""{"name":"b","adc":{"level":{"input":0,"shuntOhms":250,"millimetresAt20mA":1}}}""", "adc.level.shuntOhms is '250'")]
    [InlineData("""{"name":"b","adc":{"level":{"input":0,"millimetresAt20mA":1}},"modbus":{}}""", "one level sensor")]
    [InlineData("""{"name":"b","inputs":{"talk":{"pin":5},"stop":{"pin":5}}}""", "inputs.stop and inputs.talk is '5': this pin is used twice")]
    [InlineData("""{"name":"b","adc":{"battery":{"input":3,"upperOhms":1,"lowerOhms":1},"loudspeaker":{}}}""", "adc.battery and adc.loudspeaker.voltageInput is '3': this input is used twice")]
    [InlineData("""{"name":"b","adc":{"loudspeaker":{"upperOhms":47000,"lowerOhms":10000,"shuntMilliohms":20,"fullScaleMillivolts":21900,"tolerancePercent":60}}}""", "tolerancePercent is '60': give 5 to 50")]
    [InlineData("""{"name":"b","adc":{"loudspeaker":{"upperOhms":47000,"lowerOhms":10000}}}""", "adc.loudspeaker.shuntMilliohms is '0'")]
    [InlineData("""{"name":"b","outputs":{"sirene":{"pin":17}}}""", "sirene")]
    [InlineData("""{"name":"b",""", "cannot be read")]
    [InlineData("""{"name":"b","chip":"esp32"}""", "chip is 'esp32': this is a Raspberry Pi")]
    [InlineData("null", "is empty")]
    public void A_board_file_that_cannot_be_is_refused_by_name(string json, string said)
    {
        File.WriteAllText(_folder["board.json"], json);
        Should.Throw<SettingsException>(() => Board.Read(_folder["board.json"])).Message.ShouldContain(said);
    }

    public void Dispose() => _folder.Dispose();
}
