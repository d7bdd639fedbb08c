using System.Buffers.Binary;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Tests.Hardware;

namespace Broadcast.Edge.Tests.Sensing;

public sealed class LevelTests
{
    private readonly Ads1115Chip _chip = new();
    private readonly BoardAdc _board = new()
    {
        Level = new BoardCurrentInput { Input = 0, ShuntOhms = 100, MillimetresAtLow = 0, MillimetresAtHigh = 10_000 },
        Battery = new BoardVoltageInput { Input = 1, UpperOhms = 100_000, LowerOhms = 22_000 },
    };

    // The converter's step of 125 µV is 1.25 µA over 100 Ω, 0.8 mm of 10 m; a milliampere boundary may round down by one step.
    [Theory]
    [InlineData(4_000, 0)]
    [InlineData(12_000, 5_000)]
    [InlineData(20_000, 10_000)]
    [InlineData(3_800, -125)]
    public async Task A_loop_current_is_a_level(int microamps, int millimetres)
    {
        _chip.Inputs[0] = microamps * 100;
        var reading = await ReadAsync();
        reading.Fault.ShouldBe(SensorFault.None);
        reading.Millimetres.ShouldBeInRange(millimetres - 1, millimetres + 1);
    }

    [Theory]
    [InlineData(0, SensorFault.WireBroken)]
    [InlineData(3_599, SensorFault.WireBroken)]
    [InlineData(3_602, SensorFault.None)]
    [InlineData(21_000, SensorFault.None)]
    [InlineData(21_003, SensorFault.ShortCircuit)]
    [InlineData(40_000, SensorFault.ShortCircuit)]
    public async Task A_current_outside_NE_43_is_a_fault(int microamps, SensorFault fault)
    {
        _chip.Inputs[0] = microamps * 100;
        (await ReadAsync()).Fault.ShouldBe(fault);
    }

    [Fact]
    public async Task A_converter_that_does_not_answer_is_a_fault_with_its_address_and_comes_back()
    {
        _chip.Inputs[0] = 1_200_000;
        using var converter = new Converter(_board, _ => _chip);
        var level = new CurrentLevel(converter, _board.Level!);
        _chip.IsGone = true;
        var reading = await level.ReadAsync(TestContext.Current.CancellationToken);
        reading.Fault.ShouldBe(SensorFault.Silent);
        reading.Detail.ShouldContain("address 72 of I2C bus 1");
        _chip.IsGone = false;
        (await level.ReadAsync(TestContext.Current.CancellationToken)).Fault.ShouldBe(SensorFault.None);
    }

    [Fact]
    public void The_battery_is_measured_over_its_divider()
    {
        using var converter = new Converter(_board, _ => _chip);
        _chip.Inputs[1] = 2_272_131; // 12.6 V over 100 kΩ and 22 kΩ.
        Battery.Millivolts(converter, _board.Battery).ShouldBeInRange(12_598, 12_600);
    }

    [Fact]
    public void A_modbus_frame_has_the_check_value_of_the_standard()
    {
        // Modbus over serial line 1.02, example: unit 2, function 7 gives CRC 0x1241 (low byte first on the wire).
        ModbusFrame.Crc([0x02, 0x07]).ShouldBe((ushort)0x1241);
        ModbusFrame.Request(1, 0).ShouldBe([0x01, 0x03, 0x00, 0x00, 0x00, 0x01, 0x84, 0x0A]);
    }

    [Fact]
    public async Task A_radar_gauge_on_a_serial_line_is_read_by_Modbus()
    {
        using var wire = new PseudoTerminal();
        var gauge = wire.AnswerAsync(request =>
        {
            request.ShouldBe(ModbusFrame.Request(7, 3));
            return Answer(7, 1_234);
        });
        using var level = new ModbusLevel(new BoardModbus { Port = wire.Path, Unit = 7, Register = 3, IsDistance = true, MountedAtMillimetres = 5_000 }, TimeProvider.System);
        var reading = await level.ReadAsync(TestContext.Current.CancellationToken);
        await gauge;
        reading.ShouldBe(new LevelReading(SensorFault.None, 3_766, "register 1234"));
    }

    [Fact]
    public async Task A_gauge_that_is_silent_is_a_fault()
    {
        using var wire = new PseudoTerminal();
        using var level = new ModbusLevel(new BoardModbus { Port = wire.Path }, TimeProvider.System);
        (await level.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe(new LevelReading(SensorFault.Silent, 0, "no answer"));
    }

    [Fact]
    public async Task A_line_that_is_never_quiet_is_a_fault_and_keeps_no_rain_waiting()
    {
        using var wire = new PseudoTerminal();
        using var quiet = new CancellationTokenSource();
        var noise = wire.MakeNoiseAsync(quiet.Token);
        using var level = new ModbusLevel(new BoardModbus { Port = wire.Path }, TimeProvider.System);
        var reading = await level.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        reading.Fault.ShouldBe(SensorFault.Silent);
        await quiet.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => noise);
    }

    [Theory]
    [InlineData("070302", "a torn answer of 3 bytes")]
    [InlineData("07030204D27213", "an answer with a wrong check value")]
    [InlineData("", "no answer")]
    public void Garbage_of_a_gauge_is_a_fault_that_says_what(string hex, string why)
    {
        ModbusFrame.Value(Convert.FromHexString(hex), 7, out var said).ShouldBeNull();
        said.ShouldBe(why);
    }

    [Fact]
    public void No_random_bytes_are_taken_for_an_answer_of_the_gauge()
    {
        var random = new Random(43);
        var taken = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var bytes = new byte[random.Next(0, 12)];
            random.NextBytes(bytes);
            if (ModbusFrame.Value(bytes, 7, out _) is not null) taken++;
        }
        taken.ShouldBe(0);
    }

    internal static byte[] Answer(byte unit, ushort value)
    {
        var frame = new byte[] { unit, 3, 2, (byte)(value >> 8), (byte)value, 0, 0 };
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(5), ModbusFrame.Crc(frame.AsSpan(0, 5)));
        return frame;
    }

    private async Task<LevelReading> ReadAsync()
    {
        using var converter = new Converter(_board, _ => _chip);
        return await new CurrentLevel(converter, _board.Level!).ReadAsync(TestContext.Current.CancellationToken);
    }
}
