using Broadcast.Cloud.Http;
using Broadcast.Ledger;
using Broadcast.Link.Update;

namespace Broadcast.Cloud.Updates;

/// <summary>A package that gateways can be offered.</summary>
public sealed record PackageView(string Hash, string Version, long Number, string Target, long Bytes)
{
    public static PackageView Of(ShelvedPackage p) => new(p.Hash, p.Manifest.Version, p.Manifest.Number, p.Manifest.Target, p.Bytes);
}

/// <summary>Wants a package of a site's gateway.</summary>
/// <param name="Package">Its hash.</param>
public sealed record UpdateBody(string? Package);

/// <summary>What is wanted.</summary>
public sealed record DesiredUpdateView(int Revision, string Package, string Version, string Author, DateTimeOffset At)
{
    public static DesiredUpdateView Of(DesiredUpdate d) => new(d.Revision, d.Package, d.Version, d.Author, d.At);
}

/// <summary>What the device that serves the site says of its program.</summary>
/// <param name="Stage">none, downloading, ready, trial, installed, refused or rolledBack.</param>
/// <param name="Got">Bytes of the package that are there.</param>
public sealed record ReportedUpdateView(string Device, int Revision, string Stage, string? Why, string Version, long Number, string Target, long Got, DateTimeOffset At)
{
    public static ReportedUpdateView Of(ReportedUpdate r) =>
        new(r.Device.Value, r.Revision, Wording.Camel((UpdateStage)r.Stage), r.Why.Length > 0 ? r.Why : null, r.Version, r.Number, r.Target, r.Got, r.At);
}

/// <summary>Desired and reported of one site.</summary>
/// <param name="State">none (nothing is wanted), waiting (the device has not heard of it), or what it says of this wish.</param>
public sealed record SiteUpdateView(string Site, DesiredUpdateView? Desired, ReportedUpdateView? Reported, string State);
