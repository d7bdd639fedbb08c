using nanoFramework.Machine;

namespace System.IO.Ports;

public enum Parity
{
    None = 0,
    Odd = 1,
    Even = 2,
}

public enum StopBits
{
    One = 1,
    Two = 2,
    OnePointFive = 3,
}

public enum SerialMode
{
    Normal,
    RS485,
}

public enum SerialData
{
    Chars = 1,
    WatchChar = 2,
}

public class SerialDataReceivedEventArgs : EventArgs
{
    internal SerialDataReceivedEventArgs(SerialData eventType) => EventType = eventType;

    public SerialData EventType { get; }
}

public delegate void SerialDataReceivedEventHandler(object sender, SerialDataReceivedEventArgs e);

/// <summary>A UART of the machine that the calling flow has entered. Reading gives what is there and never waits.</summary>
public sealed class SerialPort : IDisposable
{
    private readonly MachineUart _uart;

    public SerialPort(string portName, int baudRate = 9600, Parity parity = Parity.None, int dataBits = 8, StopBits stopBits = StopBits.One)
    {
        _uart = BoardMachine.Current.Uart(portName);
        (PortName, BaudRate, Parity, DataBits, StopBits) = (portName, baudRate, parity, dataBits, stopBits);
    }

    public event SerialDataReceivedEventHandler? DataReceived;

    public string PortName { get; }

    public int BaudRate { get; set; }

    public Parity Parity { get; set; }

    public int DataBits { get; set; }

    public StopBits StopBits { get; set; }

    public SerialMode Mode { get; set; }

    public char WatchChar { get; set; }

    public int ReadTimeout { get; set; }

    public int WriteTimeout { get; set; }

    public bool IsOpen { get; private set; }

    public int BytesToRead => Opened.Waiting;

    private MachineUart Opened => IsOpen ? _uart : throw new InvalidOperationException($"{PortName} is not open.");

    public void Open()
    {
        if (IsOpen) throw new InvalidOperationException($"{PortName} is open.");
        IsOpen = true;
        _uart.Arrived += TellArrival;
    }

    public void Close()
    {
        IsOpen = false;
        _uart.Arrived -= TellArrival;
    }

    public int Read(byte[] buffer, int offset, int count) => Opened.Read(buffer, offset, count);

    public void Write(byte[] buffer, int offset, int count) => Opened.Write(buffer, offset, count);

    public void Dispose() => Close();

    private void TellArrival() => DataReceived?.Invoke(this, new SerialDataReceivedEventArgs(SerialData.Chars));
}
