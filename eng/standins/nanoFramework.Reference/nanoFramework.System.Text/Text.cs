namespace System.Text;

public abstract class Encoding
{
    public static Encoding UTF8 => throw null!;
    public virtual byte[] GetBytes(string s) => throw null!;
    public virtual int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw null!;
    public virtual string GetString(byte[] bytes) => throw null!;
    public virtual string GetString(byte[] bytes, int index, int count) => throw null!;
}

public sealed class StringBuilder
{
    public StringBuilder() { }
    public StringBuilder(int capacity) { }
    public StringBuilder(string value) { }
    public int Length { get => throw null!; set => throw null!; }
    public StringBuilder Append(char value) => throw null!;
    public StringBuilder Append(int value) => throw null!;
    public StringBuilder Append(long value) => throw null!;
    public StringBuilder Append(string value) => throw null!;
    public StringBuilder Clear() => throw null!;
    public override string ToString() => throw null!;
}
