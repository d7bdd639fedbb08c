using System;
using System.Security.Cryptography;

namespace Broadcast.Device;

/// <summary>
/// Seals and opens frames: <c>[ bstr payload, bstr mac ]</c>, the MAC over the payload's bytes exactly as sent (wire.cddl).
/// The header (version, algorithm, key epoch, direction, device, type) lies inside the payload, so nothing of it can be
/// changed without the key.
/// </summary>
public static class Envelope
{
    /// <summary>Version of the payload that this code reads and writes.</summary>
    public const int Version = 1;

    /// <summary>Algorithm id of HMAC-SHA-256; 2 and 3 are reserved for ECDSA P-256 and SM2 (wire.cddl).</summary>
    public const int HmacSha256 = 1;

    /// <summary>Key epochs are 0 to this.</summary>
    public const int KeyEpochMax = int.MaxValue;

    /// <summary>For <see cref="Open(byte[], byte[], int, Direction, string)"/>: take any key epoch, the caller chose the key by it.</summary>
    public const int AnyKeyEpoch = -1;

    private const int HeaderPairs = 7;
    private const int BytesBesidesBody = 96;

    /// <summary>Seals <paramref name="body"/> (an encoded body map) into a frame.</summary>
    /// <param name="key">The device's order key of that epoch, 32 bytes; for <see cref="MessageType.Delegated"/> the delegated key.</param>
    /// <param name="keyEpoch">Epoch of the order key, 0 or more.</param>
    /// <param name="direction">Which way the frame goes.</param>
    /// <param name="deviceId">The device it comes from or goes to.</param>
    /// <param name="type">What the body is.</param>
    /// <param name="body">The encoded body map.</param>
    /// <returns>The frame, at most <see cref="Limits.FrameBytesMax"/> bytes.</returns>
    /// <exception cref="ArgumentException">The device id or epoch cannot be sent, or the frame would be too large: a fault of the caller.</exception>
    public static byte[] Seal(byte[] key, int keyEpoch, Direction direction, string deviceId, MessageType type, byte[] body)
    {
        if (!Utf8.IsDeviceId(deviceId) || keyEpoch < 0)
            throw new ArgumentException("A device id of allowed characters and an epoch of 0 or more are needed.");

        CborWriter payload = new CborWriter(body.Length + BytesBesidesBody);
        payload.Map(HeaderPairs);
        payload.Pair(0, Version);
        payload.Pair(1, HmacSha256);
        payload.Pair(2, keyEpoch);
        payload.Pair(3, (int)direction);
        payload.Int(4);
        payload.Text(deviceId);
        payload.Pair(5, (int)type);
        payload.Int(6);
        payload.Raw(body);

        byte[] signed = payload.ToArray();
        CborWriter frame = new CborWriter(signed.Length + Limits.MacBytes + 8);
        frame.Array(2);
        frame.Bytes(signed);
        frame.Bytes(HMACSHA256.HashData(key, signed));
        if (frame.Length > Limits.FrameBytesMax)
            throw new ArgumentException("The message does not fit a frame.");
        return frame.ToArray();
    }

    /// <summary>Opens a frame with the key of whatever epoch it names; see the other overload.</summary>
    public static Opened Open(byte[] frame, byte[] key, Direction direction, string deviceId) =>
        Open(frame, key, AnyKeyEpoch, direction, deviceId);

