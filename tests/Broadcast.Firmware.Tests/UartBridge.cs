using System.Net;
using System.Net.Sockets;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests;

/// <summary>A UART behind a TCP port, as a serial server has it: one caller at a time.</summary>
internal sealed class UartBridge : IUartDevice, IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MachineUart _uart;
    private NetworkStream? _caller;

    public UartBridge(MachineUart uart)
    {
        _uart = uart;
        uart.Device = this;
        _listener.Start();
        _ = PumpAsync();
    }

    public string Address => "tcp:" + _listener.LocalEndpoint;

    public void Take(ReadOnlySpan<byte> bytes) => _caller?.Write(bytes);

    public byte[] Give() => [];

    public void Dispose() => _listener.Dispose();

    private async Task PumpAsync()
    {
        try
        {
            while (true)
            {
                using var caller = await _listener.AcceptTcpClientAsync();
                await using (_caller = caller.GetStream())
                {
                    var bytes = new byte[64];
                    for (int read; (read = await _caller.ReadAsync(bytes)) > 0;) _uart.Arrive(bytes.AsSpan(0, read));
                }

                _caller = null;
            }
        }
        catch (Exception over) when (over is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over, or the caller went in the middle of a word.
            _caller = null;
        }
    }
}
