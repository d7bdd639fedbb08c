using System;
using System.Security.Cryptography;
using System.Text;

namespace Broadcast.Device;

/// <summary>The scalars of the saved state.</summary>
internal sealed class SavedHeader
{
    internal int Boot { get; set; }

    internal long FloorMs { get; set; }

    internal long ReceiptNumber { get; set; }

    internal long FloorSequence { get; set; }

    internal long HighWater { get; set; }

    internal bool IsFloorKnown { get; set; }

    internal long RevokedUpTo { get; set; }
}

/// <summary>
/// The saved state: one CBOR array and a check value over it. The check value is an HMAC under a key that anyone can
/// derive from the device id: a checksum, not a secret. It finds torn and worn flash and a card from another device, it
/// runs in native code where a CRC would be interpreted, and it does not change when the order key does.
/// </summary>
internal static class SavedState
{
    private const int Version = 2;
    private const int Fields = 11;

    // As devices of before have it: without what is revoked.
    private const int OldVersion = 1;
    private const int OldFields = 10;

    internal static byte[] Encode(string deviceId, SavedHeader header, OrderMemory memory, PlayQueue queue, Outbox outbox)
    {
        CborWriter writer = new CborWriter(256 + (96 * memory.Count) + (96 * outbox.Count) + (512 * queue.Count));
        writer.Array(Fields);
        writer.Int(Version);
        writer.Int(header.Boot);
        writer.Int(header.FloorMs);
        writer.Int(header.ReceiptNumber);
        writer.Int(header.FloorSequence);
        writer.Int(header.HighWater);
        writer.Bool(header.IsFloorKnown);
        writer.Int(header.RevokedUpTo);
        WriteMemory(writer, memory);
        WriteQueue(writer, queue);
        writer.Array(outbox.Count);
        for (int i = 0; i < outbox.Count; i++)
            writer.Bytes(outbox.At(i).Receipt.Encode());

        byte[] content = writer.ToArray();
        byte[] state = new byte[content.Length + Limits.MacBytes];
        Array.Copy(content, 0, state, 0, content.Length);
        Array.Copy(CheckValue(deviceId, content), 0, state, content.Length, Limits.MacBytes);
        return state;
    }

    /// <summary>Reads a state into the empty parts; null, and the parts stay empty, when it is not one of this device and version.</summary>
    internal static SavedHeader? Restore(byte[] state, string deviceId, OrderMemory memory, PlayQueue queue, Outbox outbox)
    {
        int count = state.Length - Limits.MacBytes;
        if (count <= 0 || state.Length > Limits.StateBytesMax)
            return null;
        byte[] content = new byte[count];
        byte[] check = new byte[Limits.MacBytes];
        Array.Copy(state, 0, content, 0, count);
        Array.Copy(state, count, check, 0, Limits.MacBytes);
        if (!Envelope.SameBytes(CheckValue(deviceId, content), check))
            return null;

        // Read twice: first into parts that are thrown away, so that a state which turns out bad at its end leaves no trace.
        CborReader trial = new CborReader(content, 0, count);
        Read(trial, new OrderMemory(), new PlayQueue(), new Outbox());
        return trial.Complete ? Read(new CborReader(content, 0, count), memory, queue, outbox) : null;
    }

    private static SavedHeader Read(CborReader reader, OrderMemory memory, PlayQueue queue, Outbox outbox)
    {
        int fields = reader.Array(Fields);
        if (fields != Fields && fields != OldFields)
            reader.Fail();
        if (reader.Int() != (fields == Fields ? Version : OldVersion))
            reader.Fail();
        SavedHeader header = new SavedHeader
        {
            Boot = (int)reader.Int(0, int.MaxValue - 1),
            FloorMs = reader.Int(0, Limits.WallMsMax),
            ReceiptNumber = reader.Int(0, long.MaxValue - Limits.ReceiptNumbersReserved),
            FloorSequence = reader.Int(0, long.MaxValue),
            HighWater = reader.Int(0, long.MaxValue),
            IsFloorKnown = reader.Bool(),
            RevokedUpTo = fields == Fields ? reader.Int(0, Limits.WallMsMax) : 0,
        };
        memory.Restore(header.FloorSequence, header.HighWater, header.IsFloorKnown);
        ReadMemory(reader, memory);
        ReadQueue(reader, memory, queue);
        for (int left = reader.Array(Limits.OutboxReceiptsMax); left > 0 && !reader.Failed; left--)
        {
            Receipt? receipt = ReadReceipt(reader);
            if (receipt != null)
                outbox.Restore(receipt);
        }

        return header;
    }

    private static void WriteMemory(CborWriter writer, OrderMemory memory)
    {
        writer.Array(memory.Count);
        for (int i = 0; i < memory.Count; i++)
        {
            RememberedOrder order = memory.At(i);
            writer.Array(3);
            writer.Bytes(order.Last.Encode());
            writer.Bool(order.IsCancel);
            writer.Int(order.ExpiresMs);
        }
    }

    private static void ReadMemory(CborReader reader, OrderMemory memory)
    {
        for (int left = reader.Array(Limits.RememberedOrdersMax); left > 0 && !reader.Failed; left--)
        {
            if (reader.Array(3) != 3)
                reader.Fail();
            Receipt? last = ReadReceipt(reader);
            bool isCancel = reader.Bool();
            long expiresMs = reader.Int(0, Limits.WallMsMax);
            if (last != null)
                memory.RestoreOrder(new RememberedOrder(last, isCancel, expiresMs));
        }
    }

    private static void WriteQueue(CborWriter writer, PlayQueue queue)
    {
        int kept = 0;
        for (int i = 0; i < queue.Count; i++)
            kept += queue.At(i).Order.IsMomentary ? 0 : 1;
        writer.Array(kept);
        for (int i = 0; i < queue.Count; i++)
        {
            QueuedOrder queued = queue.At(i);
            if (queued.Order.IsMomentary)
                continue;
            writer.Array(3);
            writer.Bytes(queued.Order.Encode());
            writer.Int(queued.Attempt);
            writer.Bool(queued.IsPlaying);
        }
    }

    private static void ReadQueue(CborReader reader, OrderMemory memory, PlayQueue queue)
    {
        for (int left = reader.Array(Limits.QueueOrdersMax); left > 0 && !reader.Failed; left--)
        {
            if (reader.Array(3) != 3)
                reader.Fail();
            Order? order = Order.Decode(reader.Bytes(1, Limits.FrameBytesMax));
            int attempt = (int)reader.Int(0, int.MaxValue - 1);
            bool wasPlaying = reader.Bool();
            RememberedOrder? known = order == null ? null : memory.Find(order.WarningId, order.Revision, false);
            if (reader.Failed || order == null || known == null || order.Kind == OrderKind.Cancel || order.Check() != Refusal.None)
            {
                reader.Fail();
                return;
            }

            queue.Add(new QueuedOrder(order, known) { Attempt = attempt, IsPlaying = wasPlaying });
        }
    }

    private static Receipt? ReadReceipt(CborReader reader)
    {
        Receipt? receipt = Receipt.Decode(reader.Bytes(1, 128));
        if (receipt == null)
            reader.Fail();
        return receipt;
    }

    private static byte[] CheckValue(string deviceId, byte[] content) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes("broadcast/state/v1/" + deviceId), content);
}
