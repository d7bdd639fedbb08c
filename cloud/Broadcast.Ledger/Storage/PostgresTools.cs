using System.Diagnostics;
using Npgsql;

namespace Broadcast.Ledger.Storage;

/// <summary>Runs PostgreSQL's own <c>pg_dump</c> and <c>pg_restore</c>: the formats that every administrator's other tools read.</summary>
internal static class PostgresTools
{
    private const string DebianBin = "/usr/lib/postgresql";

    /// <summary><c>pg_dump --format=custom --no-owner --no-privileges --file PATH DATABASE</c>, on one snapshot, while the ledger is being written.</summary>
    public static async Task DumpAsync(NpgsqlConnectionStringBuilder settings, string path, CancellationToken cancel)
    {
        var part = path + ".part";
        await RunAsync("pg_dump", settings, ["--format=custom", "--no-owner", "--no-privileges", "--file", part, .. Target(settings)], cancel);
        using (var handle = File.OpenHandle(part, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(handle);
        File.Move(part, path, overwrite: true);
    }

    /// <summary><c>pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error --dbname DATABASE PATH</c>: all or nothing.</summary>
    public static Task RestoreAsync(NpgsqlConnectionStringBuilder settings, string path, CancellationToken cancel) =>
        RunAsync("pg_restore", settings, ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", .. Target(settings), path], cancel);

    private static string[] Target(NpgsqlConnectionStringBuilder settings) =>
        ["--host", settings.Host ?? "localhost", "--port", $"{settings.Port}", "--username", settings.Username ?? "postgres", "--no-password", "--dbname", settings.Database ?? settings.Username ?? "postgres"];

    private static async Task RunAsync(string tool, NpgsqlConnectionStringBuilder settings, string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Find(tool), arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        if (settings.Password is { Length: > 0 } password) start.Environment["PGPASSWORD"] = password; // Never on the command line, where others read it.
        using var process = Process.Start(start) ?? throw new LedgerUnavailableException($"{tool} did not start.");
        process.StandardInput.Close();
        var errors = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0) throw new LedgerUnavailableException($"{tool} ended with {process.ExitCode}: {errors.Trim()}");
    }

    private static string Find(string tool)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(Directory.Exists(DebianBin) ? Directory.GetDirectories(DebianBin).OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")) : []);
        return folders.Select(f => Path.Combine(f, tool)).FirstOrDefault(File.Exists)
            ?? throw new LedgerUnavailableException($"{tool} is not installed: apt-get install -y postgresql-client");
    }
}
