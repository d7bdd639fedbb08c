using Broadcast.Device;

namespace Broadcast.Edge.Gateway;

/// <summary>What can happen to a gateway.</summary>
internal enum LetterKind : byte
{
    /// <summary>The core wants to be woken.</summary>
    Wake = 0,
    LinkUp,
    LinkDown,
    Frame,
    Published,
    PlaybackEnded,
    /// <summary>Mains, a fault, a volume: something that reports tell.</summary>
    BodyChanged,
    /// <summary>The stop button.</summary>
    OperatorStop,
    /// <summary>The talk button: its number is 1 while it is held.</summary>
    Talk,
    /// <summary>The site's own sensors raised an alarm.</summary>
    LocalAlarm,
    /// <summary>Someone at the site gives a notice.</summary>
    LocalNotice,
    /// <summary>A message of the store is to go to the cloud.</summary>
    Send,
    /// <summary>Someone asks whether the loop still turns.</summary>
    Question,
}

/// <summary>One thing that happened, on its way to the loop.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Frame">The frame that came.</param>
/// <param name="Number">The token that was acknowledged, or the playback that ended.</param>
/// <param name="Failure">How the playback ended.</param>
internal readonly record struct Letter(LetterKind Kind, byte[]? Frame = null, int Number = 0, Failure Failure = Failure.None)
{
    /// <summary>Timestamp at which the frame came in.</summary>
    public long At { get; init; }

    /// <summary>What was measured of the playback that ended.</summary>
    public SoundCheck Check { get; init; }

    /// <summary>What is done when the loop takes the letter: for questions.</summary>
    public TaskCompletionSource? Answer { get; init; }

    /// <summary>What kind of message is to be sent; its body is the frame.</summary>
    public MessageType Message { get; init; }

    /// <summary>Told the token under which the link has it, or 0.</summary>
    public TaskCompletionSource<int>? Sent { get; init; }

    /// <summary>What a local alarm or a local notice says.</summary>
    public Order? Alarm { get; init; }

    /// <summary>Told what became of a local notice.</summary>
    public TaskCompletionSource<Refusal>? Judged { get; init; }
}
