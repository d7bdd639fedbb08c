// Not in mscorlib here, although they are there on the microcontroller: the device core is given the time and starts no thread.
namespace System;

public struct TimeSpan
{
    public TimeSpan(long ticks) { }
    public long Ticks => throw null!;
    public double TotalMilliseconds => throw null!;
    public static TimeSpan FromMilliseconds(long value) => throw null!;
}

public struct DateTime
{
    public static readonly DateTime UnixEpoch;
    public DateTime(long ticks) { }
    public long Ticks => throw null!;
    public static DateTime UtcNow => throw null!;
    public static DateTime FromUnixTimeSeconds(long seconds) => throw null!;
    public long ToUnixTimeSeconds() => throw null!;
}

public class Random
{
    public Random() { }
    public Random(int seed) { }
    public virtual int Next() => throw null!;
    public virtual int Next(int maxValue) => throw null!;
    public virtual void NextBytes(byte[] buffer) => throw null!;
}
