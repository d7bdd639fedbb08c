namespace Broadcast.Device;

/// <summary>Initial bytes of CBOR's items (RFC 8949, section 3): the major type in the upper three bits.</summary>
internal static class Cbor
{
    internal const byte Unsigned = 0x00;
    internal const byte Negative = 0x20;
    internal const byte ByteString = 0x40;
    internal const byte TextString = 0x60;
    internal const byte Array = 0x80;
    internal const byte Map = 0xA0;
    internal const byte False = 0xF4;
    internal const byte True = 0xF5;
    internal const int MajorMask = 0xE0;
    internal const int InfoMask = 0x1F;
}
