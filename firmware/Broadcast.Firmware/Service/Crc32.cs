namespace Broadcast.Firmware.Service;

/// <summary>CRC-32 (IEEE 802.3) by half bytes: sixteen numbers of table. For service lines; what lies in flash is checked by native code.</summary>
public static class Crc32
{
    private static readonly uint[] s_table =
    {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };

    /// <summary>The check of the first <paramref name="count"/> bytes.</summary>
    public static uint Of(byte[] bytes, int count)
    {
        uint crc = 0xFFFFFFFF;
        for (int i = 0; i < count; i++)
        {
            crc ^= bytes[i];
            crc = (crc >> 4) ^ s_table[(int)(crc & 15)];
            crc = (crc >> 4) ^ s_table[(int)(crc & 15)];
        }

        return ~crc;
    }
}
