namespace Broadcast.Device;

/// <summary>
/// Everything the core asks of the machine it lives in. A body calls the core from one thread at a time and never from
/// within one of these methods (the core throws when it is re-entered). None of them may block for long: a warning waits.
/// </summary>
public interface IDeviceBody
{
    /// <summary>
    /// Starts the tone at once, then says <see cref="Order.SpokenText"/> <see cref="Order.Repetitions"/> times. When it has
    /// ended by itself, and not before the last sound, the body calls <see cref="DeviceCore.PlaybackEnded(int, Failure, SoundCheck, long)"/>. What hinders it
    /// is told there too. <see cref="Order.Siren"/> is not the body's business: <see cref="Siren"/> says it.
    /// </summary>
    /// <param name="playId">Names this playback; never used twice in a boot.</param>
    /// <param name="order">What to say.</param>
    /// <param name="attempt">1 for the first playback of the order, more after an interruption.</param>
    void Play(int playId, Order order, int attempt);

    /// <summary>Ends a playback at once. A later PlaybackEnded of it is ignored.</summary>
    void Stop(int playId);

    /// <summary>Opens or closes the siren.</summary>
    void Siren(bool on);

    /// <summary>
    /// Hands a frame to the link. True: taken, and <see cref="DeviceCore.Published"/> is called with the token when the other
    /// side has acknowledged it. False: no link or no room; the core offers it again.
    /// </summary>
    bool Publish(int token, byte[] frame);

    /// <summary>Replaces the saved state atomically and lets it reach the disk or flash before returning. False: it could not; the core goes on sounding and reports the fault.</summary>
    bool Save(byte[] state);

    /// <summary>Fills in volume, battery, signal, mains and the body's own fault bits; the core fills in the rest and brings values into their ranges.</summary>
    void FillReport(Report report);

    /// <summary>Fills the buffer with bytes nobody can guess.</summary>
    void Random(byte[] buffer);
}

/// <summary>A body that can take a stream of live speech. To any other an order of <see cref="WarningClass.LiveSpeech"/> is unsupported.</summary>
public interface ILiveBody
{
    /// <summary>Whether it can listen: false where its settings or its board do not allow it.</summary>
    bool CanListen { get; }
}

/// <summary>What a body that plays recordings is also told, so that it can have them before they are to sound.</summary>
public interface IRecordingBody
{
    /// <summary>
    /// An order with a recording (<see cref="Order.Audio"/>) was taken or found again in the saved state; it may play at once or much
    /// later. Returns at once and may fetch as long as it likes: <see cref="IDeviceBody.Play"/> waits for nothing.
    /// </summary>
    void Fetch(Order order);
}
