namespace Broadcast.Firmware;

/// <summary>Bytes as hexadecimal digits.</summary>
internal static class Hex
{
    private const string Digits = "0123456789abcdef";

    /// <summary>The bytes; none at all when the text is not hexadecimal.</summary>
    internal static byte[] Decode(string text)
    {
        if (text.Length % 2 != 0)
            return new byte[0];
        byte[] bytes = new byte[text.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            int high = Value(text[2 * i]);
            int low = Value(text[(2 * i) + 1]);
            if (high < 0 || low < 0)
                return new byte[0];
            bytes[i] = (byte)((high << 4) | low);
        }

        return bytes;
    }

    /// <summary>The last <paramref name="digits"/> digits of a number.</summary>
    internal static string Of(uint value, int digits)
    {
        char[] text = new char[digits];
        for (int i = digits - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(value & 15)];
            value >>= 4;
        }

        return new string(text);
    }

    private static int Value(char digit) =>
        digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}
