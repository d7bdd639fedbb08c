using System;
using System.Text;

namespace Broadcast.Device;

/// <summary>
/// Writes the subset of CBOR (RFC 8949) that the wire and the saved state use: integers, byte strings, text strings,
/// arrays, maps and booleans, in core deterministic encoding (definite lengths, shortest heads). Keys are written in the
/// order given; callers write them ascending. One buffer that doubles; nothing else is allocated until <see cref="ToArray"/>.
/// </summary>
public sealed class CborWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>Begins an empty item sequence with room for <paramref name="bytesExpected"/> bytes (it grows when needed).</summary>
    public CborWriter(int bytesExpected)
    {
        _buffer = new byte[bytesExpected < 16 ? 16 : bytesExpected];
    }

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>Writes an integer of the full range of <c>long</c>.</summary>
    public void Int(long value)
    {
        if (value >= 0)
            Head(Cbor.Unsigned, value);
        else
            Head(Cbor.Negative, -1 - value);
    }

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    public void Bool(bool value)
    {
        Reserve(1);
        _buffer[_length++] = value ? Cbor.True : Cbor.False;
    }

    /// <summary>Begins an array of <paramref name="count"/> items.</summary>
    public void Array(int count) => Head(Cbor.Array, count);

    /// <summary>Begins a map of <paramref name="count"/> pairs.</summary>
    public void Map(int count) => Head(Cbor.Map, count);

    /// <summary>Writes a byte string.</summary>
    public void Bytes(byte[] value)
    {
        Head(Cbor.ByteString, value.Length);
        Raw(value);
    }

    /// <summary>Writes a text string.</summary>
    public void Text(string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        Head(Cbor.TextString, utf8.Length);
        Raw(utf8);
    }

    /// <summary>Writes the pair of a small key and an integer.</summary>
    public void Pair(int key, long value)
    {
        Int(key);
        Int(value);
    }

    /// <summary>Writes bytes that are one or more encoded items already.</summary>
    public void Raw(byte[] encoded)
    {
        Reserve(encoded.Length);
        System.Array.Copy(encoded, 0, _buffer, _length, encoded.Length);
        _length += encoded.Length;
    }

    /// <summary>The bytes written, in an array of their own.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[_length];
        System.Array.Copy(_buffer, 0, bytes, 0, _length);
        return bytes;
    }

    private void Head(byte major, long argument)
    {
        Reserve(9);
        if (argument < 24)
        {
            _buffer[_length++] = (byte)(major | (int)argument);
            return;
        }

        int bytes = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
        int info = bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27;
        _buffer[_length++] = (byte)(major | info);
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            _buffer[_length++] = (byte)((argument >> shift) & 0xFF);
    }

    private void Reserve(int more)
    {
        if (_length + more <= _buffer.Length)
            return;

        int size = _buffer.Length * 2;
        if (size < _length + more)
            size = _length + more;
        byte[] grown = new byte[size];
        System.Array.Copy(_buffer, 0, grown, 0, _length);
        _buffer = grown;
    }
}
