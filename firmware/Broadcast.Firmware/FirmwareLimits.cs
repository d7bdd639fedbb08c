using Broadcast.Device;

namespace Broadcast.Firmware;

/// <summary>
/// What the microcontroller's memory and flash are divided into, each with its reason; docs/firmware.md holds the table and
/// FirmwareBudgetTests the relations between the numbers.
/// </summary>
public static class FirmwareLimits
{
    /// <summary>Letters from the link that wait for the loop. The loop takes them within milliseconds; a burst of a full acknowledgement window and as many orders fits.</summary>
    public const int LettersMax = 2 * Limits.OutboxInFlightMax;

    /// <summary>Messages inside the MQTT client, in both directions: the window, and room for what comes meanwhile.</summary>
    public const int MqttQueueMax = 2 * Limits.OutboxInFlightMax;

    /// <summary>Keep-alive in seconds: the cloud calls a device offline after one and a half of it.</summary>
    public const ushort KeepAliveSeconds = 40;

    /// <summary>Bytes of one of the two slots of the core's state: a full state, and room so that ordinary ones, some KB, share an erase.</summary>
    public const int StateSlotBytes = 81_920;

    /// <summary>Bytes of one of the two slots of the settings: a certificate, phrases, and room.</summary>
    public const int SettingsSlotBytes = 16_384;

    /// <summary>Bytes of one of the two slots of the journal: a full one, and room so that ordinary ones, some hundred bytes, share an erase.</summary>
    public const int JournalSlotBytes = 12_288;

    /// <summary>Bytes of one of the two slots of what the cloud wants of the site: a sector of the flash.</summary>
    public const int WishesSlotBytes = 4_096;

    /// <summary>Alarms that wait for the cloud. A site that floods makes a handful; when more wait the oldest go.</summary>
    public const int JournalAlarmsMax = 32;

    /// <summary>Readings that wait for the cloud: eight hours of five minutes each, thinned to hours (four days) and to days before any is lost.</summary>
    public const int JournalReadingsMax = 96;

    /// <summary>Time between two readings for the cloud, in milliseconds.</summary>
    public const long ReadingMs = 300_000;

    /// <summary>Tips after which a reading does not wait for its time: what a power cut can take is less than two millimetres of rain, and five minutes.</summary>
    public const int ReadingTipsMax = 10;

    /// <summary>Largest journal in bytes: an alarm takes 64, a reading 52, the day's rain and the rest 256.</summary>
    public const int JournalBytesMax = 8_192;

    /// <summary>Bytes of one of the two slots of the restart mark: a hundred marks share an erase.</summary>
    public const int MarkSlotBytes = 4_096;

    /// <summary>Longest text of all settings in bytes: two of them fit into a slot.</summary>
    public const int SettingsBytesMax = 8_000;

    /// <summary>Longest certificate of an authority in bytes (DER). An RSA-4096 root has about 1,400.</summary>
    public const int AuthorityBytesMax = 2_048;

    /// <summary>Longest line on the service port in bytes.</summary>
    public const int ServiceLineBytesMax = 256;

    /// <summary>Longest stored phrase in characters: half a minute of speech.</summary>
    public const int PhraseCharsMax = 100;

    /// <summary>Stored phrases of a site: one for each stage of the local alarm and six of the village's own.</summary>
    public const int PhrasesMax = 8;

    /// <summary>Longest wait of the loop in milliseconds: sensors and the siren's maximum are looked at that often.</summary>
    public const int LoopWaitMsMax = 500;

    /// <summary>Wait of the loop while the speech chip speaks, in milliseconds: its status bytes are a part's length apart.</summary>
    public const int SpeakingWaitMs = 20;

    /// <summary>The loop has not come round for this long, in milliseconds: the guard restarts the board. The longest honest step is a full save, some seconds.</summary>
    public const long LoopHungMs = 60_000;

    /// <summary>Memory of letters that wait, all of them frames of full length, in bytes.</summary>
    public const int LetterBytesMax = LettersMax * Limits.FrameBytesMax;

    /// <summary>Memory of messages inside the MQTT client, all of full length, in bytes.</summary>
    public const int MqttBytesMax = MqttQueueMax * Limits.FrameBytesMax;

    /// <summary>Memory of the core's orders that play or wait, all with full texts, in bytes: text and its fields.</summary>
    public const int QueueBytesMax = Limits.QueueOrdersMax * 2_560;

    /// <summary>Memory of remembered orders and unsent receipts, in bytes: a receipt with its id takes some 200.</summary>
    public const int MemoryBytesMax = (Limits.RememberedOrdersMax + Limits.OutboxReceiptsMax) * 256;

    /// <summary>Memory while a full state is saved or restored, in bytes: its encoding, the check, and what is read back.</summary>
    public const int SaveBytesMax = 3 * Limits.StateBytesMax;

    /// <summary>Memory of settings, phrases, staged settings and the certificate, in bytes.</summary>
    public const int SettingsMemoryBytesMax = (3 * SettingsBytesMax) + AuthorityBytesMax;

    /// <summary>Memory of alarms and readings that wait, and of the journal while it is written, in bytes: an entry takes some 160.</summary>
    public const int JournalMemoryBytesMax = ((JournalAlarmsMax + JournalReadingsMax) * 160) + (3 * JournalBytesMax);

    /// <summary>TLS below the interpreter, in bytes: two record buffers of 16 KB and a handshake.</summary>
    public const int TlsBytesMax = 65_536;

    /// <summary>Stacks of the loop, the link's thread, the MQTT client's four and the guard's, in bytes.</summary>
    public const int StackBytesMax = 7 * 8_192;

    /// <summary>All of it with everything full at once. An ESP32 without PSRAM has about 100 KB for the interpreter: the board has a WROVER module.</summary>
    public const int HeapBytesMax = LetterBytesMax + MqttBytesMax + QueueBytesMax + MemoryBytesMax + SaveBytesMax + SettingsMemoryBytesMax + JournalMemoryBytesMax + TlsBytesMax + StackBytesMax;

    /// <summary>Flash of the file system, in bytes: what nanoFramework's ESP32 image with 4 MB leaves to it.</summary>
    public const int FlashBytesMax = 262_144;
}
