using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Broadcast.Boards.Files;

/// <summary>The JSON schema of a board file, for editors; the typed reader and <see cref="Rules.BoardRules"/> are what decides.</summary>
public static class BoardSchema
{
    public static string Text()
    {
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true };
        var schema = BoardFile.Format.GetJsonSchemaAsNode(typeof(BoardFile), exporter).AsObject();
        schema.Insert(0, "$schema", JsonValue.Create("https://json-schema.org/draft/2020-12/schema"));
        schema.Insert(1, "title", JsonValue.Create("board.json of Broadcast: units are in the names, README.md tells the meaning"));
        return schema.ToJsonString(new JsonSerializerOptions(BoardFile.Format) { WriteIndented = true }).ReplaceLineEndings("\n") + "\n";
    }
}
