using System.Text.Encodings.Web;
using System.Text.Json;

namespace Broadcast.Cli;

/// <summary>How JSON is written for programs and people alike: indented, Chinese as Chinese.</summary>
internal static class Output
{
    public static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // It goes to a terminal or a file, never into a page.
    };
}
