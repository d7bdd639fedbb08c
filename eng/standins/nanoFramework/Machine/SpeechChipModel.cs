using System;
using System.Collections.Generic;
using System.Text;

namespace nanoFramework.Machine;

/// <summary>One frame as the chip got it.</summary>
/// <param name="AtMs">When its last byte came.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Text">The text of a speech frame, decoded; empty for a command.</param>
public sealed record ChipFrame(long AtMs, byte[] Bytes, string Text);

/// <summary>
/// A speech chip at frame level: SYN6288 with its check byte, or XFS5152CE without. It answers with status bytes and a busy line in the
/// given time, speaks as long as its text takes, and can be broken in the ways such modules break.
/// </summary>
public sealed class SpeechChipModel(bool hasCheckByte, Func<long> nowMs) : IUartDevice
{
    private const int FrameBytesMax = 206; // SYN6288 data sheet 4.1; what is longer is refused.
    private const int FramesKept = 4_096;

    private readonly object _gate = new();
    private readonly List<byte> _partial = [];
    private readonly List<ChipFrame> _frames = [];
    private readonly List<(long AtMs, byte Status)> _answers = [];
    private long _speaksUntilMs = -1;

    /// <summary>How long it takes to say a character.</summary>
    public double MsACharacter { get; set; } = 250;

    /// <summary>Not there: answers nothing.</summary>
    public bool IsDead { get; set; }

    /// <summary>Its busy line is stuck at this level; null for a line that works.</summary>
    public bool? StuckLine { get; set; }

    /// <summary>Its transmit wire is broken: nothing it answers arrives.</summary>
    public bool IsMute { get; set; }

    /// <summary>It never says that it has ended, and answers that it is busy for ever.</summary>
    public bool NeverEnds { get; set; }

    /// <summary>Frames it refuses, however right.</summary>
    public int RefuseNext { get; set; }

    /// <summary>Told of each frame that it took, on the thread that sent it.</summary>
    public event Action<ChipFrame>? Heard;

    /// <summary>What it got, the first few thousand.</summary>
    public IReadOnlyList<ChipFrame> Frames
    {
        get
        {
            lock (_gate) return [.. _frames];
        }
    }

    /// <summary>All it was told to say, in order, one frame an entry; control marks and tones among it.</summary>
    public IEnumerable<string> Said
    {
        get
        {
            foreach (var frame in Frames)
                if (frame.Text.Length > 0) yield return frame.Text;
        }
    }

    /// <summary>The busy line: high while it speaks.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate) return StuckLine ?? (!IsDead && nowMs() < _speaksUntilMs);
        }
    }

    /// <summary>Forgets the frames so far.</summary>
    public void Forget()
    {
        lock (_gate) _frames.Clear();
    }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (IsDead) return;
            foreach (var b in bytes)
            {
                if (_partial.Count > 0 || b == 0xFD) _partial.Add(b);
                if (_partial.Count >= 3 && _partial.Count == 3 + Length()) Close();
                else if (_partial.Count > FrameBytesMax) Refuse();
            }
        }
    }

    public byte[] Give()
    {
        lock (_gate)
        {
            List<byte> due = [];
            foreach (var answer in _answers)
                if (answer.AtMs <= nowMs() && !IsMute) due.Add(answer.Status);
            _answers.RemoveAll(a => a.AtMs <= nowMs());

            return [.. due];
        }
    }

    private int Length() => (_partial[1] << 8) | _partial[2];

    private void Close()
    {
        byte[] frame = [.. _partial];
        _partial.Clear();
        byte check = 0;
        for (var i = 0; i < frame.Length - 1; i++) check ^= frame[i];
        if ((hasCheckByte && check != frame[^1]) || frame.Length < 4 || RefuseNext-- > 0)
        {
            Refuse();
            return;
        }

        RefuseNext = Math.Max(RefuseNext, 0);
        var text = frame[3] == 0x01 ? Decode(frame) : "";
        var heard = new ChipFrame(nowMs(), frame, text);
        if (_frames.Count < FramesKept) _frames.Add(heard);
        Heard?.Invoke(heard);
        _answers.Add((nowMs() + 5, 0x41));
        Obey(frame[3], text);
    }

    private void Obey(byte command, string text)
    {
        switch (command)
        {
            case 0x01:
                // What it said before ends here; the byte that tells its end comes all the same, at its time.
                _speaksUntilMs = NeverEnds ? long.MaxValue : nowMs() + 10 + (long)(MsACharacter * Spoken(text));
                if (!NeverEnds) _answers.Add((_speaksUntilMs, 0x4F));
                break;
            case 0x02:
                _speaksUntilMs = -1;
                _answers.Clear();
                _answers.Add((nowMs() + 5, 0x41));
                break;
            case 0x21:
                _answers.Add((nowMs() + 6, nowMs() < _speaksUntilMs ? (byte)0x4E : (byte)0x4F));
                break;
        }
    }

    private void Refuse()
    {
        _partial.Clear();
        _answers.Add((nowMs() + 5, 0x45));
    }

    // Control marks are not said; a tone's name is a second or more.
    private static int Spoken(string text)
    {
        if (text.StartsWith("sound", StringComparison.Ordinal)) return 8;
        var count = 0;
        var marked = false;
        foreach (var c in text)
        {
            marked = c == '[' || (marked && c != ']');
            if (!marked && c != ']') count++;
        }

        return count;
    }

    private string Decode(byte[] frame)
    {
        var text = frame.AsSpan(5, frame.Length - 5 - (hasCheckByte ? 1 : 0));
        if ((frame[4] & 7) != 3) return Encoding.ASCII.GetString(text);
        return hasCheckByte ? Encoding.BigEndianUnicode.GetString(text) : Encoding.Unicode.GetString(text);
    }
}
