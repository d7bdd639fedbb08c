using System;
using System.Device.Gpio;
using System.IO.Ports;

namespace Broadcast.Firmware.Speech;

/// <summary>What a chip is doing with the frame it was given.</summary>
public enum ChipState : byte
{
    /// <summary>Nothing: the last frame was said, or there was none.</summary>
    Idle = 0,
    /// <summary>The frame was sent; the chip has not taken it yet.</summary>
    Sent = 1,
    /// <summary>The chip speaks.</summary>
    Speaking = 2,
    /// <summary>The chip did not take the frame, or never ended.</summary>
    Failed = 3,
}

/// <summary>
/// One speech chip on a serial port. It tells what it does in two ways, by status bytes and by its busy line, and either of
/// them may be broken: what ends a frame is the idle byte, else the line's fall, else the answer to a question, else the time. An idle
/// byte that comes too early, or while the line is busy, may be of the frame before: the chip is asked before it is believed.
/// </summary>
public sealed class SpeechChip
{
    /// <summary>Attempts for one frame; a disturbed byte makes the chip refuse it.</summary>
    public const int AttemptsMax = 3;

    /// <summary>A chip takes a frame within some milliseconds of its last byte; this is generous.</summary>
    public const long TakeMsMax = 300;

    /// <summary>The busy line falls with the idle byte; when it alone tells the end, this long after its fall.</summary>
    public const long LineMs = 200;

    /// <summary>The line stays busy this long after an end that the chip told: it is stuck.</summary>
    public const long StuckMs = 2_000;

    /// <summary>No chip says a character faster, in milliseconds: at its greatest speed it says eight or nine a second.</summary>
    public const long CharMsMin = 80;

    private const int BitsAByte = 10;

    private readonly ISpeechProtocol _protocol;
    private readonly SerialPort _port;
    private readonly GpioPin? _busy;
    private readonly byte[] _frame = new byte[Syn6288.FrameBytesMax];
    private readonly byte[] _query = new byte[8];
    private readonly byte[] _read = new byte[16];
    private int _length;
    private int _attempts;
    private long _sayMs;
    private long _leastMs;
    private long _dueMs;
    private long _endMs;
    private long _earliestMs;
    private long _fellMs = -1;
    private long _idleSinceMs;
    private bool _sawBusy;
    private bool _asked;
    private bool _doubts;

    /// <summary>A chip.</summary>
    /// <param name="protocol">Its frames.</param>
    /// <param name="port">Its open serial port.</param>
    /// <param name="busy">Its busy line, high while it speaks; null where it is not wired.</param>
    public SpeechChip(ISpeechProtocol protocol, SerialPort port, GpioPin? busy)
    {
        _protocol = protocol;
        _port = port;
        _busy = busy;
    }

    /// <summary>The frames of this chip.</summary>
    public ISpeechProtocol Protocol => _protocol;

    /// <summary>What it does.</summary>
    public ChipState State { get; private set; }

    /// <summary>Whether the busy line stays busy although the chip said that it is done.</summary>
    public bool LineStuck { get; private set; }

    /// <summary>Whether the last frame failed.</summary>
    public bool Silent { get; private set; }

    /// <summary>Frames the chip refused or did not answer, since the start.</summary>
    public int Troubles { get; private set; }

    /// <summary>Speaks a part of a text.</summary>
    /// <param name="text">The text, as <see cref="TextCutter.Readable"/> gives it.</param>
    /// <param name="start">First character.</param>
    /// <param name="count">Characters, at most <see cref="ISpeechProtocol.TextCharsMax"/>.</param>
    /// <param name="sayMs">How long it takes at most.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void Speak(string text, int start, int count, long sayMs, long nowMs) =>
        Send(_protocol.Text(_frame, text, start, count), CharMsMin * count, sayMs, nowMs);

    /// <summary>Sends control marks, or plays a tone by its name.</summary>
    public void Ascii(string text, long sayMs, long nowMs) => Send(_protocol.Ascii(_frame, text), 0, sayMs, nowMs);

    /// <summary>Stops what it says.</summary>
    public void Stop(long nowMs)
    {
        Write(_query, _protocol.Command(_query, ChipCommand.Stop));
        End(ChipState.Idle, nowMs);
    }

    /// <summary>Asks whether the chip is there; the answer comes with later steps. Only while it is idle.</summary>
    public void Ask(long nowMs)
    {
        _length = 0;
        Begin(_protocol.Command(_query, ChipCommand.Status), 0, nowMs);
        Write(_query, _protocol.Command(_query, ChipCommand.Status));
    }

    /// <summary>Reads what the chip says, and judges the time.</summary>
    public void Step(long nowMs)
    {
        for (int bytes = _port.BytesToRead; bytes > 0; bytes = _port.BytesToRead)
        {
            int read = _port.Read(_read, 0, bytes < _read.Length ? bytes : _read.Length);
            for (int i = 0; i < read; i++)
                Take(_read[i], nowMs);
            if (read <= 0)
                break;
        }

        WatchLine(nowMs);
        if ((State == ChipState.Sent || State == ChipState.Speaking) && nowMs >= _dueMs)
            Late(nowMs);
    }

