namespace Broadcast.Device;

/// <summary>
/// One revision of a warning for one device: what to say, until when, and how it ranks. Travels inside an authenticated
/// frame; <see cref="Decode"/> reads the form, <see cref="Check"/> judges the content.
/// </summary>
public sealed class Order
{
    private const int KnownPairs = 16;

    // Ignorable: a device that plays no recordings says the text.
    private const int AudioKey = Limits.IgnorableKeyMin;

    // Wide enough to read what is too long and say so, instead of calling it malformed.
    private const int TextBytesRead = Limits.FrameBytesMax;

    /// <summary>Id of the warning, <see cref="Limits.WarningIdBytes"/> bytes.</summary>
    public byte[] WarningId { get; set; } = new byte[Limits.WarningIdBytes];

    /// <summary>Revision of the warning, 0 or more; an update has a greater one than what it replaces.</summary>
    public int Revision { get; set; }

    /// <summary>What the order does.</summary>
    public OrderKind Kind { get; set; }

    /// <summary>What the warning is for.</summary>
    public WarningClass Class { get; set; }

    /// <summary>How grave it is.</summary>
    public WarningLevel Level { get; set; }

    /// <summary>Rank of who issued it.</summary>
    public RegionLevel Issuer { get; set; }

    /// <summary>Event code, ASCII, at most <see cref="Limits.EventCharsMax"/> characters; may be empty.</summary>
    public string Event { get; set; } = "";

    /// <summary>Place in the order of releases to this device: greater than every earlier one, near the UTC millisecond of the release.</summary>
    public long Sequence { get; set; }

    /// <summary>UTC milliseconds before which it does not play.</summary>
    public long NotBeforeMs { get; set; }

    /// <summary>UTC milliseconds from which it no longer begins to play. For a cancel: until when it is remembered, no earlier than the expiry of what it cancels.</summary>
    public long ExpiresMs { get; set; }

    /// <summary>Language tag of the text, ASCII, at most <see cref="Limits.LanguageCharsMax"/> characters, such as <c>zh-CN</c>.</summary>
    public string Language { get; set; } = "zh-CN";

    /// <summary>What is said, at most <see cref="Limits.TextBytesMax"/> bytes of UTF-8; empty for a cancel or a tone alone.</summary>
    public string Text { get; set; } = "";

    /// <summary>How often the text is said in one playback, 1 to <see cref="Limits.RepetitionsMax"/>; 0 only for a cancel.</summary>
    public int Repetitions { get; set; } = 1;

    /// <summary>Loudness in percent of the site's full volume, 0 to 100.</summary>
    public int Volume { get; set; } = 100;

    /// <summary>Length of the tone before the text in milliseconds, 0 to <see cref="Limits.ToneMsMax"/>.</summary>
    public int ToneMs { get; set; }

    /// <summary>Whether the siren sounds; honoured for <see cref="WarningClass.Actual"/>, <see cref="WarningClass.LocalAlarm"/> and <see cref="WarningClass.SirenTest"/> only (R7).</summary>
    public bool Siren { get; set; }

    /// <summary>
    /// SHA-256 of the recording that is played instead of the text, <see cref="Limits.AudioHashBytes"/> bytes; empty for none. A body
    /// that cannot have the recording in time says <see cref="Text"/>.
    /// </summary>
    public byte[] Audio { get; set; } = new byte[0];

    /// <summary>
    /// Who ordered it, where that was neither the cloud nor the site's own sensors: the device id of a township's Pi, or the device's own for a notice that
    /// was given at its own page. Empty otherwise. Not on the wire: the core sets it, and receipts tell it.
    /// </summary>
    public string OrderedBy { get; set; } = "";

    /// <summary><see cref="OrderedBy"/> of what somebody says into the site's own microphone while a button is held. No device has this id.</summary>
    public const string TalkButton = "talk-button";

    /// <summary>Whether it lives only while somebody holds a button: never saved, never held back, and withdrawn when the button is let go.</summary>
    internal bool IsMomentary => OrderedBy == TalkButton;

    /// <summary>Whether a recording is to be played instead of the text.</summary>
    public bool HasAudio => Audio.Length == Limits.AudioHashBytes;

    /// <summary>Whether this class ranks, restarts and opens the siren as a warning of a real danger.</summary>
    public bool IsActual => Class == WarningClass.Actual || Class == WarningClass.LocalAlarm;

    /// <summary>Whether the siren is opened: the order asks for it and its class may (R7).</summary>
    public bool OpensSiren => Siren && (IsActual || Class == WarningClass.SirenTest);

    /// <summary>
    /// What a body says: an exercise or test says so before and after (R7), whatever its text; every other class says its text.
    /// </summary>
    public string SpokenText() => SpokenBefore() + Text + SpokenAfter();

