using System;

namespace Broadcast.Device;

// Alarms and readings: the body keeps them, because they are many and flash is small; the core seals them and says when they may go.
public sealed partial class DeviceCore
{
    private byte[]? _settings;
    private byte[]? _township;

    /// <summary>
    /// Seals an alarm, a reading or the state of settings, which the body keeps, and hands it to the link. Receipts go first: while any of them waits for the
    /// link, nothing is taken here. The body calls again later with what was not taken, with what was not acknowledged before the
    /// link went down, and forgets a message only when <see cref="Published"/> was called with its token.
    /// </summary>
    /// <param name="type">Alarm, Reading, SettingsState or SoundTest.</param>
    /// <param name="body">The encoded body map.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>The token, more than 0, under which the link has it; 0 when it was not taken.</returns>
    /// <exception cref="ArgumentException">Another type: a fault of the caller.</exception>
    public int Send(MessageType type, byte[] body, long nowMs)
    {
        if (!IsOfTheBody(type))
            throw new ArgumentException("Only alarms, readings, tests and the state of settings are the body's to send.");
        Enter(nowMs);
        bool mayGo = _welcomed && _nowMs >= _retryMs && !_outbox.HasUnoffered;
        int token = mayGo ? ++_lastToken : 0;
        if (mayGo && !Offer(token, type, body))
            token = 0;
        Settle();
        return token;
    }

    private static bool IsOfTheBody(MessageType type) =>
        type == MessageType.Alarm || type == MessageType.Reading || type == MessageType.SettingsState || type == MessageType.SoundTest;

    /// <summary>
    /// The body of the newest settings that came authenticated since the last call, or null. The core does not look into them: what
    /// can be applied is the body's to judge (<see cref="SiteSettings.Check"/> and its own sensors). Called after <see cref="Received"/>.
    /// </summary>
    public byte[]? TakeSettings()
    {
        byte[]? settings = _settings;
        _settings = null;
        return settings;
    }

    /// <summary>
    /// A part of the list of children that came authenticated since the last call, or null (Wire/Township.cs): for the body of a township's Pi, called after
    /// each <see cref="Received"/>. Any other never asks.
    /// </summary>
    public byte[]? TakeTownship()
    {
        byte[]? township = _township;
        _township = null;
        return township;
    }

    // A list is told after the welcome. One that comes to a device without memory before its first is a repeat: with it the device would carry
    // whom it carries no more, and raise alarms for its children without knowing when.
    private void TakeTownship(byte[] body)
    {
        if (_memory.IsFloorKnown)
            _township = body;
        else
            Count(Refusal.NotYetKnownTime);
    }

    /// <summary>
    /// Holds back what may not begin to play now. What plays goes on; actual warnings and local alarms are never held. What is held
    /// waits, and is stopped as expired when its validity ends meanwhile.
    /// </summary>
    /// <param name="programmes">Whether programmes are held: no time of theirs.</param>
    /// <param name="all">Whether everything but actual warnings is held: quiet hours.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void Hold(bool programmes, bool all, long nowMs)
    {
        Enter(nowMs);
        _queue.HoldsProgrammes = programmes;
        _queue.HoldsAll = all;
        Settle();
    }
}
