using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Testing;

/// <summary>
/// A real PostgreSQL for tests: Debian's own, in a temporary folder, on a unix socket alone. It refuses to run as root, so root runs it as 'postgres'.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Missing = "PostgreSQL is missing: apt-get install -y postgresql-15";

    private readonly string _folder;
    private readonly string _bin;
    private int _databases;

    private PostgresServer(string folder, string bin) => (_folder, _bin) = (folder, bin);

    /// <summary>Starts a server; throws with the one line that installs it where it is missing.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
            : null;
        var folder = Directory.CreateTempSubdirectory("pg").FullName; // Short: a unix socket's path has 107 bytes.
        var server = new PostgresServer(folder, bin ?? throw new InvalidOperationException(Missing));
        if (Environment.UserName == "root") await RunAsync("chown", "postgres", folder);
        await server.RunToolAsync("initdb", "--pgdata", server.Data, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync");
        // Durable as in production: what is measured and what is killed must mean something.
        await server.RunToolAsync("pg_ctl", "start", "--wait", "--pgdata", server.Data, "--log", Path.Combine(folder, "log"),
            "--options", $"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=200 -c shared_buffers=128MB");
        return server;
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes an empty database and returns its connection string (Npgsql's form).</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _databases)}");
        await RunToolAsync("createdb", "--host", _folder, "--username", "postgres", name);
        return $"Host={_folder};Username=postgres;Database={name};Maximum Pool Size=20";
    }

    /// <summary>Stops the server at once, as a power cut would, and starts it again.</summary>
    public async Task CrashAndRestartAsync()
    {
        await RunToolAsync("pg_ctl", "stop", "--mode=immediate", "--wait", "--pgdata", Data);
        await RunToolAsync("pg_ctl", "start", "--wait", "--pgdata", Data, "--log", Path.Combine(_folder, "log"),
            "--options", $"-c listen_addresses='' -c unix_socket_directories='{_folder}' -c max_connections=200 -c shared_buffers=128MB");
    }

    public async ValueTask DisposeAsync()
    {
        await RunToolAsync("pg_ctl", "stop", "--mode=immediate", "--wait", "--pgdata", Data);
        Directory.Delete(_folder, recursive: true);
    }

    private Task RunToolAsync(string tool, params string[] arguments)
    {
        var path = Path.Combine(_bin, tool);
        return Environment.UserName == "root" ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // No redirection: the server would inherit the pipe, and reading to its end would wait for the server's end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" \"$@\" > /dev/null 2>&1 < /dev/null", program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
