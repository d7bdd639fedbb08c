namespace Broadcast.Edge.Telemetry;

/// <summary>OpenTelemetry; off by default.</summary>
internal sealed class TelemetrySettings
{
    /// <summary>The collector's OTLP/HTTP address, such as <c>http://collector:4318</c>; empty for none.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Seconds between two exports of the metrics, 1 to 3600.</summary>
    public int Seconds { get; init; } = 60;

    public void Check(Action<bool, string, object, string> need)
    {
        need(Endpoint.Length == 0 || (Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"), "telemetry:endpoint", Endpoint, "give the collector's OTLP/HTTP address, such as http://127.0.0.1:4318, or none");
        need(Seconds is >= 1 and <= 3_600, "telemetry:seconds", Seconds, "give 1 to 3600");
    }
}
