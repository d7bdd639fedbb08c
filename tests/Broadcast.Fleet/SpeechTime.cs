using System.Globalization;
using Broadcast.Device;

namespace Broadcast.Fleet;

/// <summary>How long saying an order takes: the tone, then the text as often as ordered, with a breath between.</summary>
public static class SpeechTime
{
    /// <summary>Mandarin announcers speak 220 to 260 characters a minute.</summary>
    public const double DefaultCharactersPerSecond = 4.0;

    /// <summary>The breath between two repetitions, in characters' time: it shrinks with the speech when a test speeds that up.</summary>
    public const double PauseCharacters = 4.0;

    /// <summary>Never less than tone + characters ÷ rate × repetitions.</summary>
    public static TimeSpan Of(Order order, double charactersPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(charactersPerSecond);
        var characters = (double)new StringInfo(order.SpokenText()).LengthInTextElements * order.Repetitions;
        var pauses = PauseCharacters * (order.Repetitions - 1);
        return TimeSpan.FromMilliseconds(order.ToneMs) + TimeSpan.FromSeconds((characters + pauses) / charactersPerSecond);
    }
}
