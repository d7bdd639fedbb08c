namespace Broadcast.Device.Tests;

/// <summary>Seeded damage to bytes: flips, cuts, doublings, insertions, and CBOR heads that lie about lengths.</summary>
internal static class Mutation
{
    private static readonly byte[] Heads = [0x1B, 0x3B, 0x5B, 0x7B, 0x9B, 0xBB, 0x9F, 0xBF, 0xFF, 0x5A, 0x7A, 0x9A, 0xBA, 0x80, 0xA0, 0xF6, 0xC0];

    public static byte[] Of(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = Heads[random.Next(Heads.Length)];
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 4:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
