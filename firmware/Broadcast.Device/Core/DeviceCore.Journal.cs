using System;

namespace Broadcast.Device;

// Alarms and readings: the body keeps them, because they are many and flash is small; the core seals them and says when they may go.
public sealed partial class DeviceCore
{
    /// <summary>
    /// Seals an alarm or a reading that the body keeps, and hands it to the link. Receipts go first: while any of them waits for the
    /// link, nothing is taken here. The body calls again later with what was not taken, with what was not acknowledged before the
    /// link went down, and forgets a message only when <see cref="Published"/> was called with its token.
    /// </summary>
    /// <param name="type">Alarm or Reading.</param>
    /// <param name="body">The encoded body map.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>The token, more than 0, under which the link has it; 0 when it was not taken.</returns>
    /// <exception cref="ArgumentException">Another type: a fault of the caller.</exception>
    public int Send(MessageType type, byte[] body, long nowMs)
    {
        if (type != MessageType.Alarm && type != MessageType.Reading)
            throw new ArgumentException("Only alarms and readings are the body's to send.");
        Enter(nowMs);
        bool mayGo = _welcomed && _nowMs >= _retryMs && !_outbox.HasUnoffered;
        int token = mayGo ? ++_lastToken : 0;
        if (mayGo && !Offer(token, type, body))
            token = 0;
        Settle();
        return token;
    }
}
