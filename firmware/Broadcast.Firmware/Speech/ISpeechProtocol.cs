namespace Broadcast.Firmware.Speech;

/// <summary>The frames of one kind of speech chip; <see cref="SpeechChip"/> does the talking. All of them answer with the bytes of <see cref="ChipStatus"/>.</summary>
public interface ISpeechProtocol
{
    /// <summary>Most characters (UTF-16 units) of one text frame.</summary>
    int TextCharsMax { get; }

    /// <summary>Speed of the serial line after the chip's reset.</summary>
    int Baud { get; }

    /// <summary>What the chip plays as an alarm tone when it reads this text; a second or more each time.</summary>
    string ToneText { get; }

    /// <summary>Control marks that set the volume and everything else to known values.</summary>
    /// <param name="percent">0 to 100.</param>
    string Marks(int percent);

    /// <summary>Builds a frame that speaks characters <paramref name="start"/> to start + count of the text, as UTF-16. Gives its length.</summary>
    int Text(byte[] frame, string text, int start, int count);

    /// <summary>Builds a frame of ASCII: control marks, or the name of a tone. Gives its length.</summary>
    int Ascii(byte[] frame, string text);

    /// <summary>Builds a frame of a command without text. Gives its length.</summary>
    int Command(byte[] frame, ChipCommand command);
}

/// <summary>Commands that carry no text. The same numbers in both chips (SYN6288 data sheet 4.2, XFS5152CE guide 8.2).</summary>
public enum ChipCommand : byte
{
    /// <summary>Stops speaking.</summary>
    Stop = 0x02,
    /// <summary>Pauses.</summary>
    Pause = 0x03,
    /// <summary>Goes on.</summary>
    Resume = 0x04,
    /// <summary>Asks whether it speaks.</summary>
    Status = 0x21,
}

/// <summary>Bytes a chip sends. The same numbers in both chips (SYN6288 data sheet 2.2, XFS5152CE guide 8.2.5).</summary>
public static class ChipStatus
{
    /// <summary>It has started.</summary>
    public const byte Ready = 0x4A;

    /// <summary>The frame was taken.</summary>
    public const byte Taken = 0x41;

    /// <summary>The frame was not understood.</summary>
    public const byte Refused = 0x45;

    /// <summary>It speaks (an answer to <see cref="ChipCommand.Status"/>).</summary>
    public const byte Busy = 0x4E;

    /// <summary>It has said all of a frame, or is idle (an answer to <see cref="ChipCommand.Status"/>).</summary>
    public const byte Idle = 0x4F;
}
