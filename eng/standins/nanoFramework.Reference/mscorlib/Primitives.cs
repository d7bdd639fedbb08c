namespace System;

public class Object
{
    public Object() { }
    public virtual bool Equals(object? obj) => throw null!;
    public static bool Equals(object? objA, object? objB) => throw null!;
    public static bool ReferenceEquals(object? objA, object? objB) => throw null!;
    public virtual int GetHashCode() => throw null!;
    public Type GetType() => throw null!;
    protected object MemberwiseClone() => throw null!;
    public virtual string ToString() => throw null!;
    ~Object() { }
}

public abstract class ValueType { }

public abstract class Enum : ValueType { }

public struct Void { }

public struct Boolean { }

public struct Char
{
    public const char MaxValue = (char)0xFFFF;
    public const char MinValue = (char)0;
    public char ToLower() => throw null!;
    public char ToUpper() => throw null!;
}

public struct SByte
{
    public const sbyte MaxValue = 127;
    public const sbyte MinValue = -128;
}

public struct Byte
{
    public const byte MaxValue = 255;
    public const byte MinValue = 0;
    public string ToString(string format) => throw null!;
}

public struct Int16
{
    public const short MaxValue = 32767;
    public const short MinValue = -32768;
}

public struct UInt16
{
    public const ushort MaxValue = 65535;
    public const ushort MinValue = 0;
}

public struct Int32
{
    public const int MaxValue = 0x7FFFFFFF;
    public const int MinValue = -0x7FFFFFFF - 1;
    public string ToString(string format) => throw null!;
    public static int Parse(string s) => throw null!;
    public static bool TryParse(string s, out int result) => throw null!;
}

public struct UInt32
{
    public const uint MaxValue = 0xFFFFFFFF;
    public const uint MinValue = 0;
}

public struct Int64
{
    public const long MaxValue = 0x7FFFFFFFFFFFFFFF;
    public const long MinValue = -0x7FFFFFFFFFFFFFFF - 1;
    public string ToString(string format) => throw null!;
    public static long Parse(string s) => throw null!;
    public static bool TryParse(string s, out long result) => throw null!;
}

public struct UInt64
{
    public const ulong MaxValue = 0xFFFFFFFFFFFFFFFF;
    public const ulong MinValue = 0;
}

public struct Single { }

public struct Double { }

public struct IntPtr { }

public struct UIntPtr { }

public struct RuntimeTypeHandle { }

public struct RuntimeFieldHandle { }

public struct RuntimeMethodHandle { }

public abstract class Type
{
    public abstract string Name { get; }
    public static Type GetTypeFromHandle(RuntimeTypeHandle handle) => throw null!;
}

public abstract class Delegate { }

public abstract class MulticastDelegate : Delegate { }

public delegate void EventHandler(object sender, EventArgs e);

public class EventArgs
{
    public static readonly EventArgs Empty = null!;
}

public interface IDisposable
{
    void Dispose();
}

public interface IComparable
{
    int CompareTo(object obj);
}

public interface ICloneable
{
    object Clone();
}
