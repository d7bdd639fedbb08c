using System.Diagnostics.Metrics;
using Broadcast.Device;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Broadcast.Edge.Telemetry;

/// <summary>
/// Metrics and traces to an OTLP/HTTP collector, where the settings name one; else nothing of OpenTelemetry is even loaded. A collector that is
/// away costs a failed request a minute; on a metered way nothing is sent.
/// </summary>
internal sealed class TelemetryExport(
    EdgeSettings settings, GatewayLoop loop, GatewayBody body, GatewayStore store, SiteSensors sensors, Uplink uplink) : IHostedService, IDisposable
{
    private const int WithinMs = 5_000;

    private Meter? _meter;
    private IDisposable? _exports;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Telemetry.Endpoint.Length > 0) _exports = Open();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _exports?.Dispose();
        _exports = null;
        _meter?.Dispose();
        _meter = null;
    }

    private Both Open()
    {
        _meter = Gauges();
        var resource = ResourceBuilder.CreateEmpty().AddService("broadcast-edge", serviceVersion: Product.Name, serviceInstanceId: settings.Device.Id);
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(OrderTraces.Name, _meter.Name)
            .AddOtlpExporter((exporter, reader) =>
            {
                Address(exporter, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = settings.Telemetry.Seconds * 1_000;
            }).Build();
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(OrderTraces.Name).AddOtlpExporter(exporter => Address(exporter, "v1/traces")).Build();
        return new Both(metrics, traces);
    }

    private void Address(OtlpExporterOptions exporter, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(new Uri(settings.Telemetry.Endpoint.TrimEnd('/') + "/"), path);
        exporter.TimeoutMilliseconds = WithinMs;
        exporter.HttpClientFactory = () => new HttpClient(new NotWhereBytesArePaidFor(uplink)) { Timeout = TimeSpan.FromMilliseconds(WithinMs) };
    }

    private Meter Gauges()
    {
        var meter = new Meter(OrderTraces.Name + ".Site");
        void Gauge(string name, string unit, Func<long> value) => meter.CreateObservableGauge("broadcast.edge." + name, value, unit);
        Gauge("link.up", "1", () => loop.Core.IsSessionUp ? 1 : 0);
        Gauge("link.metered", "1", () => uplink.IsMetered ? 1 : 0);
        Gauge("receipts.waiting", "{receipt}", () => loop.Core.OutboxReceipts);
        Gauge("alarms.waiting", "{alarm}", store.WaitingAlarms);
        Gauge("readings.waiting", "{reading}", store.WaitingReadings);
        Gauge("orders.waiting", "{order}", () => loop.Core.WaitingOrders);
        Gauge("battery", "mV", () => sensors.Last.BatteryMillivolts);
        meter.CreateObservableGauge("broadcast.edge.faults", () => Faults(body.Faults), "1", "1 for each thing that is wrong.");
        meter.CreateObservableGauge("broadcast.edge.rain.hour", () => sensors.Last.RainTenths[0] / 10.0, "mm");
        meter.CreateObservableGauge("broadcast.edge.level", () => sensors.Last.Level is { } level ? [new Measurement<long>(level.Millimetres)] : Array.Empty<Measurement<long>>(), "mm");
        meter.CreateObservableGauge("broadcast.edge.stage", () => (long)sensors.Last.Stage, "1");
        return meter;
    }

    private static IEnumerable<Measurement<long>> Faults(FaultFlags faults) => Enum.GetValues<FaultFlags>().Where(fault => fault != FaultFlags.None)
        .Select(fault => new Measurement<long>((faults & fault) != 0 ? 1 : 0, new KeyValuePair<string, object?>("fault", fault.ToString())));

    private sealed class Both(IDisposable? first, IDisposable? second) : IDisposable
    {
        public void Dispose()
        {
            first?.Dispose();
            second?.Dispose();
        }
    }

    internal sealed class NotWhereBytesArePaidFor(Uplink uplink) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Refuse();
            return base.SendAsync(request, cancellationToken);
        }

        // The exporter's own thread sends this way.
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Refuse();
            return base.Send(request, cancellationToken);
        }

        private void Refuse()
        {
            if (uplink.IsMetered) throw new HttpRequestException("not on a metered way");
        }
    }
}
