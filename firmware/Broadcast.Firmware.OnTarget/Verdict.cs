using System;

namespace Broadcast.Firmware.OnTarget;

/// <summary>Counts what held and says what did not.</summary>
public sealed class Verdict
{
    /// <summary>Sentences that held.</summary>
    public int Passed { get; private set; }

    /// <summary>Sentences that did not.</summary>
    public int Failed { get; private set; }

    /// <summary>The first that did not; empty while all held.</summary>
    public string First { get; private set; } = "";

    /// <summary>Takes the outcome of one sentence.</summary>
    public void That(bool holds, string sentence)
    {
        if (holds)
        {
            Passed++;
            return;
        }

        Failed++;
        if (First.Length == 0)
            First = sentence;
        Console.WriteLine("failed: " + sentence);
    }
}
