using System.Diagnostics.CodeAnalysis;
using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>
/// A node of the province–city–county–township–village tree: a 12-digit statistical code (GB/T 2260, extended) and its level.
/// The level says how many digits count (2, 4, 6, 9, 12); trailing zeros say nothing: 421202100000 is a township, though its ninth digit is 0.
/// </summary>
public readonly record struct Region
{
    private Region(string code, RegionLevel level) => (Code, Level) = (code, level);

    /// <summary>Twelve ASCII digits.</summary>
    public string Code { get; }

    public RegionLevel Level { get; }

    /// <summary>The digits that count at <paramref name="level"/>: nation 0, province 2, city 4, county 6, township 9, village 12.</summary>
    public static int SignificantDigits(RegionLevel level) => level switch
    {
        RegionLevel.Nation => 0,
        RegionLevel.Province => 2,
        RegionLevel.City => 4,
        RegionLevel.County => 6,
        RegionLevel.Township => 9,
        RegionLevel.Village => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "not a level of the region tree"),
    };

    /// <summary>False unless <paramref name="code"/> is twelve digits and everything after the level's digits is zero.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? code, RegionLevel level, out Region region)
    {
        region = default;
        if (code is not { Length: 12 } || level > RegionLevel.Village) return false;
        var significant = SignificantDigits(level);
        for (var i = 0; i < code.Length; i++)
        {
            if (!char.IsAsciiDigit(code[i]) || (i >= significant && code[i] != '0')) return false;
        }

        region = new Region(code, level);
        return true;
    }

    /// <summary>As <see cref="TryCreate"/>; throws where the caller vouches for the code and is wrong.</summary>
    public static Region Create(string code, RegionLevel level) =>
        TryCreate(code, level, out var region) ? region : throw new ArgumentException($"'{code}' is no code of a {level}", nameof(code));

    /// <summary>Whether <paramref name="other"/> is this region or lies inside it.</summary>
    public bool Contains(Region other) =>
        other.Level >= Level && string.CompareOrdinal(Code, 0, other.Code, 0, SignificantDigits(Level)) == 0;

    /// <summary>The region of <paramref name="level"/> that holds this one; this one itself at its own level.</summary>
    public Region Ancestor(RegionLevel level) => level <= Level
        ? new Region(string.Concat(Code.AsSpan(0, SignificantDigits(level)), "000000000000".AsSpan(SignificantDigits(level))), level)
        : throw new ArgumentOutOfRangeException(nameof(level), level, $"a {Level} lies inside no {level}");

    public override string ToString() => $"{Code}:{Level.ToString().ToLowerInvariant()}";
}

/// <summary>A region with its names.</summary>
public sealed record NamedRegion(Region Region, string Name);

/// <summary>A place that speaks. Position in WGS 84 degrees.</summary>
/// <param name="ResourceCode">23 digits (GY/T 383–389 of 2023) or 18 in older systems; null where none is assigned.</param>
public sealed record Site(SiteId Id, Region Village, string Name, double Longitude, double Latitude, string? ResourceCode = null);

/// <summary>Whether a device counts: only <see cref="InService"/> enters online rates and takes ordinary orders.</summary>
public enum ServiceState : byte { Unclaimed = 0, InService = 1, Maintenance = 2, Decommissioned = 3 }

/// <summary>The hardware that serves a site now. Its order key is derived, never stored; its link secret only as a verifier.</summary>
public sealed record DeviceRecord(DeviceId Id, SiteId Site, int KeyEpoch, byte[] LinkVerifier, ServiceState Service)
{
    /// <summary>The township's Pi that may carry it; null where none may. It may always come by itself.</summary>
    public DeviceId? Parent { get; init; }

    /// <summary>Whether it is a township's Pi, or was one: it is told whom it carries, also where that is nobody.</summary>
    public bool IsTownship { get; init; }

    /// <summary>Delegated keys up to this epoch are revoked at it; 0 for none.</summary>
    public long RevokedUpTo { get; init; }
}
