using System;

namespace Broadcast.Device;

/// <summary>
/// What a device shows to get a recording over HTTPS: sealed with its order key (<see cref="Envelope"/>, direction up), it says which
/// recording and when it was asked for. Who reads one over a shoulder can fetch the same recording for
/// <see cref="Limits.AudioTicketMs"/>, and nothing else.
/// </summary>
public sealed class AudioTicket
{
    private const int KnownPairs = 2;

    /// <summary>SHA-256 of the recording, <see cref="Limits.AudioHashBytes"/> bytes.</summary>
    public byte[] Audio { get; set; } = new byte[Limits.AudioHashBytes];

    /// <summary>
    /// What a ticket for a live speech names: the warning's id and sixteen zero bytes, which no recording's hash will ever be.
    /// </summary>
    public static byte[] LiveName(byte[] warningId)
    {
        byte[] name = new byte[Limits.AudioHashBytes];
        Array.Copy(warningId, 0, name, 0, Limits.WarningIdBytes);
        return name;
    }

    /// <summary>The device's wall time in UTC milliseconds.</summary>
    public long AtMs { get; set; }

    /// <summary>Whether it is for this recording and not too old, or from too far ahead.</summary>
    /// <param name="audio">The recording that is asked for.</param>
    /// <param name="nowMs">The reader's UTC milliseconds.</param>
    public bool IsGoodFor(byte[] audio, long nowMs) =>
        Envelope.SameBytes(Audio, audio) && AtMs >= nowMs - Limits.AudioTicketMs && AtMs <= nowMs + Limits.AudioTicketMs;

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(64);
        writer.Map(KnownPairs);
        writer.Int(0);
        writer.Bytes(Audio);
        writer.Pair(1, AtMs);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static AudioTicket? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        AudioTicket ticket = new AudioTicket();
        reader.Key(0);
        ticket.Audio = reader.Bytes(Limits.AudioHashBytes, Limits.AudioHashBytes);
        ticket.AtMs = reader.Pair(1, 0, Limits.WallMsMax);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete ? ticket : null;
    }
}
