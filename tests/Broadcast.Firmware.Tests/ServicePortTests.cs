using System.Text;
using Broadcast.Firmware.Service;
using Broadcast.Firmware.Storage;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests;

public sealed class ServicePortTests
{
    private const string Whole = "device=d-1\nkey=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nhost=h\nsecret=s\nauthority=3082";

    private readonly BoardMachine _machine = new();
    private readonly TwoSlotStore _store = new(new NorSlots(FirmwareLimits.SettingsSlotBytes, new Random(1)));
    private readonly ServicePort _port;
    private int _read;

    public ServicePortTests()
    {
        _machine.Enter();
        _port = new ServicePort(GatewayParts.OpenServicePort(new Mailbox()), _store);
    }

    [Fact]
    public void A_board_is_provisioned_line_by_line()
    {
        Ask("hello").ShouldBe($"ok {Gateway.Version} esp32-gateway-1 -");
        Ask("begin").ShouldBe("ok");
        foreach (var line in Whole.Split('\n'))
        {
            Ask("line " + line[..Math.Min(20, line.Length)]).ShouldBe("ok");
            if (line.Length > 20) Ask("more " + line[20..]).ShouldBe("ok");
        }

        Ask("check").ShouldBe("ok");
        Ask("save").ShouldBe("ok");
        _port.RestartWanted.ShouldBe(ResetReason.Provisioned);
        Encoding.UTF8.GetString(_store.Load().ShouldNotBeNull()).ShouldBe(Whole);
    }

    [Fact]
    public void Wrong_settings_are_named_and_not_saved()
    {
        Ask("begin");
        Ask("line device=a b");
        Ask("save").ShouldBe("no device: give 1 to 32 of letters, digits, - _ . :");
        _port.RestartWanted.ShouldBe(ResetReason.Unknown);
        Ask("line x").ShouldBe("ok");
        Ask("begin").ShouldBe("ok");
        Ask("save").ShouldStartWith("no device: is missing");
    }

    [Fact]
    public void A_damaged_line_changes_nothing()
    {
        Ask("begin");
        Say("line device=d-1*00000000\n").ShouldBe("no damaged line");
        Say("line device=d-1\n").ShouldBe("no damaged line");
        Ask("check").ShouldStartWith("no device: is missing");
    }

    [Fact]
    public void Settings_longer_than_the_buffer_are_turned_down()
    {
        Ask("begin");
        var answers = Enumerable.Range(0, 60).Select(_ => Ask("line phrase.1=" + new string('a', 180))).ToList();
        answers.ShouldContain("no settings too long");
        Ask("begin").ShouldBe("ok");
        Ask("line device=d").ShouldBe("ok");
    }

    [Fact]
    public void Noise_on_the_wire_is_dropped_and_the_next_line_is_heard()
    {
        var random = new Random(8);
        for (var i = 0; i < 3_000; i++)
        {
            var noise = new byte[random.Next(1, 200)];
            random.NextBytes(noise);
            _machine.Uart("COM2").Arrive(noise);
            _port.Step();
        }

        _read = _machine.Uart("COM2").Sent.Length;
        Say("\n");
        Ask("hello").ShouldStartWith("ok");
        _port.BadLines.ShouldBeGreaterThan(100);
        _port.RestartWanted.ShouldBe(ResetReason.Unknown);
    }

    private string Ask(string line) => Say($"{line}*{Crc32.Of(Encoding.UTF8.GetBytes(line), Encoding.UTF8.GetByteCount(line)):x8}\n");

    private string Say(string bytes)
    {
        _machine.Uart("COM2").Arrive(Encoding.UTF8.GetBytes(bytes));
        _port.Step();
        var sent = _machine.Uart("COM2").Sent;
        var answer = Encoding.UTF8.GetString(sent, _read, sent.Length - _read);
        _read = sent.Length;
        return answer.Split('*')[0];
    }

}
