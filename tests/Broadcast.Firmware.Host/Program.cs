using System.CommandLine;
using Broadcast.Firmware.Host;

var devicesFile = new Option<string>("--devices-file") { Required = true, Description = "devices.csv, as the service writes it with --demo." };
var devices = new Option<string[]>("--device") { Required = true, Description = "Which devices of it; one board each.", AllowMultipleArgumentsPerToken = true };
var host = new Option<string>("--host") { DefaultValueFactory = _ => "127.0.0.1", Description = "Where the device endpoint listens." };
var port = new Option<int>("--port") { DefaultValueFactory = _ => 8883, Description = "The endpoint's port." };
var authority = new Option<string>("--ca") { Required = true, Description = "The authority's certificate (PEM) that the endpoint's must come from." };
var data = new Option<string>("--data") { Required = true, Description = "Where the boards' flash lies, a folder each." };

var command = new RootCommand("The microcontroller's firmware on simulated boards: real MQTT and TLS, pins and speech chip as a log.") { devicesFile, devices, host, port, authority, data };
command.SetAction(async (parsed, stop) =>
{
    var rows = File.ReadLines(parsed.GetValue(devicesFile)!).Skip(1).Select(line => line.Split(',')).Where(f => f.Length >= 6).ToDictionary(f => f[0], StringComparer.Ordinal);
    var boards = new List<SimulatedBoard>();
    foreach (var device in parsed.GetValue(devices)!)
    {
        if (!rows.TryGetValue(device, out var row))
        {
            await Console.Error.WriteLineAsync($"--device is {device}; there is none in the file.");
            return 2;
        }

        boards.Add(new SimulatedBoard(device, Path.Combine(parsed.GetValue(data)!, device), Console.Out));
        boards[^1].Provision(new BoardLink(row[3], row[4], row[5], parsed.GetValue(host)!, parsed.GetValue(port), parsed.GetValue(authority)!));
    }

    foreach (var board in boards) board.PowerOn();
    Console.WriteLine($"ready {boards.Count} boards");
    try
    {
        await Task.Delay(Timeout.Infinite, stop);
    }
    catch (OperationCanceledException)
    {
        // SIGTERM is how it is meant to end: the power goes.
        Console.WriteLine("stopping");
    }

    foreach (var board in boards) board.Dispose();
    return 0;
});
return await command.Parse(args).InvokeAsync();
