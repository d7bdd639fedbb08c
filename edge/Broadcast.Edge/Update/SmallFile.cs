using System.Text;

namespace Broadcast.Edge.Update;

/// <summary>Small files of <c>name=value</c> lines that are whole or not there, whenever the power goes: written beside, synced, renamed.</summary>
internal static class SmallFile
{
    private const int BytesMax = 4_096;

    /// <summary>The values; null where there is no such file, or it cannot be read.</summary>
    public static Dictionary<string, string>? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= BytesMax }) return null;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var line in File.ReadAllLines(path))
                if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) values[line[..at]] = line[(at + 1)..];
            return values;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null; // As good as none; whoever wrote it writes it again.
        }
    }

    /// <exception cref="IOException">The disk did not take it; the old file is as it was.</exception>
    public static void Write(string path, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in values) text.Append(name).Append('=').Append(value.ReplaceLineEndings(" ")).Append('\n');
        var half = path + ".new";
        using (var file = new FileStream(half, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text.ToString()));
            file.Flush(flushToDisk: true);
        }
        File.Move(half, path, overwrite: true);
        Disk.SyncFolder(Path.GetDirectoryName(path)!);
    }
}
