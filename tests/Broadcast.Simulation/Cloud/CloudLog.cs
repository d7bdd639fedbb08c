using System.Collections.Concurrent;
using Broadcast.Ledger;
using Microsoft.Extensions.Logging;

namespace Broadcast.Simulation.Cloud;

/// <summary>Counts what the cloud logs, and keeps what no fault explains: an exception that is no answer of disk, database or link.</summary>
internal sealed class CloudLog
{
    public ConcurrentDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>The first exception that nothing in the simulated world accounts for.</summary>
    public Exception? Unexplained { get; private set; }

    public ILogger<T> For<T>() => new Logger<T>(this);

    private void Write(string category, LogLevel level, EventId id, Exception? e)
    {
        if (level < LogLevel.Warning) return;
        Counts.AddOrUpdate($"{category}: {id.Name ?? id.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)}", 1, static (_, n) => n + 1);
        if (e is not null and not (IOException or OperationCanceledException or ObjectDisposedException or Microsoft.Data.Sqlite.SqliteException)) Unexplained ??= e;
    }

    private sealed class Logger<T>(CloudLog log) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(typeof(T).Name, logLevel, eventId, exception);
    }
}
