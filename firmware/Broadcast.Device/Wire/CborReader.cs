using System.Text;

namespace Broadcast.Device;

/// <summary>
/// Reads what <see cref="CborWriter"/> writes and refuses everything else: indefinite lengths, longer heads than needed,
/// tags, floats, null, integers beyond <c>long</c>, text that breaks <see cref="Utf8"/>. It never throws on bad bytes:
/// the first fault is remembered in <see cref="Failed"/>, later reads give zero or empty, and the caller asks once at the end.
/// </summary>
public sealed class CborReader
{
    private readonly byte[] _data;
    private readonly int _end;
    private int _at;
    private bool _failed;

    /// <summary>Reads <paramref name="count"/> bytes of <paramref name="data"/> from <paramref name="start"/>; a range outside the array fails.</summary>
    public CborReader(byte[] data, int start, int count)
    {
        _data = data;
        _failed = start < 0 || count < 0 || start > data.Length - count;
        _at = _failed ? 0 : start;
        _end = _failed ? 0 : start + count;
    }

    /// <summary>Whether anything read so far was not as asked.</summary>
    public bool Failed => _failed;

    /// <summary>Whether all was well and nothing is left.</summary>
    public bool Complete => !_failed && _at == _end;

    /// <summary>Where the next item begins, as an index into the array.</summary>
    public int Position => _at;

    /// <summary>Remembers a fault that the caller found.</summary>
    public void Fail() => _failed = true;

    /// <summary>Reads an integer.</summary>
    public long Int()
    {
        int major = Major();
        if (major == Cbor.Unsigned)
            return Argument();
        if (major == Cbor.Negative)
            return -1 - Argument();
        _failed = true;
        return 0;
    }

    /// <summary>Reads an integer that lies within <paramref name="least"/> and <paramref name="most"/>; any other fails and gives <paramref name="least"/>.</summary>
    public long Int(long least, long most)
    {
        long value = Int();
        if (!_failed && value >= least && value <= most)
            return value;
        _failed = true;
        return least;
    }

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public bool Bool()
    {
        if (!_failed && _at < _end && (_data[_at] == Cbor.True || _data[_at] == Cbor.False))
            return _data[_at++] == Cbor.True;
        _failed = true;
        return false;
    }

    /// <summary>Reads the head of an array of at most <paramref name="most"/> items and gives their number.</summary>
    public int Array(int most) => Length(Cbor.Array, most);

    /// <summary>Reads the head of a map of at most <paramref name="most"/> pairs and gives their number.</summary>
    public int Map(int most) => Length(Cbor.Map, most);

    /// <summary>Reads a small key and asks that it is <paramref name="expected"/>.</summary>
    public void Key(int expected)
    {
        if (Int() != expected)
            _failed = true;
    }

    /// <summary>Reads the next key if it is <paramref name="key"/>; else reads nothing and gives false. For pairs that may be absent.</summary>
    public bool TakeKey(int key)
    {
        int at = _at;
        if (_failed || at >= _end)
            return false;
        bool isIt = Int() == key && !_failed;
        if (!isIt)
            _at = at;
        return isIt;
    }

    /// <summary>Reads the pair of key <paramref name="key"/> and an integer within the bounds.</summary>
    public long Pair(int key, long least, long most)
    {
        Key(key);
        return Int(least, most);
    }

    /// <summary>Reads a byte string of <paramref name="least"/> to <paramref name="most"/> bytes into an array of its own.</summary>
    public byte[] Bytes(int least, int most)
    {
        int start = Range(Cbor.ByteString, least, most, out int count);
        byte[] bytes = new byte[count];
        System.Array.Copy(_data, start, bytes, 0, count);
        return bytes;
    }

    /// <summary>Reads a text string of at most <paramref name="bytesMax"/> bytes: valid UTF-8 without control characters but the newline.</summary>
    public string Text(int bytesMax)
    {
        int start = Range(Cbor.TextString, 0, bytesMax, out int count);
        if (_failed || !Utf8.IsText(_data, start, count))
        {
            _failed = true;
            return "";
        }

        return Encoding.UTF8.GetString(_data, start, count);
    }

