using System;

namespace Broadcast.Firmware.OnTarget;

/// <summary>
/// Tests of the device core that run on the microcontroller's own interpreter, where integers shift, divide and convert a little
/// differently: golden vectors, acceptance, play queue, rain windows. The last line is the sum, as in the house's other suites.
/// </summary>
public static class Program
{
    /// <summary>Runs them all.</summary>
    public static void Main()
    {
        Verdict verdict = new Verdict();
        RunAll(verdict);
        Console.WriteLine(verdict.Passed.ToString() + " passed, " + verdict.Failed.ToString() + " failed");
    }

    /// <summary>Runs them all into a verdict.</summary>
    public static void RunAll(Verdict verdict)
    {
        VectorTests.Run(verdict);
        AcceptanceTests.Run(verdict);
        QueueTests.Run(verdict);
        RainTests.Run(verdict);
    }
}
