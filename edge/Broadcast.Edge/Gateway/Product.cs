using System.Diagnostics;

namespace Broadcast.Edge.Gateway;

/// <summary>What this program is.</summary>
internal static class Product
{
    public static string Name { get; } = $"edge {typeof(Product).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>How long the process has been running.</summary>
    public static TimeSpan Age(TimeProvider time)
    {
        using var self = Process.GetCurrentProcess();
        return time.GetUtcNow() - self.StartTime.ToUniversalTime();
    }
}