    /// <summary>What is said before the text or the recording: that this is an exercise or a test; empty for every other class.</summary>
    public string SpokenBefore()
    {
        if (Class == WarningClass.Exercise)
            return IsEnglish ? "This is an exercise. " : "这是演习。";
        return IsTest ? IsEnglish ? "This is a test. " : "这是测试。" : "";
    }

    /// <summary>What is said after the text or the recording; see <see cref="SpokenBefore"/>.</summary>
    public string SpokenAfter()
    {
        if (Class == WarningClass.Exercise)
            return IsEnglish ? " This was an exercise." : "以上是演习。";
        return IsTest ? IsEnglish ? " This was a test." : "以上是测试。" : "";
    }

    private bool IsEnglish => Language.StartsWith("en");

    private bool IsTest => Class == WarningClass.Test || Class == WarningClass.SirenTest;

    /// <summary>Judges the content: None, or Unsupported (a number from a later version), TooLong (the text) or Malformed (a value out of its range).</summary>
    public Refusal Check()
    {
        if (Kind > OrderKind.Cancel || Class > WarningClass.LiveSpeech || Level > WarningLevel.Blue || Issuer > RegionLevel.Village)
            return Refusal.Unsupported;
        if (Utf8.BytesOf(Text) > Limits.TextBytesMax)
            return Refusal.TooLong;
        if (Kind == OrderKind.Cancel)
            return Refusal.None;

        bool silent = Text.Length == 0 && ToneMs == 0 && !Siren;
        bool inRange = Repetitions >= 1 && Repetitions <= Limits.RepetitionsMax && Volume <= 100 && ToneMs <= Limits.ToneMsMax
            && ExpiresMs > NotBeforeMs && !silent;
        return inRange ? Refusal.None : Refusal.Malformed;
    }

    /// <summary>The encoded body map. Values out of their ranges are encoded as they are, and the device refuses them.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(128 + Audio.Length + (3 * Text.Length));
        writer.Map(Audio.Length == 0 ? KnownPairs : KnownPairs + 1);
        writer.Int(0);
        writer.Bytes(WarningId);
        writer.Pair(1, Revision);
        writer.Pair(2, (int)Kind);
        writer.Pair(3, (int)Class);
        writer.Pair(4, (int)Level);
        writer.Pair(5, (int)Issuer);
        writer.Int(6);
        writer.Text(Event);
        writer.Pair(7, Sequence);
        writer.Pair(8, NotBeforeMs);
        writer.Pair(9, ExpiresMs);
        writer.Int(10);
        writer.Text(Language);
        writer.Int(11);
        writer.Text(Text);
        writer.Pair(12, Repetitions);
        writer.Pair(13, Volume);
        writer.Pair(14, ToneMs);
        writer.Int(15);
        writer.Bool(Siren);
        if (Audio.Length > 0)
        {
            writer.Int(AudioKey);
            writer.Bytes(Audio);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static Order? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        Order order = new Order();
        reader.Key(0);
        order.WarningId = reader.Bytes(Limits.WarningIdBytes, Limits.WarningIdBytes);
        order.Revision = (int)reader.Pair(1, 0, int.MaxValue);
        order.Kind = (OrderKind)reader.Pair(2, 0, 255);
        order.Class = (WarningClass)reader.Pair(3, 0, 255);
        order.Level = (WarningLevel)reader.Pair(4, 0, 255);
        order.Issuer = (RegionLevel)reader.Pair(5, 0, 255);
        reader.Key(6);
        order.Event = reader.Ascii(Limits.EventCharsMax);
        order.Sequence = reader.Pair(7, 1, long.MaxValue);
        order.NotBeforeMs = reader.Pair(8, 0, Limits.WallMsMax);
        order.ExpiresMs = reader.Pair(9, 0, Limits.WallMsMax);
        reader.Key(10);
        order.Language = reader.Ascii(Limits.LanguageCharsMax);
        reader.Key(11);
        order.Text = reader.Text(TextBytesRead);
        order.Repetitions = (int)reader.Pair(12, 0, int.MaxValue);
        order.Volume = (int)reader.Pair(13, 0, int.MaxValue);
        order.ToneMs = (int)reader.Pair(14, 0, int.MaxValue);
        reader.Key(15);
        order.Siren = reader.Bool();
        if (pairs > KnownPairs && reader.TakeKey(AudioKey))
        {
            order.Audio = reader.Bytes(Limits.AudioHashBytes, Limits.AudioHashBytes);
            reader.Rest(pairs, KnownPairs + 1, AudioKey);
        }
        else
        {
            reader.Rest(pairs, KnownPairs);
        }

        return reader.Complete ? order : null;
    }
}
