namespace System.Security.Cryptography;

public class HMACSHA256 : IDisposable
{
    public HMACSHA256() { }
    public HMACSHA256(byte[] key) { }
    public byte[] Hash => throw null!;
    public byte[] Key { get => throw null!; set => throw null!; }
    public byte[] ComputeHash(byte[] buffer) => throw null!;
    public static byte[] HashData(byte[] key, byte[] source) => throw null!;
    public void Dispose() => throw null!;
}
