namespace Broadcast.Firmware.Speech;

/// <summary>Cuts a text into parts that fit a frame, behind punctuation where there is any, so that no word is torn (SYN6288 data sheet 4.3.3).</summary>
public static class TextCutter
{
    private const string Sentence = "。!?！？;；\n";
    private const string Clause = "，,、:： ";

    /// <summary>Gives how many characters of the text, from <paramref name="start"/> on, the next part has; 0 at the end.</summary>
    public static int Next(string text, int start, int charsMax)
    {
        int left = text.Length - start;
        if (left <= charsMax)
            return left;
        // A cut in the first half would make many small parts; each part costs a breath.
        int count = LastOf(Sentence, text, start + (charsMax / 2), start + charsMax);
        if (count < 0)
            count = LastOf(Clause, text, start + (charsMax / 2), start + charsMax);
        return count < 0 ? charsMax : count - start;
    }

    /// <summary>
    /// The text as a chip may read it: brackets would be control marks and could silence the warning, so they become full-width
    /// ones; what is outside the basic plane no chip can read.
    /// </summary>
    public static string Readable(string text)
    {
        char[] read = text.ToCharArray();
        for (int i = 0; i < read.Length; i++)
        {
            char c = read[i];
            if (c == '[')
                read[i] = '（';
            else if (c == ']')
                read[i] = '）';
            else if (c < ' ' || (c >= '\uD800' && c <= '\uDFFF'))
                read[i] = ' ';
        }

        return new string(read);
    }

    private static int LastOf(string marks, string text, int from, int to)
    {
        for (int i = to - 1; i >= from; i--)
        {
            if (marks.IndexOf(text[i]) >= 0)
                return i + 1;
        }

        return -1;
    }
}
