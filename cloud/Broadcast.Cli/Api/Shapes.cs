namespace Broadcast.Cli.Api;

// What the HTTP API says and takes, as far as the command line reads it. Unknown fields are left alone.

internal sealed record RegionRef(string Code, string Level);

internal sealed record PersonShape(string Id, string Name, IReadOnlyList<string> Duties, RegionRef Region);

internal sealed record SignInShape(string Token, DateTimeOffset Expires, PersonShape Person);

internal sealed record RegionShape(string Code, string Level, string Name, int Sites, int Devices, int Online);

internal sealed record CircleShape(double Longitude, double Latitude, double RadiusKm);

internal sealed record AreaShape(
    IReadOnlyList<RegionRef> Regions, IReadOnlyList<IReadOnlyList<double[]>> Polygons, IReadOnlyList<CircleShape> Circles, IReadOnlyList<string> Sites);

internal sealed record TargetVillage(string Code, string Name, int Sites);

internal sealed record TargetSite(string Id, string? Name, string VillageCode, double Latitude, double Longitude, string? Device, bool Online);

internal sealed record TargetsShape(IReadOnlyList<TargetVillage> Villages, IReadOnlyList<TargetSite> Sites, int Count);

internal sealed record DraftShape(
    string Class, string? Level, string? Event, string? Text, string Language, int? Repetitions, int? Volume, int? ToneMs, bool Siren, AreaShape Area, int ValidMinutes);

internal sealed record RevisionShape(
    string Id, int Revision, string? Kind, string State, string Class, string? Level, string? Event, string? Text, DateTimeOffset Expires, DateTimeOffset? Released, string? Author);

/// <summary>One page of a long list.</summary>
internal sealed record PageShape<T>(IReadOnlyList<T> Items);

internal sealed record WarningShape(string Id, RevisionShape Current, IReadOnlyList<RevisionShape> Revisions)
{
    /// <summary>The newest released revision that speaks: after a cancel, the one that was cancelled is what people ask about. Null where none was released.</summary>
    public RevisionShape? Spoken => Revisions.LastOrDefault(r => r.Released is not null && r.Kind != "cancel");
}

internal sealed record ReleaseShape(string Id, int Revision, int Targets, DateTimeOffset? Released, bool Repeated);

internal sealed record OrderShape(string Site, string? Name, string? VillageCode, string? Device, string State, string? Reason, int Attempt, bool Online, string? Sound = null);

internal sealed record StatusShape(string Lane, string Node, string Version, bool StorageFull, int Devices, int Online, double UptimeSeconds, int WarningsActive);

/// <summary>First and last device to reach a state, in ms since the release.</summary>
internal sealed record StateTimes(long? FirstMs, long? LastMs, int Count);

/// <summary>Of the played: measured as audible, measured as silent, not measured. A cloud of before does not say it.</summary>
internal sealed record SoundShape(int VerifiedAudible, int MeasuredSilent, int NotMeasured);

internal sealed record ProgressShape(
    string Id, int Revision, string State, int Targets, IReadOnlyDictionary<string, int> Counts, DateTimeOffset? Released, DateTimeOffset Now,
    IReadOnlyDictionary<string, StateTimes?>? Times, bool Final, SoundShape? Sound = null)
{
    public int Count(string state) => Counts.GetValueOrDefault(state);

    public bool AllPlayed => Count(OrderStates.Played) == Targets;
}

/// <summary>The states of an order in the order in which a device passes them; the first five are the way that all should go.</summary>
internal static class OrderStates
{
    public const string Played = "played";

    public static readonly IReadOnlyList<string> All =
        ["queued", "sent", "received", "playing", Played, "interrupted", "stopped", "refused", "failed", "expired", "cancelled"];

    /// <summary>Those whose first and last times the cloud measures.</summary>
    public static readonly IReadOnlyList<string> Timed = ["sent", "received", "playing", Played];
}

internal sealed record PackageShape(string Hash, string Version, long Number, string Target, long Bytes);

internal sealed record DesiredUpdateShape(int Revision, string Package, string Version, string Author, DateTimeOffset At);

internal sealed record ReportedUpdateShape(string Device, int Revision, string Stage, string? Why, string Version, long Number, string Target, long Got, DateTimeOffset At);

internal sealed record SiteUpdateShape(string Site, DesiredUpdateShape? Desired, ReportedUpdateShape? Reported, string State);
