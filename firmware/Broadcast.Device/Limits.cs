namespace Broadcast.Device;

/// <summary>
/// Every bound of the wire and of the device core, each with its reason. The relations between them are asserted by
/// <c>LimitsTests</c>: whoever changes one number sees there which others it touches.
/// </summary>
public static class Limits
{
    /// <summary>Longest device id in characters (ASCII). Long enough for a 20-digit SIM number or a board's serial, short enough for a topic.</summary>
    public const int DeviceIdCharsMax = 32;

    /// <summary>Longest text of an order in UTF-8 bytes: 500 Chinese characters, about two minutes of speech.</summary>
    public const int TextBytesMax = 1500;

    /// <summary>Longest event code in characters (ASCII), such as <c>11B03</c>.</summary>
    public const int EventCharsMax = 16;

    /// <summary>Longest language tag in characters (ASCII), such as <c>zh-Hans-CN</c>.</summary>
    public const int LanguageCharsMax = 16;

    /// <summary>Longest firmware or board name in characters (ASCII).</summary>
    public const int NameCharsMax = 32;

    /// <summary>Longest frame in bytes. The largest order (see <see cref="TextBytesMax"/>) fits, and so does a microcontroller's receive buffer.</summary>
    public const int FrameBytesMax = 2048;

    /// <summary>Bytes of the authenticator that ends a frame: all of HMAC-SHA-256.</summary>
    public const int MacBytes = 32;

    /// <summary>Bytes of a warning id (128 bits).</summary>
    public const int WarningIdBytes = 16;

    /// <summary>Bytes of the nonce of a hello: never drawn twice in a device's life.</summary>
    public const int NonceBytes = 16;

    /// <summary>Bytes of the name of a recording: its SHA-256.</summary>
    public const int AudioHashBytes = 32;

    /// <summary>Largest recording in bytes: ten minutes of any compressed form, six of plain samples.</summary>
    public const int AudioBytesMax = 16_777_216;

    /// <summary>Longest recording in milliseconds: decoded it is 26 MB, which a gateway still holds in memory.</summary>
    public const int AudioMsMax = 600_000;

    /// <summary>
    /// How far the time of an audio ticket may be from the cloud's, in milliseconds: ten minutes, because a ticket names one recording
    /// and says nothing that its holder could not ask for again.
    /// </summary>
    public const long AudioTicketMs = 600_000;

    /// <summary>Deepest nesting a decoder follows. Our deepest frame has two levels, the saved state three; the rest is room for later fields.</summary>
    public const int DepthMax = 6;

    /// <summary>Body keys below this number are critical: a decoder that does not know one refuses the message. Keys from here on may be ignored.</summary>
    public const int IgnorableKeyMin = 64;

    /// <summary>Most repetitions of a text in one playback: a longer siege is another order.</summary>
    public const int RepetitionsMax = 20;

    /// <summary>Longest tone before the text in milliseconds. A siren test signal of three minutes is the longest in use.</summary>
    public const int ToneMsMax = 180_000;

    /// <summary>Orders that wait or play at once. Sixteen full texts are 25 KB of a microcontroller's memory.</summary>
    public const int QueueOrdersMax = 16;

    /// <summary>Places in the queue that only actual warnings (and local alarms) may take: one that plays and one that waits.</summary>
    public const int QueueOrdersKeptForActual = 2;

    /// <summary>
    /// Share of a playback, in percent of the time in which something was to be heard, that must have been measured loud enough
    /// before it counts as verified audible. Four fifths: a listener who lost more than that has not understood the warning.
    /// </summary>
    public const int AudiblePercentMin = 80;

    /// <summary>
    /// Orders whose ids the device remembers. A hundred may be overtaken by one red and still be new (design); the rest is
    /// a busy week of programmes.
    /// </summary>
    public const int RememberedOrdersMax = 256;

    /// <summary>
    /// Time a remembered order outlives its expiry, in milliseconds: an older revision that a dying session delivers late
    /// is still known to be superseded. Given up early when the memory is full.
    /// </summary>
    public const long RememberGraceMs = 3_600_000;

    /// <summary>Receipts that wait for the link. An order makes three, so that a day off line keeps every final state of forty orders.</summary>
    public const int OutboxReceiptsMax = 128;

