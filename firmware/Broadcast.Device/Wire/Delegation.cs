using System;
using System.Security.Cryptography;
using System.Text;

namespace Broadcast.Device;

/// <summary>
/// The keys by which a township's Pi may speak to its children when the cloud is away. All are derived (HKDF-SHA-256, RFC 5869, one
/// block) from a device's own order key, so that the cloud can compute and hand them out, the child derives the same, and nobody else
/// can: what a Pi holds is good for the children it was given, and says nothing of their order keys.
/// </summary>
public static class Delegation
{
    private const string KeySalt = "broadcast/delegation/v1";
    private const string WrapSalt = "broadcast/delegation-wrap/v1";
    private const string LinkSalt = "broadcast/township-link/v1";
    private const string IdSalt = "broadcast/delegated-id/v1";
    private const string HexDigits = "0123456789abcdef";

    /// <summary>The delegated key of one parent for one child. Epoch and expiry are part of it: a key cannot be made to live longer.</summary>
    /// <param name="orderKey">The child's order key.</param>
    /// <param name="parentId">The township's Pi.</param>
    /// <param name="epoch">The delegation's epoch: UTC milliseconds of its issue, or a little more.</param>
    /// <param name="expiresMs">UTC milliseconds from which it is good for nothing.</param>
    public static byte[] Key(byte[] orderKey, string parentId, long epoch, long expiresMs) =>
        Derive(orderKey, KeySalt, parentId + "/" + epoch + "/" + expiresMs);

    /// <summary>
    /// Hides a delegated key on its way to the parent, and uncovers it: the sealed frame around it is authenticated, not secret, and a link may be
    /// plain. The mask is used for this key only.
    /// </summary>
    public static byte[] Wrap(byte[] parentOrderKey, string childId, long epoch, long expiresMs, byte[] key)
    {
        byte[] wrapped = Derive(parentOrderKey, WrapSalt, childId + "/" + epoch + "/" + expiresMs);
        for (int i = 0; i < wrapped.Length; i++)
            wrapped[i] ^= key[i];
        return wrapped;
    }

    /// <summary>
    /// What a child signs in with at its parent, 64 hexadecimal digits. Another one than at the cloud: a Pi ends the child's TLS and reads it.
    /// </summary>
    public static string LinkSecret(byte[] orderKey, string parentId)
    {
        byte[] secret = Derive(orderKey, LinkSalt, parentId);
        char[] digits = new char[2 * secret.Length];
        for (int i = 0; i < secret.Length; i++)
        {
            digits[2 * i] = HexDigits[secret[i] >> 4];
            digits[(2 * i) + 1] = HexDigits[secret[i] & 15];
        }

        return new string(digits);
    }

    /// <summary>
    /// The id that a delegated order has at the child. It is not the one that its sender chose: otherwise a Pi could name a warning of the cloud
    /// that it has seen pass, and its notice would take that warning's place. It is the same under every key of that Pi, so that a
    /// repeat under a renewed key is still a repeat.
    /// </summary>
    /// <param name="orderKey">The child's order key.</param>
    /// <param name="parentId">The township's Pi.</param>
    /// <param name="id">The id that the Pi chose, <see cref="Limits.WarningIdBytes"/> bytes.</param>
    public static byte[] WarningId(byte[] orderKey, string parentId, byte[] id)
    {
        byte[] own = new byte[Limits.WarningIdBytes];
        Array.Copy(HMACSHA256.HashData(Derive(orderKey, IdSalt, parentId), id), 0, own, 0, own.Length);
        return own;
    }

    // Extract, then the first block of expand: 32 bytes are all that is ever wanted.
    private static byte[] Derive(byte[] key, string salt, string info)
    {
        byte[] begin = Encoding.UTF8.GetBytes(info);
        byte[] block = new byte[begin.Length + 1];
        Array.Copy(begin, 0, block, 0, begin.Length);
        block[begin.Length] = 1;
        return HMACSHA256.HashData(HMACSHA256.HashData(Encoding.UTF8.GetBytes(salt), key), block);
    }
}
