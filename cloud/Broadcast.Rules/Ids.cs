using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Broadcast.Rules;

/// <summary>Names the hardware that serves a site now: opaque, 1–32 characters of a–z, 0–9 and '-' (what a topic and a client id carry safely).</summary>
public readonly record struct DeviceId(string Value) : IComparable<DeviceId>
{
    /// <summary>Reads an id from outside; false where it is empty, too long or holds any other character.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id) => OpaqueText.TryRead(text, out id, static t => new DeviceId(t));

    public int CompareTo(DeviceId other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>
    /// The same in every process, unlike a string's, so that tables of devices are walked in the same order each time and a night that failed can be lived
    /// again. Only ids that were provisioned become keys, so nobody outside chooses what falls together.
    /// </summary>
    public override int GetHashCode()
    {
        var hash = 2_166_136_261u; // FNV-1a.
        foreach (var c in Value ?? "") hash = (hash ^ c) * 16_777_619u;
        return (int)hash;
    }

    public override string ToString() => Value;
}

/// <summary>Names a place that speaks; the target of warnings and the owner of history, whatever hardware serves it.</summary>
public readonly record struct SiteId(string Value) : IComparable<SiteId>
{
    /// <summary>Reads an id from outside; false where it is empty, too long or holds a character other than a–z, 0–9 and '-'.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SiteId id) => OpaqueText.TryRead(text, out id, static t => new SiteId(t));

    public int CompareTo(SiteId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>Names a person who signs in.</summary>
public readonly record struct PersonId(string Value)
{
    /// <summary>Reads an id from outside; false where it is empty, too long or holds a character other than a–z, 0–9 and '-'.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PersonId id) => OpaqueText.TryRead(text, out id, static t => new PersonId(t));

    public override string ToString() => Value;
}

/// <summary>Names a warning over all its revisions: 128 bits, written as 32 lower-case hex digits; 16 bytes big-endian on the wire.</summary>
public readonly record struct WarningId(Guid Value)
{
    /// <summary>A new id, ordered by time (UUID version 7), so that ledgers append.</summary>
    public static WarningId New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>Reads 32 hex digits, with or without hyphens.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out WarningId id)
    {
        var ok = Guid.TryParse(text, CultureInfo.InvariantCulture, out var value);
        id = new WarningId(value);
        return ok;
    }

    /// <summary>The id as orders and receipts carry it; null where <paramref name="bytes"/> is not 16 long.</summary>
    public static WarningId? FromWire(ReadOnlySpan<byte> bytes) => bytes.Length == 16 ? new WarningId(new Guid(bytes, bigEndian: true)) : null;

    /// <summary>16 bytes, big-endian.</summary>
    public byte[] ToWire() => Value.ToByteArray(bigEndian: true);

    public override string ToString() => Value.ToString("N");
}

internal static class OpaqueText
{
    private const int CharsMax = 32; // What the device core keeps of an id (Limits.DeviceIdCharsMax).

    public static bool TryRead<T>([NotNullWhen(true)] string? text, out T id, Func<string, T> make) where T : struct
    {
        id = default;
        if (text is not { Length: > 0 and <= CharsMax }) return false;
        foreach (var c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')) return false;
        }

        id = make(text);
        return true;
    }
}
