using System.CommandLine;
using Broadcast.Benchmarks.Measuring;
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

var fanOut = new Command("fan-out", "One warning to all devices, beside Mosquitto.") { devices, rounds, tls };
fanOut.SetAction(parsed => ShowAsync(parsed.GetValue(tls) ? "fan-out-tls" : "fan-out", parsed, m => FanOut.RunAsync(m, parsed.GetValue(devices), parsed.GetValue(rounds), parsed.GetValue(tls))));

var root = new RootCommand("Benchmarks of Broadcast beside its peers, both in one run.") { fanOut };
root.Options.Add(output);
output.Recursive = true;
return await root.Parse(args).InvokeAsync();
