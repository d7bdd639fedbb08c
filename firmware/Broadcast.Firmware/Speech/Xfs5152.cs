namespace Broadcast.Firmware.Speech;

/// <summary>
/// XFS5152CE (user development guide, chapter 8): FD, length high and low, command, encoding, text; no check. The chip takes 4 KB at
/// once; frames are kept smaller, because a long one would hold the serial line and the buffer for nothing.
/// </summary>
public sealed class Xfs5152 : ISpeechProtocol
{
    private const byte Speak = 0x01;
    private const byte Gb2312 = 0x00;
    private const byte Unicode = 0x03;
    private const int VolumeMax = 10;

    /// <inheritdoc />
    public int TextCharsMax => 100;

    /// <inheritdoc />
    // Chosen by two pins of the module; the board straps them to 9,600 so that either chip fits.
    public int Baud => 9_600;

    /// <inheritdoc />
    // The first of the alarm tones (guide, list of tones: sound3xx).
    public string ToneText => "sound301";

    /// <inheritdoc />
    public string Marks(int percent) => "[d][v" + (((percent * VolumeMax) + 50) / 100).ToString() + "][x0]";

    /// <inheritdoc />
    public int Text(byte[] frame, string text, int start, int count)
    {
        frame[4] = Unicode;
        for (int i = 0; i < count; i++)
        {
            // Low byte first (guide 8.2.1: 科 is D1 79).
            frame[5 + (2 * i)] = (byte)text[start + i];
            frame[6 + (2 * i)] = (byte)(text[start + i] >> 8);
        }

        return Close(frame, Speak, 5 + (2 * count));
    }

    /// <inheritdoc />
    public int Ascii(byte[] frame, string text)
    {
        frame[4] = Gb2312;
        for (int i = 0; i < text.Length; i++)
            frame[5 + i] = (byte)text[i];
        return Close(frame, Speak, 5 + text.Length);
    }

    /// <inheritdoc />
    public int Command(byte[] frame, ChipCommand command) => Close(frame, (byte)command, 4);

    private static int Close(byte[] frame, byte command, int end)
    {
        int length = end - 3;
        frame[0] = 0xFD;
        frame[1] = (byte)(length >> 8);
        frame[2] = (byte)length;
        frame[3] = command;
        return end;
    }
}
