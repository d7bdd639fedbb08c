using System.CommandLine;
using Broadcast.Fleet;

var devicesFile = new Option<string>("--devices-file") { Required = true, Description = "devices.csv, as the service writes it with --demo." };
var host = new Option<string>("--host") { DefaultValueFactory = _ => "127.0.0.1", Description = "Where the device endpoint listens." };
var port = new Option<int>("--port") { DefaultValueFactory = _ => 8883, Description = "The endpoint's port." };
var authority = new Option<string?>("--ca") { Description = "The authority's certificate (PEM) that the endpoint's must come from." };
var plain = new Option<bool>("--plain") { Description = "Without TLS." };
var take = new Option<int?>("--take") { Description = "Only the first N devices." };
var slice = new Option<string?>("--slice") { Description = "Every N-th device, beginning with the I-th: I/N." };
var except = new Option<string[]>("--except") { DefaultValueFactory = _ => [], Description = "Devices that are left to something else." };
var only = new Option<string[]>("--only") { DefaultValueFactory = _ => [], Description = "Only these devices." };
var parent = new Option<string?>("--parent") { Description = "The township's Pi that the devices connect to, by its device id." };
var lent = new Option<string?>("--lent") { Description = "A folder with a file by the name of each device that something else is now." };
var speechRate = new Option<double>("--speech-rate") { DefaultValueFactory = _ => SpeechTime.DefaultCharactersPerSecond, Description = "Characters spoken a second." };
var loss = new Option<double>("--loss") { Description = "Chance that a frame is lost together with its connection." };
var latencyMs = new Option<double>("--latency") { Description = "Mean one-way delay in ms." };
var disconnectEvery = new Option<double>("--disconnect-every") { Description = "Mean seconds between two breaks of a device's connection; 0 for none." };
var refuse = new Option<double>("--refuse") { Description = "Chance that a frame to a device is altered on the way, so that it must refuse it." };
var fail = new Option<double>("--fail") { Description = "Chance that a playback ends in a failing amplifier." };
var clockErrorMs = new Option<double?>("--clock-error") { Description = "Devices have a clock of their own, wrong by up to so many ms; without it they have none." };
var connectsPerSecond = new Option<int>("--connects-per-second") { DefaultValueFactory = _ => 300, Description = "First connections a second." };
var backOffMaxMs = new Option<double>("--back-off-max") { DefaultValueFactory = _ => 60_000, Description = "Longest wait in ms before connecting again." };
var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Seeds the faults." };
var stateFolder = new Option<string?>("--state-dir") { Description = "Keeps every device's flash as a file, so that a restart is a power cut." };
var journalFile = new Option<string?>("--journal") { Description = "Writes what every device really did, a line each." };
var statusFile = new Option<string?>("--status-file") { Description = "Replaces this file with the counts (JSON) whenever they change." };

var command = new RootCommand("Simulated loudspeakers: the real device core over real TCP, TLS and MQTT, in one process.")
{
    devicesFile, host, port, authority, plain, take, slice, except, only, parent, lent, speechRate, loss, latencyMs, disconnectEvery, refuse, fail, clockErrorMs, seed,
    connectsPerSecond, backOffMaxMs,
    stateFolder, journalFile, statusFile,
};
command.SetAction(async (parsed, stop) =>
{
    Slice? chosen = null;
    if (parsed.GetValue(slice) is { } text)
    {
        if (!Slice.TryParse(text, out var read)) return Wrong($"--slice is {text}; expected I/N such as 1/4.");
        chosen = read;
    }

    var options = new FleetOptions
    {
        DevicesFile = parsed.GetValue(devicesFile)!,
        Host = parsed.GetValue(host)!,
        Port = parsed.GetValue(port),
        AuthorityFile = parsed.GetValue(authority),
        Plain = parsed.GetValue(plain),
        Take = parsed.GetValue(take),
        Slice = chosen,
        Except = parsed.GetValue(except)!.ToHashSet(StringComparer.Ordinal),
        Only = parsed.GetValue(only)!.ToHashSet(StringComparer.Ordinal),
        Parent = parsed.GetValue(parent),
        LentFolder = parsed.GetValue(lent),
        SpeechRate = parsed.GetValue(speechRate),
        ConnectsPerSecond = parsed.GetValue(connectsPerSecond),
        BackOffMin = TimeSpan.FromMilliseconds(Math.Min(1_000, parsed.GetValue(backOffMaxMs))),
        BackOffMax = TimeSpan.FromMilliseconds(parsed.GetValue(backOffMaxMs)),
        StateFolder = parsed.GetValue(stateFolder),
        JournalFile = parsed.GetValue(journalFile),
        StatusFile = parsed.GetValue(statusFile),
        Faults = new FaultOptions
        {
            Loss = parsed.GetValue(loss),
            Latency = TimeSpan.FromMilliseconds(parsed.GetValue(latencyMs)),
            DisconnectEvery = TimeSpan.FromSeconds(parsed.GetValue(disconnectEvery)),
            Refuse = parsed.GetValue(refuse),
            Fail = parsed.GetValue(fail),
            ClockError = parsed.GetValue(clockErrorMs) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            Seed = parsed.GetValue(seed),
        },
    };
    if (options.Problem() is { } problem) return Wrong(problem);
    try
    {
        await using var fleet = new SimulatedFleet(options, TimeProvider.System);
        fleet.Start();
        await new StatusLine(fleet, TimeProvider.System, Console.Out, rewrites: !Console.IsOutputRedirected).ShowAsync(options.StatusFile, stop);
        return 0;
    }
    catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        return Wrong(e.Message);
    }
});
return await command.Parse(args).InvokeAsync();

static int Wrong(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
