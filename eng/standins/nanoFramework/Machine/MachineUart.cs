using System;
using System.Collections.Generic;

namespace nanoFramework.Machine;

/// <summary>What hangs on a UART's wires.</summary>
public interface IUartDevice
{
    /// <summary>The firmware sent these bytes.</summary>
    void Take(ReadOnlySpan<byte> bytes);

    /// <summary>Bytes that the device has sent by now; asked whenever the firmware looks.</summary>
    byte[] Give();
}

/// <summary>A UART: a receive buffer of the driver's size, and what the firmware sent.</summary>
public sealed class MachineUart
{
    /// <summary>Bytes the driver keeps; what comes on top of it is lost, as on the chip.</summary>
    public const int BufferBytes = 256;

    private const int SentBytesKept = 1 << 16;

    private readonly object _gate = new();
    private readonly Queue<byte> _received = new();
    private readonly List<byte> _sent = [];

    public IUartDevice? Device { get; set; }

    /// <summary>What the firmware sent, the first 64 KB.</summary>
    public byte[] Sent
    {
        get
        {
            lock (_gate) return [.. _sent];
        }
    }

    /// <summary>Bytes that came and found the buffer full.</summary>
    public int Lost { get; private set; }

    internal event Action? Arrived;

    /// <summary>Bytes arrive on the wire.</summary>
    public void Arrive(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var b in bytes)
            {
                if (_received.Count < BufferBytes) _received.Enqueue(b);
                else Lost++;
            }
        }

        Arrived?.Invoke();
    }

    internal int Waiting
    {
        get
        {
            Fetch();
            lock (_gate) return _received.Count;
        }
    }

    internal int Read(byte[] buffer, int offset, int count)
    {
        Fetch();
        lock (_gate)
        {
            var read = 0;
            while (read < count && _received.TryDequeue(out var b)) buffer[offset + read++] = b;
            return read;
        }
    }

    internal void Write(byte[] buffer, int offset, int count)
    {
        lock (_gate)
        {
            if (_sent.Count + count <= SentBytesKept) _sent.AddRange(buffer.AsSpan(offset, count));
        }

        Device?.Take(buffer.AsSpan(offset, count));
    }

    private void Fetch()
    {
        if (Device?.Give() is { Length: > 0 } bytes) Arrive(bytes);
    }
}
