using System.Text;

namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>Damage to bytes: flips, cuts, doublings, insertions, lies about lengths, pieces of other inputs and words of the format.</summary>
internal static class ByteMutation
{
    private const int BytesMax = 8_192; // Beyond every bound of a frame or packet; larger inputs only cost time.

    // Heads of CBOR and JSON's structure, ends of UTF-8, separators: what a reader branches on.
    private static readonly byte[] Words =
    [
        0x00, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1F, 0x3B, 0x40, 0x5B, 0x5F, 0x60, 0x7B, 0x7F, 0x80, 0x9B, 0x9F, 0xA0, 0xBB, 0xBF, 0xC0, 0xED, 0xF4, 0xF5, 0xF6, 0xF9, 0xFF,
        (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)',', (byte)':', (byte)'\\', (byte)'\n', (byte)'-', (byte)'e', (byte)' ',
    ];

    public static byte[] Of(byte[] good, Dice dice, IReadOnlyList<byte[]>? others = null)
    {
        List<byte> bytes = [.. good];
        for (var changes = 1 + dice.Below(4); changes > 0; changes--) Change(bytes, dice, others);
        if (bytes.Count > BytesMax) bytes.RemoveRange(BytesMax, bytes.Count - BytesMax);
        return [.. bytes];
    }

    /// <summary>As <see cref="Of(byte[], Dice, IReadOnlyList{byte[]}?)"/>, for text.</summary>
    public static byte[] Of(string good, Dice dice) => Of(Encoding.UTF8.GetBytes(good), dice);

    private static void Change(List<byte> bytes, Dice dice, IReadOnlyList<byte[]>? others)
    {
        var at = bytes.Count == 0 ? 0 : dice.Below(bytes.Count);
        var kind = bytes.Count == 0 ? 5 : dice.Below(10);
        switch (kind)
        {
            case 0: bytes[at] ^= (byte)(1 << dice.Below(8)); break;
            case 1: bytes[at] = (byte)dice.Bits(); break;
            case 2: bytes[at] = dice.Of(Words); break;
            case 3: bytes.RemoveRange(at, Math.Min(1 + dice.Below(dice.OneIn(8) ? 200 : 8), bytes.Count - at)); break;
            case 4: bytes.RemoveRange(at, bytes.Count - at); break;
            case 5: bytes.InsertRange(at, dice.Bytes(1 + dice.Below(8))); break;
            case 6: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(1 + dice.Below(dice.OneIn(8) ? 400 : 8), bytes.Count - at))); break;
            case 7: bytes.Insert(at, dice.Of(Words)); break;
            case 8: bytes[at] = (byte)(bytes[at] + dice.Below(5) - 2); break;
            default: Splice(bytes, at, dice, others); break;
        }
    }

    private static void Splice(List<byte> bytes, int at, Dice dice, IReadOnlyList<byte[]>? others)
    {
        if (others is not { Count: > 0 }) return;
        var other = dice.Of(others);
        var from = dice.Below(other.Length + 1);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(from));
    }
}
