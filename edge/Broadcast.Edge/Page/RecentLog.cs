using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Page;

/// <summary>The last log entries, for the technician's download; the whole log is in the journal.</summary>
internal sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    public const int LinesMax = 1_000;
    private const int LineCharsMax = 500;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    public string[] Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    // What it says is a code, and whoever downloads this has used one up.
    public ILogger CreateLogger(string categoryName) => categoryName == typeof(PageDoor).FullName ? NullLogger.Instance : new Writer(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line.Length > LineCharsMax ? line[..LineCharsMax] : line);
            if (_lines.Count > LinesMax) _lines.Dequeue();
        }
    }

    private sealed class Writer(RecentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Add($"{log.Now} {logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : " " + exception.Message)}");
        }
    }

    private string Now => time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
