using System;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Device;

namespace Broadcast.Firmware.Storage;

/// <summary>
/// The head of a stored record: magic, length, sequence, time, and a check value over all of it and the content. The check
/// value is the beginning of an HMAC under a fixed key: it does what a CRC does here, and runs in native code, where a CRC
/// over a full state would be interpreted for seconds.
/// </summary>
internal sealed class Record
{
    internal const int HeadBytes = 32;
    private const int CheckAt = 24;
    private const int CheckBytes = 8;

    // No flash lives so long. What says more was not made here, and nothing could be saved above it.
    private const long SequenceMax = long.MaxValue / 2;
    private const uint Magic = 0x42524331;

    private static readonly byte[] s_key = Encoding.UTF8.GetBytes("broadcast/slot/v1");

    internal int Slot;
    internal int Offset;
    internal int Length;
    internal long Sequence;
    internal long WallMs;
    private byte[] _head = new byte[HeadBytes];

    internal int End => Offset + HeadBytes + Length;

    /// <summary>Makes the head of a content.</summary>
    internal static byte[] Head(byte[] content, long sequence, long wallMs)
    {
        byte[] head = new byte[HeadBytes];
        Put(head, 0, Magic, 4);
        Put(head, 4, content.Length, 4);
        Put(head, 8, sequence, 8);
        Put(head, 16, wallMs, 8);
        byte[] check = Check(head, content);
        Array.Copy(check, 0, head, CheckAt, CheckBytes);
        return head;
    }

    /// <summary>Reads a head; null when there is none. Nothing is known of the content yet.</summary>
    internal static Record? Read(byte[] head, int slot, int offset, int slotBytes)
    {
        long length = Get(head, 4, 4);
        long sequence = Get(head, 8, 8);
        if (Get(head, 0, 4) != Magic || length > slotBytes - offset - HeadBytes || sequence < 0 || sequence > SequenceMax)
            return null;
        Record record = new Record { Slot = slot, Offset = offset, Length = (int)length, Sequence = sequence, WallMs = Get(head, 16, 8) };
        Array.Copy(head, 0, record._head, 0, HeadBytes);
        return record;
    }

    /// <summary>Whether <paramref name="content"/> is what the head was made for.</summary>
    internal bool Fits(byte[] content)
    {
        byte[] check = Check(_head, content);
        int difference = 0;
        for (int i = 0; i < CheckBytes; i++)
            difference |= check[i] ^ _head[CheckAt + i];
        return difference == 0;
    }

    // Two passes of native code and no copy of the content.
    private static byte[] Check(byte[] head, byte[] content)
    {
        byte[] both = new byte[CheckAt + Limits.MacBytes];
        Array.Copy(head, 0, both, 0, CheckAt);
        Array.Copy(HMACSHA256.HashData(s_key, content), 0, both, CheckAt, Limits.MacBytes);
        return HMACSHA256.HashData(s_key, both);
    }

    private static void Put(byte[] into, int at, long value, int bytes)
    {
        for (int i = 0; i < bytes; i++)
            into[at + i] = (byte)(value >> (8 * i));
    }

    private static long Get(byte[] from, int at, int bytes)
    {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--)
            value = (value << 8) | from[at + i];
        return value;
    }
}