    /// <summary>Receipts offered to the link and not yet acknowledged: what a small body's send window holds.</summary>
    public const int OutboxInFlightMax = 16;

    /// <summary>
    /// Receipt numbers that a boot skips. Refusals that change nothing are numbered but not saved; skipping keeps a number
    /// from being given twice when the power goes before the next save.
    /// </summary>
    public const int ReceiptNumbersReserved = 256;

    /// <summary>Time between a hello and its repetition, in milliseconds; doubled after each up to <see cref="HelloRetryMsMax"/>.</summary>
    public const long HelloRetryMs = 10_000;

    /// <summary>Longest time between two hellos, in milliseconds: a minute without an answer costs one frame.</summary>
    public const long HelloRetryMsMax = 60_000;

    /// <summary>Time before a frame is offered again that the link did not take, in milliseconds.</summary>
    public const long OutboxRetryMs = 1_000;

    /// <summary>Time between two reports when the welcome names none, in seconds.</summary>
    public const int ReportSecondsDefault = 300;

    /// <summary>Shortest time between two regular reports that a welcome may ask for, in seconds.</summary>
    public const int ReportSecondsMin = 10;

    /// <summary>Longest time between two regular reports that a welcome may ask for, in seconds: a day.</summary>
    public const int ReportSecondsMax = 86_400;

    /// <summary>Least time between two reports outside the rhythm (refusals, mains, faults), in milliseconds: forged frames cannot make the device talk more.</summary>
    public const long EarlyReportMsMin = 10_000;

    /// <summary>Least time between two reports that pings ask for, in milliseconds.</summary>
    public const long PingReportMsMin = 1_000;

    /// <summary>Time between two saves that only carry the time floor forward, in milliseconds: 24 flash writes a day.</summary>
    public const long FloorSaveMs = 3_600_000;

    /// <summary>Time before a save is tried again that failed, in milliseconds, when nothing new has to be saved.</summary>
    public const long SaveRetryMs = 10_000;

    /// <summary>
    /// Orders released longer ago than this are refused by a device that has no saved state, in milliseconds. A sequence is
    /// the UTC millisecond of its release or a little more, so the first welcome can stand in for the lost sequence floor.
    /// A day, because silence is worse than saying a still-valid warning of today twice.
    /// </summary>
    public const long LostStateHorizonMs = 86_400_000;

    /// <summary>Largest saved state in bytes, everything full. What is larger is not ours and is not read.</summary>
    public const int StateBytesMax = 65_536;

    /// <summary>Earliest time a welcome may tell (2024-01-01 UTC, in milliseconds): before this there was no such system.</summary>
    public const long WallMsMin = 1_704_067_200_000;

    /// <summary>Latest time a welcome may tell (2100-01-01 UTC, in milliseconds).</summary>
    public const long WallMsMax = 4_102_444_800_000;

    /// <summary>Longest stretch that one reading tells of, in seconds: a day, for what a long outage has thinned.</summary>
    public const int ReadingSecondsMax = 86_400;

    /// <summary>Greatest value of a sensor on the wire, in its unit: 10 km of level and a kilometre of rain are beyond any.</summary>
    public const int SensorValueMax = 10_000_000;

    /// <summary>Greatest battery voltage on the wire, in millivolts.</summary>
    public const int BatteryMillivoltsMax = 1_000_000;

    /// <summary>Children of a township's Pi: a large township has forty villages, some with more than one site.</summary>
    public const int ChildrenMax = 64;

    /// <summary>Children in one part of the list that a Pi is sent: 110 bytes each, so that a part fits a frame.</summary>
    public const int ChildrenOfPartMax = 16;

    /// <summary>Parts of that list.</summary>
    public const int TownshipPartsMax = ChildrenMax / ChildrenOfPartMax;

    /// <summary>
    /// Orders under delegated keys that a device remembers at once, of <see cref="RememberedOrdersMax"/>. So few that a Pi which
    /// misuses its key pushes nothing of the cloud's out of the memory.
    /// </summary>
    public const int DelegatedOrdersMax = 16;

    /// <summary>Local notices among them: the other places are for local alarms alone.</summary>
    public const int DelegatedNoticesMax = 8;
}
