using Broadcast.Device;

namespace Broadcast.Firmware.OnTarget;

/// <summary>Who is taken and who is turned down, through the whole core.</summary>
internal static class AcceptanceTests
{
    internal static void Run(Verdict verdict)
    {
        TargetBench bench = new TargetBench();
        verdict.That(bench.Core.IsSessionUp && bench.Core.Clock == ClockQuality.Cloud, "A welcome opens the session and tells the time");

        Order red = bench.Alert(WarningLevel.Red, WarningClass.Actual);
        byte[] forged = TargetBench.Frame(red);
        forged[forged.Length - 5] ^= 4;
        bench.Receive(forged);
        verdict.That(bench.Body.Played.Count == 0 && bench.Core.RefusalCount(Refusal.Forged) == 1, "A forged order makes no sound");

        bench.Send(red);
        verdict.That(bench.Body.Played.Count == 1 && bench.Body.Siren, "A true order sounds and opens the siren");
        bench.Send(red);
        verdict.That(bench.Body.Played.Count == 1 && bench.Core.Repeats == 1, "A repeat makes no sound");

        Order old = bench.Alert(WarningLevel.Red, WarningClass.Actual);
        old.ExpiresMs = TargetBench.Noon - 500;
        bench.Send(old);
        verdict.That(bench.Body.Played.Count == 1 && bench.Core.RefusalCount(Refusal.Expired) == 1, "An expired order makes no sound");

        bench.Core.PlaybackEnded(bench.Body.PlayId, Failure.None, bench.NowMs);
        verdict.That(!bench.Body.Siren && bench.Core.PlayingId == 0, "The end of the playback closes the siren");
        bench.Reboot();
        bench.Send(red);
        verdict.That(bench.Body.Played.Count == 1, "After a restart the same order makes no sound");
        Noise(verdict, bench);
    }

    private static void Noise(Verdict verdict, TargetBench bench)
    {
        int before = bench.Body.Played.Count;
        uint seed = 12345;
        for (int i = 0; i < 200; i++)
        {
            byte[] noise = new byte[i];
            for (int at = 0; at < i; at++)
            {
                seed = (seed * 1_664_525) + 1_013_904_223;
                noise[at] = (byte)(seed >> 24);
            }

            bench.Receive(noise);
        }

        verdict.That(bench.Body.Played.Count == before, "Noise makes no sound and throws nothing");
    }
}
