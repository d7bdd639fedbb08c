using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Broadcast.Benchmarks.Measuring;

/// <summary>What one run has measured: a table for people, JSON for programs. A ratio is the median of the rounds' own ratios, so that noise which meets both sides of a round falls out.</summary>
internal sealed class BenchReport(string benchmark, Machine machine, IReadOnlyDictionary<string, string> settings)
{
    private readonly List<Series> _series = [];
    private readonly List<(string Name, Series Product, Series Peer, double? Aim)> _ratios = [];
    private readonly List<string> _notes = [];

    public Series Series(string name, string unit)
    {
        var series = new Series(name, unit);
        _series.Add(series);
        return series;
    }

    /// <summary>Product over peer, round by round; <paramref name="aim"/> is the most that it should be.</summary>
    public void Ratio(string name, Series product, Series peer, double? aim = null) => _ratios.Add((name, product, peer, aim));

    public void Note(string line) => _notes.Add(line);

    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{benchmark} · {machine}");
        text.AppendLine(string.Join(" · ", settings.Select(s => $"{s.Key} {s.Value}")));
        text.AppendLine().AppendLine("| what | median | lowest | highest | rounds |").AppendLine("|---|---:|---:|---:|---:|");
        foreach (var s in _series.Where(s => s.Values.Count > 0))
            text.AppendLine(CultureInfo.InvariantCulture, $"| {s.Name} ({s.Unit}) | {Show(s.Median)} | {Show(s.Min)} | {Show(s.Max)} | {s.Values.Count} |");
        if (_ratios.Count > 0) text.AppendLine().AppendLine("| ratio | median | lowest | highest | aim |").AppendLine("|---|---:|---:|---:|---:|");
        foreach (var (name, product, peer, aim) in _ratios)
        {
            var ratio = Of(product, peer);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {ratio.Median:0.00} | {ratio.Min:0.00} | {ratio.Max:0.00} | {(aim is { } a ? "≤ " + a.ToString("0.0#", CultureInfo.InvariantCulture) : "")} |");
        }

        foreach (var note in _notes) text.AppendLine().AppendLine(note);
        return text.ToString();
    }

    public string Json() => JsonSerializer.Serialize(new
    {
        benchmark,
        machine,
        settings,
        series = _series.Select(s => new { s.Name, s.Unit, s.Median, s.Min, s.Max, s.Values }),
        ratios = _ratios.Select(r => new { r.Name, Of(r.Product, r.Peer).Median, Of(r.Product, r.Peer).Values, r.Aim }),
        notes = _notes,
    }, new JsonSerializerOptions(JsonSerializerOptions.Web) { WriteIndented = true });

    private static Series Of(Series product, Series peer)
    {
        var ratio = new Series("ratio", "");
        foreach (var (mine, other) in product.Values.Zip(peer.Values)) ratio.Add(mine / other);
        return ratio;
    }

    private static string Show(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
