namespace Broadcast.Device.Sensing;

/// <summary>
/// Rain in rolling windows of up to a day, counted in tips of the gauge in buckets of a minute: what fell in the last
/// hours, exact to the minute, in 2.9 KB. Monotonic time only; a clock that is set changes nothing here.
/// </summary>
public sealed class RainWindows
{
    /// <summary>Longest window in minutes: a day.</summary>
    public const int MinutesMax = 24 * 60;

    private const long MsAMinute = 60_000;

    private readonly ushort[] _tips = new ushort[MinutesMax];
    private long _minute;

    /// <summary>Begins with no rain.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public RainWindows(long nowMs)
    {
        _minute = nowMs / MsAMinute;
    }

    /// <summary>Counts tips. A bucket holds 65,535, which is beyond any gauge.</summary>
    /// <param name="tips">How many, 0 or more.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void Add(int tips, long nowMs)
    {
        MoveTo(nowMs);
        int slot = (int)(_minute % MinutesMax);
        int sum = _tips[slot] + tips;
        _tips[slot] = sum > ushort.MaxValue ? ushort.MaxValue : (ushort)sum;
    }

    /// <summary>Puts back what was counted before a restart.</summary>
    /// <param name="tips">How many.</param>
    /// <param name="minutesAgo">When, 0 to <see cref="MinutesMax"/> - 1; older ones no window holds.</param>
    public void Restore(int tips, int minutesAgo)
    {
        if (minutesAgo < 0 || minutesAgo >= MinutesMax)
            return;
        int slot = (int)((_minute - minutesAgo + MinutesMax) % MinutesMax);
        int sum = _tips[slot] + tips;
        _tips[slot] = sum > ushort.MaxValue ? ushort.MaxValue : (ushort)sum;
    }

    /// <summary>Tips in the last minutes, the current one included.</summary>
    /// <param name="minutes">1 to <see cref="MinutesMax"/>.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public int Tips(int minutes, long nowMs)
    {
        MoveTo(nowMs);
        int sum = 0;
        for (int i = 0; i < minutes && i < MinutesMax; i++)
            sum += _tips[(int)((_minute - i + MinutesMax) % MinutesMax)];
        return sum;
    }

    private void MoveTo(long nowMs)
    {
        long minute = nowMs / MsAMinute;
        if (minute - _minute > MinutesMax)
            _minute = minute - MinutesMax;
        while (_minute < minute)
        {
            _minute++;
            _tips[(int)(_minute % MinutesMax)] = 0;
        }
    }
}
