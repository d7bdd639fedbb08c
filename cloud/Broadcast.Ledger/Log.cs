using Microsoft.Extensions.Logging;

namespace Broadcast.Ledger;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A transaction of {Acts} acts was lost; nothing of it was acknowledged")]
    public static partial void GroupLost(ILogger log, int acts, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "A database connection broke and could not be closed properly")]
    public static partial void SessionLost(ILogger log, Exception e);

    [LoggerMessage(3, LogLevel.Error, "The disk is full: the reserve of {Bytes} bytes is given up; ordinary acts are refused until there is room")]
    public static partial void ReserveGivenUp(ILogger log, long bytes);

    [LoggerMessage(4, LogLevel.Warning, "The disk is nearly full ({Free} bytes free, {Min} wanted): ordinary acts are refused")]
    public static partial void DiskLow(ILogger log, long free, long min);

    [LoggerMessage(5, LogLevel.Information, "There is room on the disk again ({Free} bytes free): all acts are taken")]
    public static partial void DiskRecovered(ILogger log, long free);

    [LoggerMessage(6, LogLevel.Warning, "The reserve file cannot be written yet")]
    public static partial void ReserveNotBuilt(ILogger log, Exception e);

    [LoggerMessage(7, LogLevel.Error, "The audit checkpoint could not be written; the next one covers it")]
    public static partial void AnchorFailed(ILogger log, Exception e);

    [LoggerMessage(8, LogLevel.Warning, "Device {Device} reports the high-water mark {Mark}, more than a year ahead: refused")]
    public static partial void MarkRefused(ILogger log, string device, long mark);

    [LoggerMessage(9, LogLevel.Warning, "The ledger that the backup replaces cannot be read: {Why}")]
    public static partial void ReplacedNotRead(ILogger log, string why);
}
