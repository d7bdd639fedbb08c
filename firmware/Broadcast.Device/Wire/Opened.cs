namespace Broadcast.Device;

/// <summary>What came out of a frame. Everything but <see cref="Refusal"/> means something only when that is <see cref="Refusal.None"/>.</summary>
public sealed class Opened
{
    internal Opened(Refusal refusal)
    {
        Refusal = refusal;
        Body = new byte[0];
    }

    internal Opened(MessageType type, int keyEpoch, byte[] body)
    {
        Type = type;
        KeyEpoch = keyEpoch;
        Body = body;
    }

    /// <summary>Why the frame was not opened, or <see cref="Refusal.None"/>.</summary>
    public Refusal Refusal { get; }

    /// <summary>What the frame carries; may be a number this version does not know.</summary>
    public MessageType Type { get; }

    /// <summary>Epoch of the key that sealed it.</summary>
    public int KeyEpoch { get; }

    /// <summary>The encoded body map, for the message's own Decode.</summary>
    public byte[] Body { get; }
}
