using Broadcast.Device;

namespace Broadcast.Firmware.OnTarget;

/// <summary>The golden vectors: frames open under their key, bodies decode and encode to the same bytes, a flipped bit is found.</summary>
internal static class VectorTests
{
    private const string DeviceId = "dev-1";
    private const int KeyEpoch = 3;

    internal static void Run(Verdict verdict)
    {
        byte[] key = Key();
        for (int i = 0; i < Vectors.Names.Length; i++)
        {
            string name = Vectors.Names[i];
            byte[] bytes = Decode(Vectors.Hex[i]);
            if (name.EndsWith("-frame"))
                Frame(verdict, name, key, bytes);
            else if (name.EndsWith("order-body"))
                verdict.That(Same(Order.Decode(bytes)?.Encode(), bytes), name + " comes out as it went in");
            else if (name == "receipt-body")
                verdict.That(Same(Receipt.Decode(bytes)?.Encode(), bytes), name + " comes out as it went in");
        }
    }

    private static void Frame(Verdict verdict, string name, byte[] key, byte[] frame)
    {
        Opened down = Envelope.Open(frame, key, KeyEpoch, Direction.Down, DeviceId);
        bool isDown = down.Refusal == Refusal.None;
        Opened opened = isDown ? down : Envelope.Open(frame, key, KeyEpoch, Direction.Up, DeviceId);
        verdict.That(opened.Refusal == Refusal.None, name + " opens");
        if (opened.Refusal != Refusal.None)
            return;
        DelegatedOrder? said = opened.Type == MessageType.Delegated ? DelegatedOrder.Decode(opened.Body) : null;
        byte[] seal = said == null ? key : Delegation.Key(key, said.Parent, said.Epoch, said.ExpiresMs);
        byte[] sealedAgain = Envelope.Seal(seal, KeyEpoch, isDown ? Direction.Down : Direction.Up, DeviceId, opened.Type, opened.Body);
        verdict.That(Same(sealedAgain, frame), name + " is sealed to the same bytes");
        frame[frame.Length - 1] ^= 1;
        verdict.That(Envelope.Open(frame, key, KeyEpoch, isDown ? Direction.Down : Direction.Up, DeviceId).Refusal == Refusal.Forged, name + " with a flipped bit is forged");
    }

    internal static byte[] Key()
    {
        byte[] key = new byte[32];
        for (int i = 0; i < key.Length; i++)
            key[i] = (byte)(i + 1);
        return key;
    }

    private static byte[] Decode(string hex)
    {
        byte[] bytes = new byte[hex.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((Digit(hex[2 * i]) << 4) | Digit(hex[(2 * i) + 1]));
        return bytes;
    }

    private static int Digit(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;

    private static bool Same(byte[]? a, byte[] b)
    {
        if (a == null || a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
                return false;
        }

        return true;
    }
}
