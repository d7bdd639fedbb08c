using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>What is said, and how. Limits are the device core's; <see cref="WarningChecks"/> holds input to them.</summary>
/// <param name="Event">Event code (GB/T 35561 form such as 11B03), data and not an enumeration.</param>
/// <param name="Language">BCP 47 tag, zh-CN by default.</param>
/// <param name="Repetitions">How often the text is spoken, 1–20.</param>
/// <param name="Volume">Percent of the site's full volume, 0–100.</param>
/// <param name="ToneMs">Length of the alert tone before the speech, in ms.</param>
/// <param name="Siren">Opens the siren; only actual warnings and siren tests may.</param>
/// <param name="Audio">The recording that is played instead of the text, by its <see cref="AudioHash"/>; null for none. A device that cannot have it in time says the text.</param>
public sealed record WarningContent(
    WarningClass Class,
    WarningLevel Level,
    string Event,
    string Text,
    string Language = "zh-CN",
    int Repetitions = 3,
    int Volume = 100,
    int ToneMs = 3_000,
    bool Siren = false,
    string? Audio = null);

/// <summary>A position in WGS 84 degrees.</summary>
public readonly record struct GeoPoint(double Longitude, double Latitude);

/// <summary>A circle on the ground: centre and radius in kilometres.</summary>
public readonly record struct Circle(GeoPoint Centre, double RadiusKm);

/// <summary>Where a warning speaks: the union of regions, polygons (closed rings), circles and single sites.</summary>
public sealed record Area(
    IReadOnlyList<Region> Regions,
    IReadOnlyList<IReadOnlyList<GeoPoint>> Polygons,
    IReadOnlyList<Circle> Circles,
    IReadOnlyList<SiteId> Sites)
{
    public static Area Of(params Region[] regions) => new(regions, [], [], []);

    public bool IsEmpty => Regions.Count + Polygons.Count + Circles.Count + Sites.Count == 0;
}

/// <summary>The life of one revision; <see cref="WarningLife"/> is its one table.</summary>
public enum WarningState : byte
{
    Draft = 0,
    Submitted = 1,
    Approved = 2,
    Released = 3,
    Rejected = 4,
    Withdrawn = 5,
    Superseded = 6,
    Cancelled = 7,
    Ended = 8,
}

/// <summary>One revision of a warning: what a bureau says, for whom, how long, and how far it has come.</summary>
/// <param name="Kind">Alert opens a warning, Update replaces the revision before, Cancel ends it.</param>
/// <param name="Issuer">The bureau's region; its level is the issuer's rank.</param>
public sealed record Warning(
    WarningId Id,
    int Revision,
    OrderKind Kind,
    WarningContent Content,
    Area Area,
    Region Issuer,
    DateTimeOffset NotBefore,
    DateTimeOffset Expires,
    WarningState State,
    PersonId Author,
    PersonId? Approver,
    DateTimeOffset Created,
    DateTimeOffset? Released);

/// <summary>A site that a release speaks to, and the device that serves it at that moment.</summary>
public readonly record struct Target(SiteId Site, DeviceId Device, Region Village);

/// <summary>How far the order for one device has come. The numbers are the ledger's.</summary>
public enum OrderState : byte
{
    /// <summary>Committed; not yet handed to a live session.</summary>
    Queued = 0,

    /// <summary>Handed to the device's live session; nothing heard of it yet.</summary>
    Sent = 1,

    /// <summary>The device says that it has verified and kept it.</summary>
    Received = 2,
    Playing = 3,
    Played = 4,

    /// <summary>Broken off by something more important or by a power cut; may play again while valid.</summary>
    Interrupted = 5,
    Stopped = 6,
    Refused = 7,
    Failed = 8,

    /// <summary>Its validity ended before the device was reached.</summary>
    Expired = 9,

    /// <summary>Cancelled by the bureau before the device was reached.</summary>
    Cancelled = 10,
}

/// <summary>One revision for one device, as the ledger keeps it. A <see cref="OrderKind.Cancel"/> order silences; its state counts apart from those that speak.</summary>
public sealed record OrderRecord(
    WarningId Warning,
    int Revision,
    OrderKind Kind,
    DeviceId Device,
    SiteId Site,
    Region Village,
    long Sequence,
    DateTimeOffset Expires,
    OrderState State,
    byte Reason,
    int Attempt,
    long ReceiptNumber,
    long Changed);