    /// <summary>
    /// Opens a frame. Never throws on bad bytes. What is wrong is named in this order: Malformed (not our format),
    /// Misaddressed (other device or direction), UnknownKey (other epoch), Forged (authenticator). The first three are said
    /// of unauthenticated bytes and serve only counting; nothing is believed before the authenticator fits.
    /// </summary>
    /// <param name="frame">The bytes as they came.</param>
    /// <param name="key">The key to check with. A frame of type <see cref="MessageType.Delegated"/> is checked with the key derived from it that the body names.</param>
    /// <param name="keyEpoch">The epoch of <paramref name="key"/>, or <see cref="AnyKeyEpoch"/>.</param>
    /// <param name="direction">The direction the reader takes.</param>
    /// <param name="deviceId">The device the reader is, or hears.</param>
    public static Opened Open(byte[] frame, byte[] key, int keyEpoch, Direction direction, string deviceId)
    {
        Header header = Header.Read(frame);
        if (header.Malformed)
            return new Opened(Refusal.Malformed);
        if (header.DeviceId != deviceId || header.Direction != direction)
            return new Opened(Refusal.Misaddressed);
        if (keyEpoch != AnyKeyEpoch && header.KeyEpoch != keyEpoch)
            return new Opened(Refusal.UnknownKey);
        byte[]? seal = header.Type == MessageType.Delegated ? DelegatedOrder.KeyOf(key, header.Payload, header.BodyStart) : key;
        if (seal == null)
            return new Opened(Refusal.Malformed);
        if (!SameBytes(HMACSHA256.HashData(seal, header.Payload), header.Mac))
            return new Opened(Refusal.Forged);

        byte[] body = new byte[header.Payload.Length - header.BodyStart];
        Array.Copy(header.Payload, header.BodyStart, body, 0, body.Length);
        return new Opened(header.Type, header.KeyEpoch, body);
    }

    /// <summary>
    /// Reads the header without checking it, so that the reader can find the key. Nothing told here may be believed
    /// before <see cref="Open(byte[], byte[], Direction, string)"/> says so.
    /// </summary>
    /// <returns>Whether the frame has our format.</returns>
    public static bool TryPeek(byte[] frame, out string deviceId, out int keyEpoch, out MessageType type)
    {
        Header header = Header.Read(frame);
        deviceId = header.DeviceId;
        keyEpoch = header.KeyEpoch;
        type = header.Type;
        return !header.Malformed;
    }

    // The time this takes does not depend on where the first difference is, so that it tells a forger nothing.
    internal static bool SameBytes(byte[] a, byte[] b)
    {
        if (a.Length != b.Length)
            return false;
        int difference = 0;
        for (int i = 0; i < a.Length; i++)
            difference |= a[i] ^ b[i];
        return difference == 0;
    }

    private sealed class Header
    {
        internal bool Malformed = true;
        internal byte[] Payload = new byte[0];
        internal byte[] Mac = new byte[0];
        internal int KeyEpoch;
        internal Direction Direction;
        internal string DeviceId = "";
        internal MessageType Type;
        internal int BodyStart;

        internal static Header Read(byte[] frame)
        {
            Header header = new Header();
            if (frame == null || frame.Length > Limits.FrameBytesMax)
                return header;

            CborReader outer = new CborReader(frame, 0, frame.Length);
            bool two = outer.Array(2) == 2;
            byte[] payload = outer.Bytes(1, Limits.FrameBytesMax);
            byte[] mac = outer.Bytes(Limits.MacBytes, Limits.MacBytes);
            if (two && outer.Complete)
                header.ReadPayload(payload, mac);
            return header;
        }

        private void ReadPayload(byte[] payload, byte[] mac)
        {
            CborReader reader = new CborReader(payload, 0, payload.Length);
            if (reader.Map(HeaderPairs) != HeaderPairs)
                reader.Fail();
            reader.Pair(0, Version, Version);
            reader.Pair(1, HmacSha256, HmacSha256);
            int keyEpoch = (int)reader.Pair(2, 0, KeyEpochMax);
            Direction direction = (Direction)reader.Pair(3, 0, 1);
            reader.Key(4);
            string deviceId = reader.Ascii(Limits.DeviceIdCharsMax);
            MessageType type = (MessageType)reader.Pair(5, 0, 255);
            reader.Key(6);
            if (reader.Failed || !Utf8.IsDeviceId(deviceId))
                return;

            Malformed = false;
            Payload = payload;
            Mac = mac;
            KeyEpoch = keyEpoch;
            Direction = direction;
            DeviceId = deviceId;
            Type = type;
            BodyStart = reader.Position;
        }
    }
}
