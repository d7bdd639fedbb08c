using Broadcast.Device.Sensing;

namespace Broadcast.Edge.Sensors;

/// <summary>One reading of the water: a level, or why there is none.</summary>
/// <param name="Fault">None for a good reading.</param>
/// <param name="Millimetres">The level; 0 with a fault.</param>
/// <param name="Detail">For the technician: the current, the register, what failed.</param>
internal readonly record struct LevelReading(SensorFault Fault, int Millimetres, string Detail);

/// <summary>A gauge of the water's level: a current loop or a Modbus radar.</summary>
internal interface ILevelSensor : IDisposable
{
    /// <summary>Reads once. What fails is a reading with a fault, never an exception.</summary>
    ValueTask<LevelReading> ReadAsync(CancellationToken ct);
}
