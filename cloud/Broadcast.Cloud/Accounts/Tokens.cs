using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Rules;

namespace Broadcast.Cloud.Accounts;

/// <summary>
/// Bearer tokens that any node can check: person, expiry and a mark of the password verifier, under a MAC.
/// A new password makes a new mark, and so ends every token given before.
/// </summary>
public sealed class Tokens(byte[] key, TimeProvider clock)
{
    /// <summary>A shift. A forgotten tab does not stay signed in overnight.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private const int MacBytes = 32;

    public (string Token, DateTimeOffset Expires) Issue(PersonId person, ReadOnlySpan<byte> verifier)
    {
        var expires = clock.GetUtcNow() + Life;
        var claims = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{person.Value}|{expires.ToUnixTimeMilliseconds()}|{Mark(verifier)}"));
        byte[] whole = [.. claims, .. HMACSHA256.HashData(key, claims)];
        return (Base64Url.EncodeToString(whole), expires);
    }

    /// <summary>The person a token names while it is valid; the caller compares the mark with the verifier of now.</summary>
    public (PersonId Person, string Mark)? Read(string token)
    {
        if (token.Length > 512 || !Base64Url.IsValid(token)) return null;
        var whole = Base64Url.DecodeFromChars(token);
        if (whole.Length <= MacBytes) return null;
        var claims = whole.AsSpan(0, whole.Length - MacBytes);
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, claims), whole.AsSpan(claims.Length))) return null;
        var parts = Encoding.UTF8.GetString(claims).Split('|');
        return parts.Length == 3
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var expiresMs)
            && expiresMs > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? (new PersonId(parts[0]), parts[2])
            : null;
    }

    public static string Mark(ReadOnlySpan<byte> verifier) => Convert.ToHexString(SHA256.HashData(verifier).AsSpan(0, 8));
}
