using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Broadcast.Cli.Api;
using Broadcast.Cli.People;

namespace Broadcast.Cli.Up;

/// <summary>A port and the flag that changes it.</summary>
internal readonly record struct PortChoice(string Flag, int Port);

/// <summary>What `up` was asked to start.</summary>
internal sealed record UpRequest(string Data, bool Detach, bool Plain, int? Devices, bool ResetPasswords, bool NoEdge, int Boards, PortChoice Https, PortChoice Http, PortChoice Link, PortChoice LinkPlain)
{
    public IEnumerable<PortChoice> Ports => Plain ? [Https, Http, Link, LinkPlain] : [Https, Http, Link];

    public IReadOnlyList<string> CloudCommand(House house) =>
    [
        "dotnet", house.CloudProgram, "serve", "--demo", "--data", Data,
        "--https", $"{Https.Port}", "--http", $"{Http.Port}", "--link", $"{Link.Port}",
        .. Plain ? (string[])["--link-plain", $"{LinkPlain.Port}"] : [],
        .. ResetPasswords ? (string[])["--reset-passwords"] : [],
    ];

    public IReadOnlyList<string> FleetCommand(House house, CloudFile cloud)
    {
        var link = (Plain ? cloud.LinkPlain : null) ?? cloud.Link;
        var colon = link.LastIndexOf(':');
        return
        [
            "dotnet", house.FleetProgram, "--devices-file", Path.Combine(Data, "devices.csv"), "--host", link[..colon], "--port", link[(colon + 1)..],
            "--ca", Path.Combine(Data, "tls", "ca.pem"),
            "--back-off-max", "5000", // Real devices wait up to a minute; a demo that was killed and started again should be back while one watches.
            "--lent", DemoGateway.LentFolder(Data),
            .. Plain ? (string[])["--plain"] : [],
            .. Devices is { } take ? (string[])["--take", $"{take}"] : [],
        ];
    }

    /// <summary>The first port that somebody else holds; null when all are free. Port 0 is always free.</summary>
    public PortChoice? FirstBusyPort()
    {
        foreach (var choice in Ports)
        {
            if (choice.Port != 0 && IsBusy(choice.Port)) return choice;
        }

        return null;
    }

    private static bool IsBusy(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            // Held by another program, or not ours to take: either way another port is the answer.
            return true;
        }
    }
}

internal sealed class UpOptions
{
    private readonly Option<string?> _data;
    private readonly Option<bool> _detach;
    private readonly Option<bool> _plain;
    private readonly Option<bool> _reset;
    private readonly Option<bool> _noEdge;
    private readonly Option<int?> _devices;
    private readonly Option<int> _boards;
    private readonly Option<int> _https;
    private readonly Option<int> _http;
    private readonly Option<int> _link;
    private readonly Option<int> _linkPlain;

    public UpOptions(Texts t)
    {
        _data = Door.DataOption(t);
        _detach = new("--detach", "-d") { Description = t.OptionDetach };
        _plain = new("--plain") { Description = t.OptionPlain };
        _reset = new("--reset-passwords") { Description = t.OptionResetPasswords };
        _noEdge = new("--no-edge") { Description = t.OptionNoEdge };
        _devices = new("--devices") { Description = t.OptionDevices, HelpName = "N" };
        _boards = new("--boards") { Description = t.OptionBoards, HelpName = "N", DefaultValueFactory = _ => DemoBoards.Usual };
        _https = Port("--https", 8443, t);
        _http = Port("--http", 8080, t);
        _link = Port("--link", 8883, t);
        _linkPlain = Port("--link-plain", 1883, t);
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _detach, _data, _devices, _noEdge, _boards, _plain, _reset, _https, _http, _link, _linkPlain }) command.Options.Add(option);
    }

    public UpRequest Read(ParseResult parsed, CliContext context)
    {
        var devices = parsed.GetValue(_devices);
        if (devices is < 0) throw new UsageException(context.Texts.BadNumber("--devices", $"{devices}"));
        var boards = parsed.GetValue(_boards);
        if (boards is < 0 or > DemoBoards.Most) throw new UsageException(context.Texts.BadNumber("--boards", $"{boards}"));
        PortChoice Choice(Option<int> option) => parsed.GetValue(option) is >= 0 and <= 65535 and var port
            ? new PortChoice(option.Name, port)
            : throw new UsageException(context.Texts.BadPort(option.Name));
        return new UpRequest(
            Path.GetFullPath(parsed.GetValue(_data) ?? context.House.DefaultData), parsed.GetValue(_detach), parsed.GetValue(_plain), devices,
            parsed.GetValue(_reset), parsed.GetValue(_noEdge), parsed.GetValue(_noEdge) ? 0 : boards, Choice(_https), Choice(_http), Choice(_link), Choice(_linkPlain));
    }

    private static Option<int> Port(string name, int standard, Texts t) =>
        new(name) { Description = t.OptionPort(name), HelpName = "PORT", DefaultValueFactory = _ => standard };
}
