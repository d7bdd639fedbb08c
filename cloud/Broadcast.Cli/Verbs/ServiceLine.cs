using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Broadcast.Cli.Api;

namespace Broadcast.Cli.Verbs;

/// <summary>
/// The other end of a microcontroller's service port: lines with a CRC-32 behind an asterisk, each answered by one line that begins with
/// `ok` or `no`. A serial port of this machine, or one behind a serial server (tcp:HOST:PORT).
/// </summary>
internal sealed class ServiceLine(Stream stream, TimeProvider time) : IAsyncDisposable
{
    private const int AnswerBytesMax = 1_024;
    private const int AttemptsMax = 3;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5); // A save erases flash; that takes up to a second.

    /// <exception cref="UsageException">The port cannot be opened; the message says why.</exception>
    public static async Task<ServiceLine> OpenAsync(string port, int baud, TimeProvider time, CancellationToken ct)
    {
        try
        {
            return new ServiceLine(port.StartsWith("tcp:", StringComparison.Ordinal) ? await DialAsync(port[4..], ct) : await OpenSerialAsync(port, baud, ct), time);
        }
        catch (Exception failed) when (failed is IOException or SocketException or Win32Exception or UnauthorizedAccessException or FormatException)
        {
            throw new UsageException($"{port}: {failed.Message}");
        }
    }

    /// <summary>Says a line and gives the answer without its `ok`. A damaged line is said again.</summary>
    /// <exception cref="UsageException">The board said no, or nothing.</exception>
    public async Task<string> AskAsync(string line, CancellationToken ct)
    {
        var said = Encoding.UTF8.GetBytes(line);
        for (var attempt = 1; ; attempt++)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{line}*{Crc32(said):x8}\n"), ct);
            await stream.FlushAsync(ct);
            var answer = await ReadAnswerAsync(ct);
            if (answer is { } whole && whole.StartsWith("ok", StringComparison.Ordinal)) return whole[2..].Trim();
            var damaged = answer is null or "no damaged line";
            if (!damaged || attempt == AttemptsMax) throw new UsageException(answer is null ? "The board does not answer." : $"The board said: {answer}");
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    // Null when nothing whole came in time.
    private async Task<string?> ReadAnswerAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        List<byte> line = [];
        var one = new byte[1];
        try
        {
            while (line.Count < AnswerBytesMax)
            {
                if (await stream.ReadAsync(one, either.Token) == 0) continue;
                if (one[0] != '\n') line.Add(one[0]);
                else if (Checked([.. line]) is { } answer) return answer;
                else line.Clear();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Too late: the caller says it again.
            return null;
        }

        return null;
    }

    private static string? Checked(byte[] line)
    {
        var star = Array.LastIndexOf(line, (byte)'*');
        if (star < 0 || line.Length - star != 9) return null;
        var isWhole = uint.TryParse(Encoding.ASCII.GetString(line, star + 1, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var check) && check == Crc32(line.AsSpan(0, star));
        var answer = isWhole ? Encoding.UTF8.GetString(line, 0, star) : "";
        // What a board says is shown: control characters could steer the reader's terminal.
        return isWhole && !answer.Any(char.IsControl) ? answer : null;
    }

    /// <summary>CRC-32 (IEEE 802.3).</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320);
        }

        return ~crc;
    }

    private static async Task<Stream> DialAsync(string address, CancellationToken ct)
    {
        var colon = address.LastIndexOf(':');
        if (colon < 1) throw new FormatException("give tcp:HOST:PORT");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address[..colon], int.Parse(address[(colon + 1)..], CultureInfo.InvariantCulture), ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<Stream> OpenSerialAsync(string port, int baud, CancellationToken ct)
    {
        var info = new ProcessStartInfo("stty") { RedirectStandardError = true, UseShellExecute = false };
        foreach (var word in new[] { "-F", port, baud.ToString(CultureInfo.InvariantCulture), "raw", "-echo", "cs8", "-cstopb", "-parenb", "clocal", "min", "0", "time", "1" })
            info.ArgumentList.Add(word);
        using var stty = Process.Start(info) ?? throw new IOException("stty did not start");
        var said = await stty.StandardError.ReadToEndAsync(ct);
        await stty.WaitForExitAsync(ct);
        if (stty.ExitCode != 0) throw new IOException(said.Trim());
        return new FileStream(port, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }
}
