using System.Runtime.InteropServices;
using System.Text;
using Broadcast.Edge.Sensors;
using Microsoft.Win32.SafeHandles;

namespace Broadcast.Edge.Tests.Hardware;

/// <summary>A pair of terminals of the kernel: the gateway opens <see cref="Path"/> as its serial port, the test is the gauge at the other end.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;

    private readonly FileStream _gauge;
    private readonly FileStream _held;

    public PseudoTerminal()
    {
        var descriptor = posix_openpt(ReadWrite | NoControllingTerminal);
        descriptor.ShouldBeGreaterThanOrEqualTo(0);
        grantpt(descriptor).ShouldBe(0);
        unlockpt(descriptor).ShouldBe(0);
        var name = new byte[64];
        ptsname_r(descriptor, name, name.Length).ShouldBe(0);
        Path = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        _gauge = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        // While nobody holds the gateway's end, a read at the gauge's end fails.
        _held = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    public string Path { get; }

    /// <summary>Takes one request and answers it.</summary>
    public Task AnswerAsync(Func<byte[], byte[]> answer) => Task.Run(() =>
    {
        var request = new byte[ModbusFrame.RequestBytes];
        _gauge.ReadExactly(request);
        _gauge.Write(answer(request));
    });

    /// <summary>Answers every request, until the gateway and the test have let go of the line.</summary>
    public Task ServeAsync(Func<byte[], byte[]> answer) => Task.Run(() =>
    {
        try
        {
            var request = new byte[ModbusFrame.RequestBytes];
            while (true)
            {
                _gauge.ReadExactly(request);
                _gauge.Write(answer(request));
            }
        }
        catch (IOException)
        {
            return; // Nobody holds the other end any more: that is how a terminal's line ends.
        }
    });

    /// <summary>A line without its bias resistors: never quiet for long.</summary>
    public async Task MakeNoiseAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await pace.WaitForNextTickAsync(stop)) _gauge.Write(new byte[16]);
    }

    /// <summary>Lets go of the gateway's end, so that the line ends with the gateway's own hold on it.</summary>
    public void Release() => _held.Dispose();

    public void Dispose()
    {
        _held.Dispose();
        _gauge.Dispose();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int posix_openpt(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int grantpt(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlockpt(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int ptsname_r(int descriptor, byte[] name, nint length);
}
