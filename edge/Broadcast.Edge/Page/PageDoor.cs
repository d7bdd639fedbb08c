using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Page;

/// <summary>
/// Who may see the local page: whoever stands at the cabinet and reads the one-time code there, on the site's own network. A code
/// lets in once and is then another; wrong ones are counted, and after five the door is shut for a minute.
/// </summary>
internal sealed partial class PageDoor(TimeProvider time, ILogger<PageDoor> logger)
{
    public const int CodeDigits = 8;

    /// <summary>Wrong codes in a row before the door is shut: with 10^8 codes, five a minute take a century.</summary>
    public const int TriesMax = 5;

    private const int SessionsMax = 4; // A technician has a phone and a laptop.

    private static readonly TimeSpan Shut = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SessionMax = TimeSpan.FromMinutes(30);

    private readonly Lock _gate = new();
    private readonly List<(string Token, long Since)> _sessions = [];
    private int _wrong;
    private long _shutSince;
    private string _code = NewCode();

    /// <summary>The code that lets in next.</summary>
    public string Code
    {
        get
        {
            lock (_gate) return _code;
        }
    }

    /// <summary>To the console and the journal, whose readers stand at the cabinet or administer it; <see cref="RecentLog"/>, which the page hands out, keeps nothing of this class.</summary>
    public void LogCode() => LogCodeIs(Code);

    /// <summary>A session for the right code; null for a wrong one, or while the door is shut.</summary>
    public string? Enter(string code)
    {
        lock (_gate)
        {
            if (_wrong >= TriesMax && time.GetElapsedTime(_shutSince) < Shut) return null;
            if (_wrong >= TriesMax) _wrong = 0;
            if (!Same(code, _code))
            {
                if (++_wrong >= TriesMax) _shutSince = time.GetTimestamp();
                return null;
            }
            _wrong = 0;
            _code = NewCode();
            if (_sessions.Count >= SessionsMax) _sessions.RemoveAt(0);
            var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            _sessions.Add((token, time.GetTimestamp()));
            return token;
        }
    }

    public bool Knows(string? token)
    {
        lock (_gate)
        {
            _sessions.RemoveAll(s => time.GetElapsedTime(s.Since) > SessionMax);
            return token is not null && _sessions.Any(s => Same(s.Token, token));
        }
    }

    /// <summary>Whether an address is of a site's own network: loopback, private or link-local (RFC 1918, RFC 4193). Nobody else is answered at all.</summary>
    public static bool IsLocal(IPAddress? address)
    {
        if (address is null) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return true;
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254)
            : address.IsIPv6LinkLocal || (bytes[0] & 0xFE) == 0xFC;
    }

    private static string NewCode() => RandomNumberGenerator.GetInt32(100_000_000).ToString("D8", System.Globalization.CultureInfo.InvariantCulture);

    private static bool Same(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(a), System.Text.Encoding.UTF8.GetBytes(b));

    [LoggerMessage(1, LogLevel.Information, "The local page's next one-time code is {Code}")]
    private partial void LogCodeIs(string code);
}
