using Microsoft.Extensions.Configuration;

namespace Broadcast.Edge;

/// <summary>The settings cannot be used; the message names each wrong one.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>Reads the settings: the file of <c>--config</c>, then what the command line says.</summary>
internal static class SettingsReader
{
    /// <summary>
    /// Every setting can be given by its own name too (<c>--sound:pauseMs 500</c>). Secrets belong into the file: other users of
    /// the machine can read a command line.
    /// </summary>
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--device"] = "device:id", ["--order-key"] = "device:orderKey", ["--key-epoch"] = "device:keyEpoch",
        ["--link-secret"] = "link:secret", ["--host"] = "link:host", ["--port"] = "link:port", ["--ca"] = "link:ca", ["--plain"] = "link:plain",
        ["--wav"] = "sound:wavFolder", ["--output"] = "sound:output", ["--data"] = "data", ["--board"] = "board", ["--page"] = "page:listen", ["--audio"] = "recordings:from",
        ["--township"] = "township:listen", ["--config"] = "config",
    };

    private const long FileBytesMax = 16 * 1024; // Eight times everything that can be set.

    private static readonly string[] SpeechArguments = ["-v", "{voice}", "-s", "{rate}", "-b", "1", "--stdin", "--stdout"];

    /// <exception cref="SettingsException">Some cannot be used.</exception>
    public static EdgeSettings Read(string[] arguments)
    {
        try
        {
            var line = new ConfigurationBuilder().AddCommandLine(arguments, Switches).Build();
            var builder = new ConfigurationBuilder();
            if (line["config"] is { Length: > 0 } file) AddFile(builder, Path.GetFullPath(file));
            // A folder for WAV files on the command line is the wish for them, also where there is a sound card.
            if (line["sound:wavFolder"] is { Length: > 0 } && line["sound:output"] is null)
                builder.AddInMemoryCollection([new("sound:output", "wav")]);
            builder.AddConfiguration(line);
            // A null, and an empty object, is a setting that was not given: its default holds.
            var given = new ConfigurationBuilder().AddInMemoryCollection(builder.Build().AsEnumerable().Where(setting => setting.Value is not null)).Build();
            return Checked(given.Get<EdgeSettings>() ?? new EdgeSettings());
        }
        catch (Exception unreadable) when (unreadable is InvalidOperationException or FileNotFoundException or InvalidDataException or FormatException)
        {
            throw new SettingsException(unreadable.InnerException is { } inner ? $"{unreadable.Message} {inner.Message}" : unreadable.Message);
        }
    }

    private static void AddFile(ConfigurationBuilder builder, string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > FileBytesMax }) throw new SettingsException($"The settings file {path} is larger than {FileBytesMax} bytes: those are no settings.");
        builder.AddJsonFile(path, optional: false, reloadOnChange: false);
    }

    /// <exception cref="SettingsException">Some cannot be used.</exception>
    internal static EdgeSettings Checked(EdgeSettings settings)
    {
        if (settings.Speech.Arguments.Length == 0) settings.Speech.Arguments = SpeechArguments;
        var problems = SettingsCheck.Problems(settings);
        return problems.Count == 0 ? settings : throw new SettingsException(string.Join(Environment.NewLine, problems));
    }
}
