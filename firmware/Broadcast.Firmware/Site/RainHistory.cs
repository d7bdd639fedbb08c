using Broadcast.Device;
using Broadcast.Device.Sensing;

namespace Broadcast.Firmware.Site;

/// <summary>
/// The rain of the last day in half hours, small enough to lie in flash: after a power cut the rolling windows go on from it. What fell
/// within a half hour counts as its newest moment, so that a slope is called wet a little too long and never too short.
/// </summary>
public sealed class RainHistory
{
    /// <summary>Stretches kept: a day of half hours.</summary>
    public const int Stretches = RainWindows.MinutesMax / MinutesAStretch;

    private const int MinutesAStretch = 30;
    private const long MsAMinute = 60_000;
    private const long MsAStretch = MinutesAStretch * MsAMinute;

    // The first is the current one.
    private readonly ushort[] _tips = new ushort[Stretches];
    private long _beganMs;

    /// <summary>Begins with no rain.</summary>
    public RainHistory(long nowMs)
    {
        _beganMs = nowMs;
    }

    /// <summary>Counts tips.</summary>
    public void Add(int tips, long nowMs)
    {
        for (int moved = 0; moved < Stretches && nowMs - _beganMs >= MsAStretch; moved++)
        {
            Shift();
            _beganMs += MsAStretch;
        }

        if (nowMs - _beganMs >= MsAStretch)
            _beganMs = nowMs;
        int sum = _tips[0] + tips;
        _tips[0] = sum > ushort.MaxValue ? ushort.MaxValue : (ushort)sum;
    }

    /// <summary>Puts back what a record holds.</summary>
    /// <param name="reader">At the array.</param>
    /// <param name="awayMs">How long the power was away, in milliseconds; 0 when nobody knows.</param>
    /// <param name="windows">The windows that go on from it.</param>
    public void Restore(CborReader reader, long awayMs, RainWindows windows)
    {
        int count = reader.Array(Stretches);
        long away = awayMs / MsAMinute;
        for (int i = 0; i < count; i++)
        {
            int tips = (int)reader.Int(0, ushort.MaxValue);
            long ago = away + (i * MinutesAStretch);
            if (reader.Failed || ago >= RainWindows.MinutesMax)
                continue;
            windows.Restore(tips, (int)ago);
            int at = (int)(ago / MinutesAStretch);
            int sum = _tips[at] + tips;
            _tips[at] = sum > ushort.MaxValue ? ushort.MaxValue : (ushort)sum;
        }
    }

    /// <summary>Writes it as an array.</summary>
    public void Write(CborWriter writer)
    {
        writer.Array(Stretches);
        for (int i = 0; i < Stretches; i++)
            writer.Int(_tips[i]);
    }

    private void Shift()
    {
        for (int i = Stretches - 1; i > 0; i--)
            _tips[i] = _tips[i - 1];
        _tips[0] = 0;
    }
}
