using Broadcast.Device.Sensing;
using Broadcast.Edge.Hardware;

namespace Broadcast.Edge.Sensors;

/// <summary>A pressure or float gauge with 4–20 mA over a shunt.</summary>
internal sealed class CurrentLevel(Converter converter, BoardCurrentInput board) : ILevelSensor
{
    public ValueTask<LevelReading> ReadAsync(CancellationToken ct)
    {
        try
        {
            var microamps = converter.Microvolts(board.Input) / board.ShuntOhms;
            var fault = CurrentLoop.Judge(microamps);
            var level = fault == SensorFault.None ? CurrentLoop.Value(microamps, board.MillimetresAtLow, board.MillimetresAtHigh) : 0;
            return ValueTask.FromResult(new LevelReading(fault, level, $"{microamps / 1000.0:0.00} mA"));
        }
        catch (IOException silent)
        {
            return ValueTask.FromResult(new LevelReading(SensorFault.Silent, 0, silent.Message));
        }
    }

    // The converter is the site's: the battery hangs on it too.
    public void Dispose()
    {
    }
}
