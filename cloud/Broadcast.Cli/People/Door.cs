using System.CommandLine;
using Broadcast.Cli.Api;
using Spectre.Console;

namespace Broadcast.Cli.People;

/// <summary>
/// How a command comes in: the options that say where the cloud is and who signs in, and the signing in.
/// A name given on the command line takes its password from the environment or from a prompt, never from the command line itself.
/// </summary>
internal sealed class Door
{
    private readonly Option<string?> _data;
    private readonly Option<string?> _cloud;
    private readonly Option<string?> _ca;
    private readonly Option<string?> _operator;
    private readonly Option<string?> _approver;

    public Door(Texts t)
    {
        _data = DataOption(t);
        _cloud = new("--cloud") { Description = t.OptionCloud, HelpName = "URL" };
        _ca = new("--ca") { Description = t.OptionCa, HelpName = "FILE" };
        _operator = new("--as-operator") { Description = t.OptionAsOperator, HelpName = "NAME" };
        _approver = new("--as-approver") { Description = t.OptionAsApprover, HelpName = "NAME" };
    }

    public static Option<string?> DataOption(Texts t) => new("--data") { Description = t.OptionData, HelpName = "DIR" };

    public void AddTo(Command command, bool withApprover = false)
    {
        foreach (var option in new[] { _data, _cloud, _ca, _operator }) command.Options.Add(option);
        if (withApprover) command.Options.Add(_approver);
    }

    public async Task<Visit> EnterAsync(CliContext context, ParseResult parsed, CancellationToken ct)
    {
        var data = Path.GetFullPath(parsed.GetValue(_data) ?? context.House.DefaultData);
        var address = parsed.GetValue(_cloud) is { } url ? CloudLocator.Parse(url, context.Texts) : null;
        if (parsed.GetValue(_ca) is { } ca && !File.Exists(ca)) throw new UsageException(context.Texts.NoSuchFile("--ca", ca));
        var locator = new CloudLocator(data, address, parsed.GetValue(_ca));
        if (await locator.FindAsync(ct) is null) throw new CloudUnreachableException(context.Texts.NoCloudHere(data));
        return new Visit(context, locator, await DemoPeople.ReadAsync(data, ct), parsed.GetValue(_operator), parsed.GetResult(_approver) is null ? null : parsed.GetValue(_approver));
    }
}

/// <summary>One command's dealings with one cloud: signs people in and keeps their clients until the command ends.</summary>
internal sealed class Visit(CliContext context, CloudLocator locator, DemoPeople people, string? operatorName, string? approverName) : IDisposable
{
    private readonly Dictionary<string, CloudClient> _clients = new(StringComparer.Ordinal);

    public CloudLocator Locator { get; } = locator;

    /// <summary>Somebody who may look; the widest of the demo's, or the operator named.</summary>
    public Task<CloudClient> AsReaderAsync(CancellationToken ct) => operatorName is not null
        ? AsNamedAsync(operatorName, "OPERATOR", ct)
        : AsDemoAsync(people.Widest("operator", "monitor", "administrator"), "operator", ct);

    public Task<CloudClient> AsOperatorAsync(IReadOnlyCollection<string> villages, CancellationToken ct) => operatorName is not null
        ? AsNamedAsync(operatorName, "OPERATOR", ct)
        : AsDemoAsync(people.Choose("operator", villages), "operator", ct);

    public Task<CloudClient> AsApproverAsync(IReadOnlyCollection<string> villages, CancellationToken ct) => approverName is not null
        ? AsNamedAsync(approverName, "APPROVER", ct)
        : AsDemoAsync(people.Choose("approver", villages), "approver", ct);

    public Task<CloudClient> AsAdministratorAsync(CancellationToken ct) => operatorName is not null
        ? AsNamedAsync(operatorName, "OPERATOR", ct)
        : AsDemoAsync(people.Widest("administrator"), "administrator", ct);

    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }

    private Task<CloudClient> AsDemoAsync(DemoPerson? person, string duty, CancellationToken ct) => person is null
        ? throw new UsageException(context.Texts.NobodyToAsk(duty))
        : SignInAsync(person.Name, person.Password, ct);

    private async Task<CloudClient> AsNamedAsync(string name, string role, CancellationToken ct)
    {
        var variable = $"BROADCAST_{role}_PASSWORD";
        var password = context.Environment(variable) ?? people.All.FirstOrDefault(p => p.Name == name)?.Password;
        if (password is null && context.Interactive)
            password = await new TextPrompt<string>(Markup.Escape(context.Texts.PasswordOf(name))).Secret().ShowAsync(context.Error, ct);
        if (password is null) throw new UsageException(context.Texts.NoPassword(name, variable));
        return await SignInAsync(name, password, ct);
    }

    private async Task<CloudClient> SignInAsync(string name, string password, CancellationToken ct)
    {
        if (_clients.TryGetValue(name, out var known)) return known;
        var client = new CloudClient(Locator, Patience.Ordinary(context.Clock));
        _clients.Add(name, client);
        await client.SignInAsync(name, password, ct);
        return client;
    }
}
