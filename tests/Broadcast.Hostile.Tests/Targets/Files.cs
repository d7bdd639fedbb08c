using System.Text;
using Broadcast.Edge;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Update;
using Broadcast.Fleet;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Readers of files: each input is written to one file again and again.</summary>
internal abstract class FileTarget : FuzzTarget, IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory("fuzz");

    protected string File => _folder["input"];

    protected string Folder => _folder.Path;

    public void Dispose() => _folder.Dispose();

    protected void Write(byte[] input) => System.IO.File.WriteAllBytes(File, input);
}

internal sealed class BoardFile : FileTarget
{
    private static readonly string Good = System.IO.File.ReadAllText(Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json"));
    private const string WithModbus = """{"name":"b","outputs":{"siren":{"pin":17}},"inputs":{"rain":{"pin":25,"settleMs":5}},"modbus":{"port":"/dev/ttyAMA0","baud":9600,"unit":1,"register":3}}""";

    public override int InputsUsual => 50_000;

    public override byte[] Make(Dice dice) => JsonMutation.Of(dice.OneIn(3) ? WithModbus : Good, dice);

    public override bool Take(byte[] input)
    {
        Write(input);
        try
        {
            var board = Board.Read(File);
            Must(board.Name.Length > 0 && BoardCheck.Pins(board).All(p => p.Pin is >= 2 and <= 27), "a board that the checks should have refused");
            return true;
        }
        catch (SettingsException refused)
        {
            Must(refused.Message.Length > 0, "a refusal without a reason");
            return false;
        }
    }
}

internal sealed class GatewaySettings : FileTarget
{
    private const string Good = """
        {"device":{"id":"gateway-1","orderKey":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","keyEpoch":1},
        "link":{"host":"cloud.example","port":8883,"plain":true,"secret":"s","keepAliveSeconds":60,"probeSeconds":20,"uplinks":[{"name":"fibre","interface":"eth0","cost":1},{"name":"4g","address":"10.0.0.2","host":"cloud2.example","cost":9,"metered":true,"keepAliveSeconds":300}]},
        "sound":{"output":"wav","wavFolder":"","volumeMax":100,"nightVolumeMax":40,"actualVolumeMin":60,"nightFromHour":22,"nightToHour":6,"timeZone":"Asia/Shanghai","pauseMs":2000},
        "speech":{"engine":"espeak-ng","arguments":["-v","{voice}"],"voices":{"zh":"cmn"},"wordsPerMinute":160,"stallSeconds":5},
        "page":{"listen":"127.0.0.1:8090"},
        "township":{"listen":"192.168.1.20:8883","names":["pi.village"]},"line":{"superviseSeconds":60,"selfTestMinutes":1440,"firstSeconds":30},"microphone":{"recorder":"arecord","alsaDevice":"default","talkSecondsMax":180},
        "update":{"key":"","checkMinutes":10,"trialMinutes":5,"soakSeconds":120},"telemetry":{"endpoint":"http://127.0.0.1:4318","seconds":60},"recordings":{"from":"https://cloud.example:8443","cacheMegabytesMax":256},
        "watch":{"rain":[{"hours":1,"prepareMillimetres":30,"leaveMillimetres":50}],"level":[{"prepareMillimetres":2000,"leaveMillimetres":3000}],"readSeconds":10},
        "data":"/var/lib/broadcast-edge","board":""}
        """;

    public override long AllocatedBytesMax => 24 << 20; // The framework walks a configuration of n keys n times; the reader's own bound on the file is what holds it.

    public override int InputsUsual => 10_000; // Half a millisecond each.

    public override byte[] Make(Dice dice) => JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        Write(input);
        try
        {
            var settings = SettingsReader.Read(["--config", File]);
            Must(settings.Device.Id.Length > 0 && settings.Link.Port is > 0 and <= 65_535, "settings that the checks should have refused");
            Must(settings.Watch.RainThresholds().Length == settings.Watch.Rain.Length && settings.Watch.LevelThresholds().Length == settings.Watch.Level.Length, "a threshold got lost");
            Must(settings.Speech.VoiceOf("zh-CN") is not null, "no voice");
            Must(settings.Township.Listen.Length == 0 || System.Net.IPEndPoint.TryParse(settings.Township.Listen, out _), "a township's door that opens nowhere");
            Must(settings.Update.TrialMinutes <= UpdateSettings.TrialMinutesMax && settings.Recordings.AddressOf(settings.Link) is { IsAbsoluteUri: true, Host.Length: > 0 }, "settings that the checks should have refused");
            return true;
        }
        catch (SettingsException refused)
        {
            Must(refused.Message.Length > 0, "a refusal without a reason");
            return false;
        }
    }
}

internal sealed class DevicesCsv : FileTarget
{
    private static readonly string Good =
        "device,site,village,linkSecret,orderKeyHex,keyEpoch,latitude,longitude\n" + string.Concat(Enumerable.Range(1, 3).Select(n => $"xn-{n:D5},s-{n},421202100001,secret{n},{new string('a', 64)},1,29.8,114.3\n"));

    public override int InputsUsual => 50_000;

    public override byte[] Make(Dice dice) => ByteMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        Write(input);
        try
        {
            return DevicesFile.Read(File).All(d => d.OrderKey.Length == 32 && d.KeyEpoch >= 0);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}

internal sealed class ModbusAnswer : FuzzTarget
{
    public override long AllocatedBytesMax => 4_096;

    public override byte[] Make(Dice dice)
    {
        byte[] answer = dice.OneIn(5) ? [1, 0x83, (byte)dice.Below(12)] : [1, 3, 2, (byte)dice.Bits(), (byte)dice.Bits()];
        if (dice.OneIn(3)) answer = ByteMutation.Of(answer, dice);
        var crc = ModbusFrame.Crc(answer);
        byte[] whole = [.. answer, (byte)crc, (byte)(crc >> 8)];
        return dice.OneIn(2) ? whole : ByteMutation.Of(whole, dice);
    }

    public override bool Take(byte[] input)
    {
        Must(ModbusFrame.LengthOf(input) is ModbusFrame.AnswerBytes or ModbusFrame.ExceptionBytes, "a length that no answer has");
        var value = ModbusFrame.Value(input, 1, out var why);
        Must(value is null == why.Length > 0, "a value and a reason against it");
        if (value is null) return false;
        Must(input.Length == ModbusFrame.AnswerBytes && input[0] == 1 && input[1] == 3 && value == (input[3] << 8 | input[4]), "a value that was not said");
        return true;
    }
}
