using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal sealed partial class SiloLog(ILogger logger)
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Failed to activate grain {GrainId}")]
    public partial void ActivationFailed(Exception exception, GrainId grainId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Grain {GrainId} failed while it was deactivated")]
    public partial void DeactivationFailed(Exception exception, GrainId grainId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "One-way call {Call} failed")]
    public partial void OneWayFailed(Exception exception, Call call);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A timer of grain {GrainId} failed; it goes on")]
    public partial void TickFailed(Exception exception, GrainId grainId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo stopped before every grain was deactivated")]
    public partial void StoppedBeforeAllWereDeactivated();
}
