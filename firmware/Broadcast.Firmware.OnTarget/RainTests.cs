using Broadcast.Device.Sensing;

namespace Broadcast.Firmware.OnTarget;

/// <summary>Rolling windows, thresholds with hysteresis, contacts that bounce, current loops.</summary>
internal static class RainTests
{
    private const long Minute = 60_000;

    internal static void Run(Verdict verdict)
    {
        RainWindows rain = new RainWindows(0);
        for (int minute = 0; minute < 120; minute++)
            rain.Add(1, minute * Minute);
        verdict.That(rain.Tips(60, 119 * Minute) == 60, "An hour's window holds an hour");
        verdict.That(rain.Tips(RainWindows.MinutesMax, 119 * Minute) == 120, "A day's window holds all of it");
        verdict.That(rain.Tips(60, 150 * Minute) == 29, "Rain falls out of its window by the minute");
        verdict.That(rain.Tips(60, 5_000 * Minute) == 0, "Days later nothing is left");

        SiteThreshold threshold = new SiteThreshold(60, 300, 500);
        verdict.That(threshold.Judge(300) && threshold.Stage == AlarmStage.Prepare, "A stage is reached at its value");
        verdict.That(!threshold.Judge(250) && threshold.Stage == AlarmStage.Prepare, "and held above four fifths of it");
        verdict.That(!threshold.Judge(239) && threshold.Stage == AlarmStage.None, "and left below");
        verdict.That(threshold.Judge(500) && threshold.Stage == AlarmStage.Leave, "The higher stage is reached at its value");

        ContactFilter contact = new ContactFilter(10_000, false, 0);
        for (int bounce = 0; bounce < 7; bounce++)
            contact.Edge(bounce % 2 == 0, 1_000_000 + (300 * bounce));
        contact.Settle(1_020_000);
        verdict.That(contact.Closings == 1, "A bouncing contact closes once");
        verdict.That(CurrentLoop.Value(12_000, 0, 10_000) == 5_000, "Half of the loop's span is half of the range");
        verdict.That(CurrentLoop.Judge(3_500) == SensorFault.WireBroken && CurrentLoop.Judge(21_500) == SensorFault.ShortCircuit, "Currents outside the span are faults");
    }
}
