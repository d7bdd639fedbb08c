namespace Broadcast.Device;

/// <summary>What text from outside may be: well-formed UTF-8 (RFC 3629) without control characters. A speech synthesiser reads it aloud.</summary>
public static class Utf8
{
    /// <summary>
    /// Whether the bytes are well-formed (no overlong form, surrogate or code point beyond U+10FFFF) and hold no control
    /// character (U+0000–U+001F, U+007F–U+009F) but the newline.
    /// </summary>
    public static bool IsText(byte[] data, int start, int count)
    {
        int at = start;
        int end = start + count;
        while (at < end)
        {
            int lead = data[at];
            if (lead < 0x80)
            {
                if ((lead < 0x20 && lead != '\n') || lead == 0x7F)
                    return false;
                at++;
                continue;
            }

            int more = lead < 0xC2 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : 0;
            if (more == 0 || more >= end - at || !SecondFits(lead, data[at + 1]))
                return false;
            for (int i = 2; i <= more; i++)
            {
                if ((data[at + i] & 0xC0) != 0x80)
                    return false;
            }

            at += more + 1;
        }

        return true;
    }

    /// <summary>Whether the bytes are ASCII from space to tilde.</summary>
    public static bool IsPrintableAscii(byte[] data, int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            if (data[i] < 0x20 || data[i] > 0x7E)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Whether <paramref name="id"/> can be a device id: 1 to <see cref="Limits.DeviceIdCharsMax"/> of ASCII letters, digits,
    /// <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>; nothing that means something in a topic.
    /// </summary>
    public static bool IsDeviceId(string id)
    {
        if (id.Length == 0 || id.Length > Limits.DeviceIdCharsMax)
            return false;
        foreach (char c in id)
        {
            bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || c == '-' || c == '_' || c == '.' || c == ':';
            if (!allowed)
                return false;
        }

        return true;
    }

    /// <summary>Bytes that <paramref name="text"/> takes as UTF-8, counted without encoding it.</summary>
    public static int BytesOf(string text)
    {
        int bytes = 0;
        foreach (char c in text)
        {
            // A pair of surrogates is one code point of four bytes: two for each half.
            bool half = c >= 0xD800 && c <= 0xDFFF;
            bytes += c < 0x80 ? 1 : c < 0x800 || half ? 2 : 3;
        }

        return bytes;
    }

    // The second byte closes what the lead leaves open: overlong forms, surrogates, beyond U+10FFFF, and the C1 controls.
    private static bool SecondFits(int lead, int second)
    {
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : lead == 0xC2 ? 0xA0 : 0x80;
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most;
    }
}
