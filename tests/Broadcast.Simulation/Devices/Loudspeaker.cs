using System.Globalization;
using Broadcast.Device;

namespace Broadcast.Simulation.Devices;

/// <summary>One playback as it was heard.</summary>
internal sealed class Sounding(Order order, int attempt, long beganMs)
{
    public Order Order => order;

    public int Attempt => attempt;

    public long BeganMs => beganMs;

    public long EndedMs { get; set; } = -1;

    public SoundEnd End { get; set; }

    /// <summary>The device has saved its state since this ended: it cannot have forgotten it.</summary>
    public bool IsKept { get; set; }

    /// <summary>The last save before it began was taken: a power cut does not make the device forget that it began.</summary>
    public bool WasSavedAtStart { get; init; }

    public bool WasStoppedByHand { get; set; }

    /// <summary>What was measured while it sounded.</summary>
    public SoundCheck Measured { get; set; }

    /// <summary>How long all of it takes: tone, then the text at four characters a second with a breath of a second between.</summary>
    public static long LengthMs(Order order)
    {
        long characters = new StringInfo(order.SpokenText()).LengthInTextElements;
        return order.ToneMs + (characters * order.Repetitions * 250) + (1_000L * (order.Repetitions - 1));
    }
}

internal enum SoundEnd { Sounding, Whole, Stopped, PowerGone, Failed }
