using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Broadcast.Cloud.Accounts;

/// <summary>Password verifiers: PBKDF2-HMAC-SHA-512, salted, with the iteration count inside so that it can grow.</summary>
public static class Passwords
{
    private const int Iterations = 210_000; // OWASP's figure for PBKDF2-HMAC-SHA-512.
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Layout: 4 bytes iterations (big-endian), 16 salt, 32 hash.</summary>
    public static byte[] MakeVerifier(string password)
    {
        var verifier = new byte[4 + SaltBytes + HashBytes];
        BinaryPrimitives.WriteInt32BigEndian(verifier, Iterations);
        RandomNumberGenerator.Fill(verifier.AsSpan(4, SaltBytes));
        Rfc2898DeriveBytes.Pbkdf2(password, verifier.AsSpan(4, SaltBytes), verifier.AsSpan(4 + SaltBytes), Iterations, HashAlgorithmName.SHA512);
        return verifier;
    }

    public static bool Verify(string password, ReadOnlySpan<byte> verifier)
    {
        if (verifier.Length != 4 + SaltBytes + HashBytes) return false;
        Span<byte> hash = stackalloc byte[HashBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, verifier.Slice(4, SaltBytes), hash, BinaryPrimitives.ReadInt32BigEndian(verifier), HashAlgorithmName.SHA512);
        return CryptographicOperations.FixedTimeEquals(hash, verifier[(4 + SaltBytes)..]);
    }

    /// <summary>79 bits in an alphabet without look-alikes, short enough to type once.</summary>
    public static string Generate() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 16);
}
