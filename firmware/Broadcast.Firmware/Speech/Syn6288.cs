namespace Broadcast.Firmware.Speech;

/// <summary>
/// SYN6288 (data sheet of 2016-03-09, chapter 4): FD, length high and low, command, parameter, text, and the exclusive or of all
/// bytes before. At most 200 bytes of text. The parameter's low three bits name the encoding; its others a background music, none.
/// </summary>
public sealed class Syn6288 : ISpeechProtocol
{
    private const byte Speak = 0x01;
    private const byte Gbk = 0x01;
    private const byte Unicode = 0x03;
    private const int VolumeMax = 16;

    /// <summary>Largest frame: header, 200 bytes of text, check (data sheet 4.1).</summary>
    public const int FrameBytesMax = 206;

    /// <inheritdoc />
    public int TextCharsMax => 100;

    /// <inheritdoc />
    public int Baud => 9_600;

    /// <inheritdoc />
    // 紧急警报, four seconds (data sheet 6.1).
    public string ToneText => "soundr";

    /// <inheritdoc />
    // [d] everything as after a reset, [v] volume, [x0] "sounda" in a text is read and not played (5.1).
    public string Marks(int percent) => "[d][v" + (((percent * VolumeMax) + 50) / 100).ToString() + "][x0]";

    /// <inheritdoc />
    public int Text(byte[] frame, string text, int start, int count)
    {
        frame[4] = Unicode;
        for (int i = 0; i < count; i++)
        {
            // High byte first (data sheet 4.4.1: 天 is 59 29).
            frame[5 + (2 * i)] = (byte)(text[start + i] >> 8);
            frame[6 + (2 * i)] = (byte)text[start + i];
        }

        return Close(frame, Speak, 5 + (2 * count));
    }

    /// <inheritdoc />
    public int Ascii(byte[] frame, string text)
    {
        frame[4] = Gbk;
        for (int i = 0; i < text.Length; i++)
            frame[5 + i] = (byte)text[i];
        return Close(frame, Speak, 5 + text.Length);
    }

    /// <inheritdoc />
    public int Command(byte[] frame, ChipCommand command) => Close(frame, (byte)command, 4);

    private static int Close(byte[] frame, byte command, int end)
    {
        // The length counts what follows it, the check too.
        int length = end + 1 - 3;
        frame[0] = 0xFD;
        frame[1] = (byte)(length >> 8);
        frame[2] = (byte)length;
        frame[3] = command;
        byte check = 0;
        for (int i = 0; i < end; i++)
            check ^= frame[i];
        frame[end] = check;
        return end + 1;
    }
}
