using System.Buffers.Binary;

namespace Broadcast.Edge.Sensors;

/// <summary>Modbus RTU frames of the one function that a gauge needs: read holding registers (3), one register.</summary>
internal static class ModbusFrame
{
    public const int RequestBytes = 8;

    /// <summary>Unit, function, byte count, one register, CRC.</summary>
    public const int AnswerBytes = 7;

    /// <summary>Unit, function with the error bit, exception code, CRC.</summary>
    public const int ExceptionBytes = 5;

    private const byte ReadHoldingRegisters = 3;
    private const byte ErrorBit = 0x80;

    public static byte[] Request(int unit, int register)
    {
        var frame = new byte[RequestBytes];
        frame[0] = (byte)unit;
        frame[1] = ReadHoldingRegisters;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)register);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(6), Crc(frame.AsSpan(0, 6)));
        return frame;
    }

    /// <summary>How long the answer will be, from its first two bytes.</summary>
    public static int LengthOf(ReadOnlySpan<byte> begin) => begin.Length >= 2 && (begin[1] & ErrorBit) != 0 ? ExceptionBytes : AnswerBytes;

    /// <summary>The register's value; null, and why, for anything but a whole and true answer of this unit.</summary>
    public static ushort? Value(ReadOnlySpan<byte> answer, int unit, out string why)
    {
        why = "";
        if (answer.Length < ExceptionBytes) why = answer.Length == 0 ? "no answer" : $"a torn answer of {answer.Length} bytes";
        else if (BinaryPrimitives.ReadUInt16LittleEndian(answer[^2..]) != Crc(answer[..^2])) why = "an answer with a wrong check value";
        else if (answer[0] != unit) why = $"an answer of unit {answer[0]}";
        else if (answer[1] == (ReadHoldingRegisters | ErrorBit)) why = $"Modbus exception {answer[2]}";
        else if (answer.Length != AnswerBytes || answer[1] != ReadHoldingRegisters || answer[2] != 2) why = "an answer to another question";
        return why.Length == 0 ? BinaryPrimitives.ReadUInt16BigEndian(answer[3..]) : null;
    }

    /// <summary>CRC-16 of Modbus: polynomial 0xA001 reflected, from 0xFFFF, low byte first on the wire.</summary>
    public static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFF;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1;
        }
        return (ushort)crc;
    }
}