    /// <summary>Reads a text string of at most <paramref name="charsMax"/> printable ASCII characters.</summary>
    public string Ascii(int charsMax)
    {
        int start = Range(Cbor.TextString, 0, charsMax, out int count);
        if (_failed || !Utf8.IsPrintableAscii(_data, start, count))
        {
            _failed = true;
            return "";
        }

        return Encoding.UTF8.GetString(_data, start, count);
    }

    /// <summary>
    /// Ends a body map of <paramref name="pairs"/> pairs of which <paramref name="known"/> (keys 0 to known - 1) were read:
    /// further pairs are skipped when their keys ascend from <see cref="Limits.IgnorableKeyMin"/>, else they fail.
    /// </summary>
    public void Rest(int pairs, int known) => Rest(pairs, known, Limits.IgnorableKeyMin - 1);

    /// <summary>As <see cref="Rest(int, int)"/>, where further pairs were read already, up to the ignorable key <paramref name="last"/>.</summary>
    public void Rest(int pairs, int known, long last)
    {
        if (pairs < known)
            _failed = true;
        for (int i = known; i < pairs && !_failed; i++)
        {
            long key = Int();
            if (key <= last)
                _failed = true;
            last = key;
            Skip(Limits.DepthMax);
        }
    }

    private void Skip(int depth)
    {
        if (_failed || depth == 0 || _at >= _end)
        {
            _failed = true;
            return;
        }

        switch (Major())
        {
            case Cbor.Unsigned:
            case Cbor.Negative:
                Int();
                break;
            case Cbor.ByteString:
                Range(Cbor.ByteString, 0, Limits.FrameBytesMax, out _);
                break;
            case Cbor.TextString:
                Text(Limits.FrameBytesMax);
                break;
            case Cbor.Array:
                for (int items = Array(Limits.FrameBytesMax); items > 0 && !_failed; items--)
                    Skip(depth - 1);
                break;
            case Cbor.Map:
                SkipMap(depth);
                break;
            default:
                Bool();
                break;
        }
    }

    private void SkipMap(int depth)
    {
        long last = long.MinValue;
        for (int pairs = Map(Limits.FrameBytesMax); pairs > 0 && !_failed; pairs--)
        {
            // Ascending means the bytes of the keys (RFC 8949, 4.2.1); small non-negative keys are the only ones we allow.
            long key = Int();
            if (key < 0 || key <= last)
                _failed = true;
            last = key;
            Skip(depth - 1);
        }
    }

    private int Length(int major, int most)
    {
        if (Major() != major)
            _failed = true;
        long count = Argument();
        if (_failed || count > most)
        {
            _failed = true;
            return 0;
        }

        return (int)count;
    }

    private int Range(int major, int least, int most, out int count)
    {
        count = Length(major, most);
        if (_failed || count < least || count > _end - _at)
        {
            _failed = true;
            count = 0;
            return 0;
        }

        int start = _at;
        _at += count;
        return start;
    }

    private int Major() => _failed || _at >= _end ? -1 : _data[_at] & Cbor.MajorMask;

    // The argument of a head, only in its shortest form; more than `long` holds is refused, because nothing of ours is that large.
    private long Argument()
    {
        if (_failed || _at >= _end)
        {
            _failed = true;
            return 0;
        }

        int info = _data[_at++] & Cbor.InfoMask;
        if (info < 24)
            return info;

        int bytes = info == 24 ? 1 : info == 25 ? 2 : info == 26 ? 4 : info == 27 ? 8 : 0;
        if (bytes == 0 || bytes > _end - _at)
        {
            _failed = true;
            return 0;
        }

        long value = 0;
        for (int i = 0; i < bytes; i++)
            value = (value << 8) | _data[_at++];

        long least = bytes == 1 ? 24L : bytes == 2 ? 0x100L : bytes == 4 ? 0x10000L : 0x1_0000_0000L;
        if (value >= least)
            return value;
        _failed = true;
        return 0;
    }
}
