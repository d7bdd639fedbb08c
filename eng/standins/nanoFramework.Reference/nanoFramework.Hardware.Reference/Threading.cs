// Not in mscorlib here, although they are there on the microcontroller: the device core is given the time and starts no thread.
namespace System.Threading;

public delegate void ThreadStart();

public delegate void TimerCallback(object? state);

public sealed class Thread
{
    public Thread(ThreadStart start) { }
    public void Start() => throw null!;
    public bool Join(int millisecondsTimeout) => throw null!;
}

public abstract class WaitHandle
{
    public virtual bool WaitOne() => throw null!;
    public virtual bool WaitOne(int millisecondsTimeout, bool exitContext) => throw null!;
}

public sealed class AutoResetEvent : WaitHandle
{
    public AutoResetEvent(bool initialState) { }
    public bool Set() => throw null!;
    public bool Reset() => throw null!;
}

public sealed class Timer : IDisposable
{
    public Timer(TimerCallback callback, object? state, int dueTime, int period) { }
    public bool Change(int dueTime, int period) => throw null!;
    public void Dispose() => throw null!;
}

public static class Interlocked
{
    public static int Increment(ref int location) => throw null!;
    public static int Decrement(ref int location) => throw null!;
    public static int Exchange(ref int location1, int value) => throw null!;
    public static int CompareExchange(ref int location1, int value, int comparand) => throw null!;
}
