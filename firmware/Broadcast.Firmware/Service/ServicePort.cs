using System;
using System.IO.Ports;
using System.Text;
using Broadcast.Device;
using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Service;

/// <summary>Says how the board is, when someone asks.</summary>
public delegate string StatusSource();

/// <summary>
/// The service port: lines of ASCII or UTF-8 that end in <c>*</c> and eight hexadecimal digits of CRC-32, each answered by one line
/// that begins with <c>ok</c> or <c>no</c>. Settings are staged line by line, checked as a whole, and only then saved.
/// Whatever else comes over the wire is dropped.
/// </summary>
/// <remarks>
/// Commands: <c>hello</c>, <c>begin</c>, <c>line name=value</c>, <c>more rest-of-the-value</c>, <c>check</c>, <c>save</c>, <c>status</c>, <c>reboot</c>.
/// Secrets go in and never come out.
/// </remarks>
public sealed class ServicePort
{
    private const int CheckBytes = 9;
    private const byte Newline = 10;
    private const byte Return = 13;
    private const int BytesAStepMax = 512;

    private readonly SerialPort _port;
    private readonly TwoSlotStore _store;
    private readonly byte[] _line = new byte[FirmwareLimits.ServiceLineBytesMax];
    private readonly byte[] _read = new byte[64];
    private int _length;
    private bool _tooLong;
    private byte[]? _staged;
    private int _stagedLength;

    /// <summary>A service port.</summary>
    /// <param name="port">Open.</param>
    /// <param name="settings">Where settings are kept.</param>
    public ServicePort(SerialPort port, TwoSlotStore settings)
    {
        _port = port;
        _store = settings;
    }

    /// <summary>Who this is, for <c>hello</c>: the device id, or a dash.</summary>
    public string Device { get; set; } = "-";

    /// <summary>How it is, for <c>status</c>.</summary>
    public StatusSource? Status { get; set; }

    /// <summary>Why the board is to restart; Unknown while it is not.</summary>
    public ResetReason RestartWanted { get; private set; }

    /// <summary>Lines that were too long, damaged, or no command.</summary>
    public int BadLines { get; private set; }

    /// <summary>Reads what came and answers whole lines.</summary>
    public void Step()
    {
        for (int taken = 0; taken < BytesAStepMax && _port.BytesToRead > 0;)
        {
            int read = _port.Read(_read, 0, _read.Length);
            if (read <= 0)
                return;
            taken += read;
            for (int i = 0; i < read; i++)
                Take(_read[i]);
        }
    }

    private void Take(byte b)
    {
        if (b == Newline)
        {
            if (_tooLong)
                Answer("no line too long");
            else if (_length > 0)
                TakeLine();
            _length = 0;
            _tooLong = false;
        }
        else if (_length == _line.Length)
        {
            _tooLong = true;
        }
        else if (b != Return)
        {
            _line[_length++] = b;
        }
    }

    private void TakeLine()
    {
        int end = _length - CheckBytes;
        bool whole = end > 0 && _line[end] == '*' && Utf8.IsText(_line, 0, _length)
            && Encoding.UTF8.GetString(_line, end + 1, CheckBytes - 1) == Hex.Of(Crc32.Of(_line, end), CheckBytes - 1);
        if (!whole)
        {
            Answer("no damaged line");
            return;
        }

        string line = Encoding.UTF8.GetString(_line, 0, end);
        int space = line.IndexOf(' ');
        Answer(Obey(space < 0 ? line : line.Substring(0, space), space < 0 ? "" : line.Substring(space + 1)));
    }

    private string Obey(string command, string rest)
    {
        switch (command)
        {
            case "hello":
                return "ok " + Gateway.Version + " " + Hardware.Board.Name + " " + Device;
            case "begin":
                _staged = new byte[FirmwareLimits.SettingsBytesMax];
                _stagedLength = 0;
                return "ok";
            case "line":
                return _staged == null ? "no begin first" : Stage(_stagedLength == 0 ? rest : "\n" + rest);
            case "more":
                return _staged == null || _stagedLength == 0 ? "no line first" : Stage(rest);
            case "check":
                return Check();
            case "save":
                return Save();
            case "status":
                return "ok " + (Status == null ? "starting" : Status());
            case "reboot":
                RestartWanted = ResetReason.Asked;
                return "ok";
            default:
                return "no such command";
        }
    }

    private string Stage(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > _staged!.Length - _stagedLength)
            return "no settings too long";
        Array.Copy(bytes, 0, _staged, _stagedLength, bytes.Length);
        _stagedLength += bytes.Length;
        return "ok";
    }

    private byte[] Staged()
    {
        byte[] text = new byte[_stagedLength];
        if (_staged != null)
            Array.Copy(_staged, 0, text, 0, _stagedLength);
        return text;
    }

    private string Check()
    {
        Settings.Read(Staged(), out string fault);
        return fault.Length == 0 ? "ok" : "no " + fault;
    }

    private string Save()
    {
        byte[] text = Staged();
        Settings.Read(text, out string fault);
        if (fault.Length > 0)
            return "no " + fault;
        if (!_store.Save(text, 0))
            return "no flash did not take it";
        _staged = null;
        RestartWanted = ResetReason.Provisioned;
        return "ok";
    }

    private void Answer(string text)
    {
        if (text.StartsWith("no ") && BadLines < int.MaxValue)
            BadLines++;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] line = Encoding.UTF8.GetBytes(text + "*" + Hex.Of(Crc32.Of(bytes, bytes.Length), CheckBytes - 1) + "\n");
        _port.Write(line, 0, line.Length);
    }
}
