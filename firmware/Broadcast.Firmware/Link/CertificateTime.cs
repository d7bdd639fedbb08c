namespace Broadcast.Firmware.Link;

/// <summary>
/// A plausible time for TLS, which looks at the dates of certificates before anything can tell the time (docs/adr/0012). The clock is never
/// below the floor: what was known when the image was built, when the device was provisioned, or when it last saved. When a
/// connection fails all the same, the network is asked, and then guesses further ahead are tried one after the other: a
/// device that lay in a store for a year has a floor at which the server's certificate is not valid yet. The true time comes
/// from the welcome, which is authenticated; orders are judged by that and never by a guess.
/// </summary>
public sealed class CertificateTime
{
    /// <summary>How far ahead of the floor the guesses lie, in days; server certificates live for about a year.</summary>
    private static readonly int[] s_guessDays = { 0, 0, 90, 270, 450, 720, 1_080, 1_440, 1_800 };

    private const long DayMs = 86_400_000;

    /// <summary>Failures for which the time that a welcome told is believed: an hour of attempts. An outage says nothing of the time; a cloud whose own clock was wrong does.</summary>
    private const int KnownFailuresMax = 30;

    private readonly IClock _clock;
    private readonly long _floorMs;
    private int _failures;
    private bool _isKnown;

    /// <summary>Brings the clock up to the floor.</summary>
    public CertificateTime(IClock clock, long floorMs)
    {
        _clock = clock;
        _floorMs = floorMs;
        if (clock.WallMs < floorMs)
            clock.Set(floorMs);
    }

    /// <summary>Whether the clock is a guess: it is not told to the core then.</summary>
    public bool IsGuess { get; private set; }

    /// <summary>Before an attempt: sets the clock as this attempt needs it. The second attempt asks the network.</summary>
    public void Prepare()
    {
        if (_failures == 0 || (_isKnown && _failures < KnownFailuresMax))
            return;
        int guess = _failures % s_guessDays.Length;
        if (guess == 1)
            _clock.AskNetwork();
        bool network = guess == 1 && _clock.WallMs >= _floorMs;
        IsGuess = !network;
        if (!network)
            _clock.Set(_floorMs + (s_guessDays[guess] * DayMs));
    }

    /// <summary>The handshake failed, for whatever reason; another time may help.</summary>
    public void Failed() => _failures++;

    /// <summary>A welcome told the time.</summary>
    public void Known(long wallMs)
    {
        _failures = 0;
        _isKnown = true;
        IsGuess = false;
        long difference = wallMs - _clock.WallMs;
        if (difference > 2_000 || difference < -2_000)
            _clock.Set(wallMs);
    }
}
