using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Verbs;

/// <summary>`provision PORT`: gives a microcontroller its settings over its service port; without a device it only asks how the board is.</summary>
internal static class ProvisionCommand
{
    private const int Baud = 115_200;
    private const int PieceChars = 180; // The board's line holds 256 bytes; a piece of Chinese text is cut shorter below.

    public static Command Build(CliContext context)
    {
        var t = context.Texts;
        var port = new Argument<string>("PORT") { Description = t.ArgumentServicePort };
        var devices = new Option<FileInfo?>("--devices-file") { Description = t.OptionDevicesFile };
        var device = new Option<string?>("--device") { Description = t.OptionDevice };
        var link = new Option<string?>("--link") { Description = t.OptionLink };
        var authority = new Option<FileInfo?>("--ca") { Description = t.OptionCa };
        var set = new Option<string[]>("--set") { Description = t.OptionSet };
        var command = new Command("provision", t.VerbProvision) { port, devices, device, link, authority, set };
        command.SetAction(async (parsed, ct) =>
        {
            await using var line = await ServiceLine.OpenAsync(parsed.GetValue(port)!, Baud, context.Clock, ct);
            context.Line(await line.AskAsync("hello", ct));
            if (parsed.GetValue(device) is not { } id)
            {
                context.Line(await line.AskAsync("status", ct));
                return ExitCodes.Done;
            }

            var settings = Settings(
                context, id, parsed.GetValue(devices) ?? throw new UsageException("--devices-file: is missing"), parsed.GetValue(link) ?? throw new UsageException("--link: give HOST:PORT"),
                parsed.GetValue(authority) ?? throw new UsageException("--ca: is missing"), parsed.GetValue(set) ?? []);
            await GiveAsync(line, settings, ct);
            context.Line(t.Provisioned(id));
            return ExitCodes.Done;
        });
        return command;
    }

    private static List<string> Settings(CliContext context, string id, FileInfo devices, string link, FileInfo authority, string[] more)
    {
        var row = File.ReadLines(Existing(devices)).Skip(1).Select(l => l.Split(',')).FirstOrDefault(r => r[0] == id) ?? throw new UsageException($"--device: {id} is not in {devices}");
        var colon = link.LastIndexOf(':');
        if (colon < 1) throw new UsageException("--link: give HOST:PORT");
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Existing(authority)));
        return
        [
            $"device={id}", $"secret={row[3]}", $"key={row[4]}", $"epoch={row[5]}", $"host={link[..colon]}", $"port={link[(colon + 1)..]}",
            $"authority={Convert.ToHexStringLower(certificate.RawData)}",
            // A floor for the board's clock: the certificate is valid now.
            string.Create(CultureInfo.InvariantCulture, $"provisioned={context.Clock.GetUtcNow().ToUnixTimeSeconds()}"),
            .. more,
        ];
    }

    private static string Existing(FileInfo file) => file.Exists ? file.FullName : throw new UsageException($"{file} is not there");

    private static async Task GiveAsync(ServiceLine line, List<string> settings, CancellationToken ct)
    {
        await line.AskAsync("begin", ct);
        foreach (var setting in settings)
        {
            var isFirst = true;
            foreach (var piece in Pieces(setting))
            {
                await line.AskAsync((isFirst ? "line " : "more ") + piece, ct);
                isFirst = false;
            }
        }

        await line.AskAsync("check", ct);
        await line.AskAsync("save", ct);
    }

    // A character is at most three bytes; a piece of ASCII may be three times as long.
    private static IEnumerable<string> Pieces(string text)
    {
        var chars = text.All(char.IsAscii) ? PieceChars : PieceChars / 3;
        for (var at = 0; at < text.Length; at += chars) yield return text.Substring(at, Math.Min(chars, text.Length - at));
    }
}
