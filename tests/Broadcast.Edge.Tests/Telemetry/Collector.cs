using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Tests.Telemetry;

/// <summary>A point of a metric as it came over the wire.</summary>
internal sealed record Point(string Metric, double Value, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A span as it came over the wire.</summary>
internal sealed record Span(string Name, TimeSpan Length, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A collector of one test: takes OTLP over HTTP and reads as much of its protobuf as the test asks for (opentelemetry-proto 1.x).</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<Point> _points = new();
    private readonly ConcurrentQueue<Span> _spans = new();
    private WebApplication? _app;

    public IReadOnlyList<Point> Points => [.. _points];

    public IReadOnlyList<Span> Spans => [.. _spans];

    public string Address => _app!.Urls.First();

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        collector._app = builder.Build();
        collector._app.MapPost("/v1/metrics", (HttpContext http) => TakeAsync(http, collector.ReadMetrics));
        collector._app.MapPost("/v1/traces", (HttpContext http) => TakeAsync(http, collector.ReadTraces));
        await collector._app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    private static async Task<IResult> TakeAsync(HttpContext http, Action<byte[]> read)
    {
        http.Request.ContentType.ShouldBe("application/x-protobuf");
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        read(body.ToArray());
        return Results.Bytes([], "application/x-protobuf");
    }

    // request.resource_metrics(1).scope_metrics(2).metrics(2): name(1), gauge(5) | sum(7) | histogram(9), each with data_points(1).
    private void ReadMetrics(byte[] request)
    {
        foreach (var metric in Nested(request, 1, 2, 2))
        {
            var name = Fields(metric).First(f => f.Number == 1).Text;
            foreach (var kind in Fields(metric).Where(f => f.Number is 5 or 7 or 9))
                foreach (var point in Fields(kind.Bytes).Where(f => f.Number == 1))
                    _points.Enqueue(new Point(name, kind.Number == 9 ? Fields(point.Bytes).First(f => f.Number == 4).Fixed : ValueOf(point.Bytes), AttributesOf(point.Bytes, kind.Number == 9 ? 9 : 7)));
        }
    }

    // request.resource_spans(1).scope_spans(2).spans(2): name(5), start(7), end(8), attributes(9).
    private void ReadTraces(byte[] request)
    {
        foreach (var span in Nested(request, 1, 2, 2))
        {
            var fields = Fields(span).ToList();
            long Nanoseconds(int number) => (long)fields.First(f => f.Number == number).Fixed;
            _spans.Enqueue(new Span(fields.First(f => f.Number == 5).Text, TimeSpan.FromTicks((Nanoseconds(8) - Nanoseconds(7)) / 100), AttributesOf(span, 9)));
        }
    }

    private static double ValueOf(byte[] point) => Fields(point).First(f => f.Number is 4 or 6) is { Number: 4 } real ? BitConverter.UInt64BitsToDouble(real.Fixed) : (long)Fields(point).First(f => f.Number == 6).Fixed;

    private static Dictionary<string, string> AttributesOf(byte[] holder, int number) => Fields(holder).Where(f => f.Number == number).Select(f => Fields(f.Bytes).ToList())
        .ToDictionary(pair => pair[0].Text, pair => Fields(pair[1].Bytes).Select(v => v.Wire == 2 ? v.Text : v.Fixed.ToString(System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault(""));

    private static IEnumerable<byte[]> Nested(byte[] message, params int[] path) => path.Aggregate<int, IEnumerable<byte[]>>([message], (held, number) => held.SelectMany(m => Fields(m).Where(f => f.Number == number).Select(f => f.Bytes)));

    private static IEnumerable<Field> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (number, wire) = ((int)(key >> 3), (int)(key & 7));
            switch (wire)
            {
                case 0: yield return new Field(number, wire, [], Varint(message, ref at)); break;
                case 1: yield return new Field(number, wire, [], BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at))); at += 8; break;
                case 5: yield return new Field(number, wire, [], BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at))); at += 4; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return new Field(number, wire, message[at..(at + length)], 0);
                    at += length;
                    break;
                default: throw new InvalidDataException($"wire type {wire}");
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }

    private sealed record Field(int Number, int Wire, byte[] Bytes, ulong Fixed)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);
    }
}
