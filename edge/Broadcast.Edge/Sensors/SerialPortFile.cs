using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Edge.Sensors;

/// <summary>A serial port as a file in raw mode (8 data bits, no parity, 1 stop bit), set by coreutils' <c>stty</c>. A read gives up after 100 ms of silence.</summary>
internal static class SerialPortFile
{
    /// <exception cref="IOException">The port is not there or cannot be set.</exception>
    public static async Task<FileStream> OpenAsync(string port, int baud, CancellationToken ct)
    {
        try
        {
            var info = new ProcessStartInfo("stty") { RedirectStandardError = true, UseShellExecute = false };
            foreach (var word in new[] { "-F", port, baud.ToString(CultureInfo.InvariantCulture), "raw", "-echo", "cs8", "-cstopb", "-parenb", "clocal", "min", "0", "time", "1" })
                info.ArgumentList.Add(word);
            using var stty = Process.Start(info) ?? throw new IOException("stty did not start");
            var said = await stty.StandardError.ReadToEndAsync(ct);
            await stty.WaitForExitAsync(ct);
            if (stty.ExitCode != 0) throw new IOException($"{port} cannot be set: {said.Trim()}");
            return new FileStream(port, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception failed) when (failed is Win32Exception or UnauthorizedAccessException)
        {
            throw new IOException($"{port} cannot be opened: {failed.Message}", failed);
        }
    }
}