    private void Send(int length, long leastMs, long sayMs, long nowMs)
    {
        _length = length;
        _leastMs = leastMs;
        _attempts = 0;
        SendAgain(sayMs, nowMs);
    }

    private void SendAgain(long sayMs, long nowMs)
    {
        Drain();
        Begin(_length, sayMs, nowMs);
        _attempts++;
        Write(_frame, _length);
    }

    // A byte that still lies there belongs to the frame before.
    private void Drain()
    {
        while (_port.BytesToRead > 0 && _port.Read(_read, 0, _read.Length) > 0)
        {
        }
    }

    private void Begin(int length, long sayMs, long nowMs)
    {
        State = ChipState.Sent;
        _sayMs = sayMs;
        _dueMs = nowMs + (length * BitsAByte * 1_000L / _protocol.Baud) + TakeMsMax;
        _fellMs = -1;
        _sawBusy = false;
        _asked = false;
        _doubts = false;
    }

    private void Take(byte status, long nowMs)
    {
        switch (status)
        {
            case ChipStatus.Taken:
                if (State == ChipState.Sent)
                    Spoken(nowMs);
                break;
            case ChipStatus.Idle:
                // While a frame waits to be taken, an idle byte is of the frame before; a question is answered by it.
                if (State == ChipState.Speaking)
                    TakeEnd(nowMs);
                else if (State == ChipState.Sent && _length == 0)
                    End(ChipState.Idle, nowMs);
                break;
            case ChipStatus.Busy:
                // It was asked in doubt, and speaks on.
                if (_doubts && _asked)
                    SpeakOn();
                break;
            case ChipStatus.Refused:
            case ChipStatus.Ready:
                // It did not understand, or it has just started anew and forgot what it said.
                if (State == ChipState.Sent || State == ChipState.Speaking)
                    Trouble(nowMs);
                break;
            default:
                // Noise.
                break;
        }
    }

    private void Spoken(long nowMs)
    {
        State = ChipState.Speaking;
        _earliestMs = nowMs + _leastMs;
        _endMs = nowMs + _sayMs + TakeMsMax;
        _dueMs = _endMs;
    }

    private void TakeEnd(long nowMs)
    {
        bool isBusy = _busy != null && !LineStuck && _busy.Read() == PinValue.High;
        if (_asked || (nowMs >= _earliestMs && !isBusy))
        {
            End(ChipState.Idle, nowMs);
            return;
        }

        // The line falls a moment after the byte; else the chip is asked.
        _doubts = true;
        _dueMs = nowMs + TakeMsMax < _endMs ? nowMs + TakeMsMax : _endMs;
    }

    private void SpeakOn()
    {
        _doubts = false;
        _asked = false;
        _dueMs = _endMs;
    }

    private void WatchLine(long nowMs)
    {
        if (_busy == null)
            return;
        bool busy = _busy.Read() == PinValue.High;
        if (State == ChipState.Idle || State == ChipState.Failed)
        {
            LineStuck = busy && nowMs - _idleSinceMs >= StuckMs;
            return;
        }

        // A line that was stuck before says nothing of this frame.
        if (LineStuck)
            return;
        if (busy)
        {
            _sawBusy = true;
            _fellMs = -1;
            if (State == ChipState.Sent && nowMs >= _dueMs)
                Spoken(nowMs);
        }
        else if (_sawBusy)
        {
            if (_fellMs < 0)
                _fellMs = nowMs;
            else if (nowMs - _fellMs >= LineMs)
                End(ChipState.Idle, nowMs);
        }
    }

    private void Late(long nowMs)
    {
        if (State == ChipState.Speaking && !_asked)
        {
            // It should have ended. If only the idle byte was lost, the answer says so.
            _asked = true;
            _dueMs = nowMs + TakeMsMax;
            Write(_query, _protocol.Command(_query, ChipCommand.Status));
            return;
        }

        // Asked in doubt and no answer: the line or the time will tell.
        if (State == ChipState.Speaking && _doubts && nowMs < _endMs)
            SpeakOn();
        else
            Trouble(nowMs);
    }

    private void Trouble(long nowMs)
    {
        if (Troubles < int.MaxValue)
            Troubles++;
        // What was begun to be said is not said again from its beginning over and over.
        if (State == ChipState.Sent && _length > 0 && _attempts < AttemptsMax)
            SendAgain(_sayMs, nowMs);
        else
            End(ChipState.Failed, nowMs);
    }

    private void End(ChipState state, long nowMs)
    {
        State = state;
        Silent = state == ChipState.Failed;
        _idleSinceMs = nowMs;
    }

    private void Write(byte[] frame, int length)
    {
        try
        {
            _port.Write(frame, 0, length);
        }
        catch (Exception)
        {
            // The driver failed; no status byte will come, and the time decides as with a silent chip.
            Troubles++;
        }
    }
}
