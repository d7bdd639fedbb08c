using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Broadcast.Benchmarks.Measuring;
using Broadcast.Benchmarks.Peers;
using Broadcast.Benchmarks.Runs;
using Broadcast.Testing;

var devices = new Option<int>("--devices") { DefaultValueFactory = _ => 9_000, Description = "Devices; the demo has about 1,090 sites, so this many or more." };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 11, Description = "Measured rounds, product and peer in each." };
var tls = new Option<bool>("--tls") { Description = "TLS on both sides instead of plain." };
var output = new Option<string?>("--out") { Description = "Folder of the JSON (default: TestResults/bench in the repository)." };

async Task<int> ShowAsync(string name, ParseResult parsed, Func<Machine, Task<BenchReport>> run)
{
    var machine = await Machine.ReadAsync();
    var report = await run(machine);
    await Console.Out.WriteLineAsync(report.Table());
    var folder = Directory.CreateDirectory(parsed.GetValue(output) ?? Path.Combine(BuiltProject.RepositoryRoot, "TestResults", "bench")).FullName;
    var file = Path.Combine(folder, $"{name}-{machine.Lane}-{machine.Commit}.json");
    await File.WriteAllTextAsync(file, report.Json());
    await Console.Out.WriteLineAsync(Path.GetRelativePath(Directory.GetCurrentDirectory(), file));
    return 0;
}

Command Of(string name, string what, Func<Machine, ParseResult, Task<BenchReport>> run, params Option[] options)
{
    var command = new Command(name, what);
    foreach (var option in options) command.Options.Add(option);
    command.SetAction(parsed => ShowAsync(options.Contains(tls) && parsed.GetValue(tls) ? name + "-tls" : name, parsed, m => run(m, parsed)));
    return command;
}

var bare = new Command("bare-server", "Serves as a peer; started by the benchmarks themselves.") { Hidden = true };
var port = new Option<int>("--port");
var certificate = new Option<string?>("--certificate");
var key = new Option<string?>("--key");
foreach (var option in (Option[])[port, certificate, key]) bare.Options.Add(option);
bare.SetAction(async (parsed, stop) =>
{
    using var own = parsed.GetValue(certificate) is { } file ? X509Certificate2.CreateFromPemFile(file, parsed.GetValue(key)) : null;
    await BareServer.ServeAsync(parsed.GetValue(port), own, stop);
    return 0;
});

var root = new RootCommand("Benchmarks of Broadcast beside its peers, both in one run.")
{
    Of("fan-out", "One warning to all devices, beside Mosquitto.", (m, p) => FanOut.RunAsync(m, p.GetValue(devices), p.GetValue(rounds), p.GetValue(tls)), devices, rounds, tls),
    Of("point-to-point", "One warning to one site while all sessions are idle, beside Mosquitto.", (m, p) => PointToPoint.RunAsync(m, p.GetValue(devices), p.GetValue(rounds), p.GetValue(tls)), devices, rounds, tls),
    Of("first-sound", "From the release click to the first sound of each simulated village.", (m, p) => FirstSound.RunAsync(m, p.GetValue(devices), p.GetValue(rounds), p.GetValue(tls)), devices, rounds, tls),
    Of("memory", "What a connected device holds, beside bare sockets and Mosquitto.", (m, p) => MemoryUse.RunAsync(m, p.GetValue(devices), p.GetValue(rounds)), devices, rounds),
    Of("storm", "All sessions at once, beside a bare loop of accept and handshake; then a kill and a restart.", (m, p) => Storm.RunAsync(m, p.GetValue(devices), p.GetValue(rounds), p.GetValue(tls)), devices, rounds, tls),
    Of("records", "Durable receipts and readings a second of the ledger, beside bare SQLite.", (m, p) => Records.RunAsync(m, p.GetValue(rounds)), rounds),
    Of("growth", "What a device costs in a small, a larger and a large county.", (m, p) => Growth.RunAsync(m, p.GetValue(rounds)), rounds),
    Of("quiet-day", "Mobile data of one device in a month.", (m, _) => QuietDay.RunAsync(m)),
    bare,
};
root.Options.Add(output);
output.Recursive = true;
return await root.Parse(args).InvokeAsync();
