using Broadcast.Device.Sensing;
using Broadcast.Edge.Hardware;

namespace Broadcast.Edge.Sensors;

/// <summary>A radar gauge on RS-485, asked by Modbus RTU. One question, one answer; what is late or torn is a fault, and the next reading asks anew.</summary>
internal sealed class ModbusLevel(BoardModbus board, TimeProvider time) : ILevelSensor
{
    // A gauge answers in some 50 ms; half a second is a dead one.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(500);

    private FileStream? _port;

    public async ValueTask<LevelReading> ReadAsync(CancellationToken ct)
    {
        try
        {
            _port ??= await SerialPortFile.OpenAsync(board.Port, board.Baud, ct);
            await DrainAsync(_port, ct);
            await _port.WriteAsync(ModbusFrame.Request(board.Unit, board.Register), ct);
            return Judge(await AnswerAsync(_port, ct));
        }
        catch (IOException broken)
        {
            Dispose();
            return new LevelReading(SensorFault.Silent, 0, broken.Message);
        }
    }

    public void Dispose()
    {
        _port?.Dispose();
        _port = null;
    }

    // What an earlier question left in the line must not answer this one. A line that is never quiet shows in its answer: the rain gauge does not wait for it.
    private async Task DrainAsync(FileStream port, CancellationToken ct)
    {
        var rest = new byte[256];
        var began = time.GetTimestamp();
        while (await port.ReadAsync(rest, ct) > 0 && time.GetElapsedTime(began) < AnswerMax)
        {
        }
    }

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(FileStream port, CancellationToken ct)
    {
        var answer = new byte[ModbusFrame.AnswerBytes];
        var count = 0;
        var asked = time.GetTimestamp();
        while (count < ModbusFrame.LengthOf(answer.AsSpan(0, count)) && time.GetElapsedTime(asked) < AnswerMax)
            count += await port.ReadAsync(answer.AsMemory(count), ct);
        return answer.AsMemory(0, count);
    }

    private LevelReading Judge(ReadOnlyMemory<byte> answer)
    {
        if (ModbusFrame.Value(answer.Span, board.Unit, out var why) is not { } counts) return new LevelReading(SensorFault.Silent, 0, why);
        var millimetres = counts * board.MillimetresACount;
        return new LevelReading(SensorFault.None, board.IsDistance ? board.MountedAtMillimetres - millimetres : millimetres, $"register {counts}");
    }
}
