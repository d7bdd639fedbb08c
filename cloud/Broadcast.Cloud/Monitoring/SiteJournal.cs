using Broadcast.Cloud.Link;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Monitoring;

/// <summary>Takes what sites measure and raise by themselves into the ledger. When it has returned, the link may acknowledge.</summary>
public sealed partial class SiteJournal(LedgerStore ledger, LinkCounts counters, ILogger<SiteJournal> log)
{
    public async ValueTask AlarmAsync(DeviceId device, Alarm alarm)
    {
        WarningId? said = alarm.WarningId.AsSpan().ContainsAnyExcept((byte)0) ? WarningId.FromWire(alarm.WarningId) : null;
        var isNew = await ledger.AlarmAsync(device, new AlarmRecord(
            alarm.Number, alarm.AtMs, alarm.Clock, alarm.Stage, alarm.Cause, alarm.WindowMinutes, alarm.Value, alarm.Threshold, said));
        if (isNew) LogAlarm(log, device.Value, alarm.Stage, alarm.Cause, alarm.Value);
    }

    public async ValueTask SoundTestAsync(DeviceId device, SoundTest test)
    {
        if (await ledger.SoundTestAsync(device, test) && test.Result != SoundTestResult.Passed) LogSoundTest(log, device.Value, test.Result, test.Milliohms, test.NominalMilliohms);
    }

    public async ValueTask ReadingAsync(DeviceId device, Reading reading)
    {
        try
        {
            await ledger.ReadingAsync(device, new ReadingRecord(
                reading.Number, reading.AtMs, reading.Clock, reading.Seconds, reading.RainTenths, reading.RainFault, reading.LevelMillimetres, reading.LevelFault, reading.BatteryMillivolts));
        }
        catch (StorageFullException)
        {
            // Acknowledged and lost: what a full disk still takes is for warnings, and a session that breaks at each reading would carry none.
            counters.ReadingDropped();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The loudspeakers of {Device} did not pass their self-test: {Result}, {Milliohms} milliohms, nominal {Nominal}.")]
    private static partial void LogSoundTest(ILogger log, string device, SoundTestResult result, int milliohms, int nominal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Device} raised a local alarm: {Stage} by {Cause}, {Value}.")]
    private static partial void LogAlarm(ILogger log, string device, Broadcast.Device.Sensing.AlarmStage stage, AlarmCause cause, int value);
}
