namespace Broadcast.Cloud.Live;

/// <summary>The bureau's microphone: one page, read once from the assembly.</summary>
internal static class LivePage
{
    public static string Html { get; } = Read();

    private static string Read()
    {
        using var stream = typeof(LivePage).Assembly.GetManifestResourceStream("live.html") ?? throw new InvalidOperationException("live.html is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
