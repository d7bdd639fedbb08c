using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests;

/// <summary>A UART behind a pseudo-terminal: for the other end it is a serial port of this machine, with a line discipline and all.</summary>
internal sealed partial class PtyBridge : IUartDevice, IDisposable
{
    private const int ReadWriteNoControl = 2 | 0x100; // O_RDWR | O_NOCTTY

    private readonly MachineUart _uart;
    private readonly FileStream _master;
    private readonly SafeFileHandle _slave;

    public PtyBridge(MachineUart uart)
    {
        var master = posix_openpt(ReadWriteNoControl);
        if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) throw new IOException("no pseudo-terminal");
        Path = Marshal.PtrToStringAnsi(ptsname(master)) ?? throw new IOException("no name of the pseudo-terminal");
        _master = new FileStream(new SafeFileHandle(master, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        _slave = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite); // Held open: the line outlives whoever plugs in.
        _uart = uart;
        uart.Device = this;
        new Thread(Pump) { IsBackground = true }.Start();
    }

    public string Path { get; }

    public void Take(ReadOnlySpan<byte> bytes) => _master.Write(bytes);

    public byte[] Give() => [];

    public void Dispose()
    {
        _uart.Device = null;
        _slave.Dispose();
        _master.Dispose();
    }

    private void Pump()
    {
        var bytes = new byte[64];
        try
        {
            for (int read; (read = _master.Read(bytes)) > 0;) _uart.Arrive(bytes.AsSpan(0, read));
        }
        catch (Exception over) when (over is IOException or ObjectDisposedException)
        {
            // The cable is out: the test is over.
            _uart.Device = null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int grantpt(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlockpt(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint ptsname(int fd);
}
