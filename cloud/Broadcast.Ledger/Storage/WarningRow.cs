using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Device;
using Broadcast.Rules;

namespace Broadcast.Ledger.Storage;

/// <summary>A revision as a row: what is searched for in columns, what is only carried in one JSON body.</summary>
internal static class WarningRow
{
    public const string Columns = "num, id, revision, kind, state, issuer, issuer_level, not_before, expires, author, approver, created, released, body";

    /// <summary>As <see cref="Columns"/>, of a table named w.</summary>
    public static readonly string ColumnsOfW = string.Join(", ", Columns.Split(", ").Select(c => "w." + c));

    private const int BodyCharsMax = 1 << 20; // An area of some ten thousand corners; nobody draws that, an import might.

    private static readonly JsonSerializerOptions Json = new() { Converters = { new RegionJson(), new SiteIdJson() }, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Body(WarningContent Content, Area Area);

    public static string ToBody(Warning warning)
    {
        var body = JsonSerializer.Serialize(new Body(warning.Content, warning.Area), Json);
        if (body.Length > BodyCharsMax) throw new ArgumentException($"The warning takes {body.Length} characters; at most {BodyCharsMax}.", nameof(warning));
        return body;
    }

    /// <summary>Reads <see cref="Columns"/> from <paramref name="from"/> on.</summary>
    public static (long Number, Warning Warning) Read(RowReader r, int from = 0)
    {
        var body = JsonSerializer.Deserialize<Body>(r.GetString(from + 13), Json) ?? throw new InvalidDataException("A warning in the ledger has no body.");
        return (r.GetInt64(from), new Warning(
            WarningId.FromWire(r.GetBytes(from + 1))!.Value, (int)r.GetInt64(from + 2), (OrderKind)r.GetInt64(from + 3), body.Content, body.Area,
            Region.Create(r.GetString(from + 5), (RegionLevel)r.GetInt64(from + 6)), Time(r.GetInt64(from + 7)), Time(r.GetInt64(from + 8)),
            (WarningState)r.GetInt64(from + 4), new PersonId(r.GetString(from + 9)), r.IsDBNull(from + 10) ? null : new PersonId(r.GetString(from + 10)),
            Time(r.GetInt64(from + 11)), r.IsDBNull(from + 12) ? null : Time(r.GetInt64(from + 12))));
    }

    public static Task InsertAsync(SqlSession sql, Warning w, long commit) => sql.ExecuteAsync(
        """
        INSERT INTO warning (num, id, revision, kind, class, level, state, issuer, issuer_level, not_before, expires, author, approver, created, released, body, swept, changed)
        VALUES ((SELECT COALESCE(MAX(num), 0) + 1 FROM warning), @id, @revision, @kind, @class, @level, @state, @issuer, @issuer_level, @not_before, @expires, @author, @approver, @created, @released, @body, 0, @changed)
        """,
        ("id", w.Id.ToWire()), ("revision", (long)w.Revision), ("kind", (long)w.Kind), ("class", (long)w.Content.Class), ("level", (long)w.Content.Level),
        ("state", (long)w.State), ("issuer", w.Issuer.Code), ("issuer_level", (long)w.Issuer.Level), ("not_before", w.NotBefore.ToUnixTimeMilliseconds()),
        ("expires", w.Expires.ToUnixTimeMilliseconds()), ("author", w.Author.Value), ("approver", w.Approver?.Value), ("created", w.Created.ToUnixTimeMilliseconds()),
        ("released", w.Released?.ToUnixTimeMilliseconds()), ("body", ToBody(w)), ("changed", commit));

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private sealed class RegionJson : JsonConverter<Region>
    {
        public override Region Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var parts = (reader.GetString() ?? "").Split(':');
            return Region.Create(parts[0], (RegionLevel)(parts[1][0] - '0'));
        }

        public override void Write(Utf8JsonWriter writer, Region value, JsonSerializerOptions options) => writer.WriteStringValue($"{value.Code}:{(int)value.Level}");
    }

    private sealed class SiteIdJson : JsonConverter<SiteId>
    {
        public override SiteId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, SiteId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
