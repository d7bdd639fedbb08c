using System;

namespace Broadcast.Device;

// The numbers are wire values: they are never given a second meaning and never renumbered (wire.cddl, vectors.txt).

/// <summary>What a warning is for. Classes never mix (R7).</summary>
public enum WarningClass : byte
{
    /// <summary>A warning of a real danger.</summary>
    Actual = 0,
    /// <summary>An exercise; says so before and after.</summary>
    Exercise = 1,
    /// <summary>A test of the loudspeakers; says so before and after.</summary>
    Test = 2,
    /// <summary>A test that opens the siren; its own class with its own authority.</summary>
    SirenTest = 3,
    /// <summary>A scheduled daily broadcast.</summary>
    Programme = 4,
    /// <summary>A notice of the village or township.</summary>
    LocalNotice = 5,
    /// <summary>A warning raised from a site's own sensors; ranks as <see cref="Actual"/>.</summary>
    LocalAlarm = 6,
    /// <summary>Somebody speaks into a microphone now; for bodies that can take a stream (<see cref="ILiveBody"/>).</summary>
    LiveSpeech = 7,
}

/// <summary>How grave a warning is. An all-clear carries the level of what it clears.</summary>
public enum WarningLevel : byte
{
    /// <summary>No level: programmes and notices. Ranks below blue.</summary>
    None = 0,
    /// <summary>The gravest.</summary>
    Red = 1,
    /// <summary>Second.</summary>
    Orange = 2,
    /// <summary>Third.</summary>
    Yellow = 3,
    /// <summary>The mildest that has a colour.</summary>
    Blue = 4,
}

/// <summary>Level of a region in the tree, and the rank of an issuer.</summary>
public enum RegionLevel : byte
{
    /// <summary>国家</summary>
    Nation = 0,
    /// <summary>省</summary>
    Province = 1,
    /// <summary>市</summary>
    City = 2,
    /// <summary>县</summary>
    County = 3,
    /// <summary>乡镇</summary>
    Township = 4,
    /// <summary>村</summary>
    Village = 5,
}

/// <summary>What an order does.</summary>
public enum OrderKind : byte
{
    /// <summary>The first revision of a warning.</summary>
    Alert = 0,
    /// <summary>A later revision; carries everything it needs and replaces the earlier ones.</summary>
    Update = 1,
    /// <summary>Silences every revision of its warning, those that come later too.</summary>
    Cancel = 2,
}

/// <summary>What a device says of an order. The last of an order's states is Played, Stopped, Refused or Failed; of a cancel, Received.</summary>
public enum ReceiptState : byte
{
    /// <summary>Accepted and saved.</summary>
    Received = 1,
    /// <summary>Its playback has begun (attempt n).</summary>
    Playing = 2,
    /// <summary>Its playback went to the end. Reason: <see cref="SoundCheck"/>, what measured it. Final.</summary>
    Played = 3,
    /// <summary>Its playback was broken off and may begin again. Reason: <see cref="Failure.PowerLost"/>, or none for a higher order.</summary>
    Interrupted = 4,
    /// <summary>It will not play, or not again. Reason: <see cref="StopReason"/>. Final.</summary>
    Stopped = 5,
    /// <summary>Not taken. Reason: <see cref="Refusal"/>. Final but for <see cref="Refusal.NotYetKnownTime"/>.</summary>
    Refused = 6,
    /// <summary>Could not be played. Reason: <see cref="Failure"/>. Final.</summary>
    Failed = 7,
}

/// <summary>Why a frame or an order is not taken.</summary>
public enum Refusal : byte
{
    /// <summary>It is taken.</summary>
    None = 0,
    /// <summary>Not in our wire format, or a value out of its range.</summary>
    Malformed = 1,
    /// <summary>Its authenticator is wrong.</summary>
    Forged = 2,
    /// <summary>For another device, or sent back in the direction it came from.</summary>
    Misaddressed = 3,
    /// <summary>Sealed under a key epoch that the reader does not hold, or under a delegated key that is revoked or over.</summary>
    UnknownKey = 4,
    /// <summary>Its validity is over.</summary>
    Expired = 5,
    /// <summary>The device does not know the time well enough to judge; it may be sent again after the welcome. Not final.</summary>
    NotYetKnownTime = 6,
    /// <summary>Older than everything the device still remembers, or an answer to no question of this session.</summary>
    Replayed = 7,
    /// <summary>Its warning was cancelled before it came.</summary>
    Cancelled = 8,
    /// <summary>A newer revision of its warning is known.</summary>
    Superseded = 9,
    /// <summary>Its text is longer than <see cref="Limits.TextBytesMax"/>.</summary>
    TooLong = 10,
    /// <summary>Higher orders fill the queue.</summary>
    QueueFull = 11,
    /// <summary>A message type, kind, class, level or issuer that this firmware does not know.</summary>
    Unsupported = 12,
}

/// <summary>Why a playback failed.</summary>
public enum Failure : byte
{
    /// <summary>It did not: the playback went to the end.</summary>
    None = 0,
    /// <summary>No voice for the language, or the speech synthesiser failed.</summary>
    NoSpeech = 1,
    /// <summary>The sound card or codec failed.</summary>
    NoAudio = 2,
    /// <summary>The amplifier does not answer or protects itself.</summary>
    Amplifier = 3,
    /// <summary>The power went while it played.</summary>
    PowerLost = 4,
    /// <summary>No room for what it needs.</summary>
    StorageFull = 5,
    /// <summary>Any other fault of the body.</summary>
    BodyFault = 6,
}

/// <summary>What measured a playback that went to its end, and what it found (R6: played is not yet audible). Never inferred.</summary>
public enum SoundCheck : byte
{
    /// <summary>Nothing measured it: no such hardware, or it failed. Says nothing either way.</summary>
    NotMeasured = 0,
    /// <summary>The current into the loudspeakers was measured, and was too small for what was played.</summary>
    AmplifierSilent = 1,
    /// <summary>The amplifier drove current into the loudspeakers during enough of what was played (<see cref="Limits.AudiblePercentMin"/>).</summary>
    AmplifierDriven = 2,
    /// <summary>A microphone at the site listened and did not hear it.</summary>
    MicrophoneSilent = 3,
    /// <summary>A microphone at the site heard enough of it.</summary>
    MicrophoneHeard = 4,
}

/// <summary>Why an accepted order does not play, or not again.</summary>
public enum StopReason : byte
{
    /// <summary>Not stopped.</summary>
    None = 0,
    /// <summary>Its warning was cancelled.</summary>
    Cancelled = 1,
    /// <summary>A newer revision took its place.</summary>
    Superseded = 2,
    /// <summary>Its validity ended while it waited.</summary>
    Expired = 3,
    /// <summary>Someone at the site stopped it.</summary>
    Operator = 4,
}

/// <summary>How far a device's wall clock can be believed.</summary>
public enum ClockQuality : byte
{
    /// <summary>Not at all.</summary>
    Unknown = 0,
    /// <summary>A battery-backed clock that is not behind the time floor.</summary>
    Rtc = 1,
    /// <summary>Unauthenticated network time.</summary>
    Network = 2,
    /// <summary>Told by an authenticated welcome in this boot.</summary>
    Cloud = 3,
}

/// <summary>What a frame carries. Below 16 from the cloud, from 16 on from the device.</summary>
public enum MessageType : byte
{
    /// <summary>No message.</summary>
    None = 0,
    /// <summary>The cloud's answer to a hello: the time.</summary>
    Welcome = 1,
    /// <summary>An order.</summary>
    Order = 2,
    /// <summary>Asks for a report.</summary>
    Ping = 3,
    /// <summary>What the cloud wants of the site: volumes, quiet hours, thresholds.</summary>
    Settings = 4,
    /// <summary>To a township's Pi: its children, and the keys with which it may speak to them.</summary>
    Township = 5,
    /// <summary>Delegated keys up to an epoch are good for nothing any more.</summary>
    Revocation = 6,
    /// <summary>From a township's Pi, under a delegated key: a local alarm or a local notice.</summary>
    Delegated = 7,
    /// <summary>The device's first word of a session.</summary>
    Hello = 16,
    /// <summary>What a device says of an order.</summary>
    Receipt = 17,
    /// <summary>How the device is.</summary>
    Report = 18,
    /// <summary>A stage of the site's own watch was reached or left.</summary>
    Alarm = 19,
    /// <summary>A reading of rain and level.</summary>
    Reading = 20,
    /// <summary>Which settings are in force, and what became of the newest.</summary>
    SettingsState = 21,
    /// <summary>A township's Pi says that the connection of a child of its has ended.</summary>
    ChildGone = 22,
    /// <summary>A test of amplifier and loudspeakers that nobody hears.</summary>
    SoundTest = 26,
    /// <summary>Not on the link: what a device shows at the cloud's HTTPS door to get a recording.</summary>
    AudioTicket = 32,
}

/// <summary>Which way a frame goes. Inside the authenticated bytes, so that a frame cannot be sent back at its sender.</summary>
public enum Direction : byte
{
    /// <summary>From the cloud to the device.</summary>
    Down = 0,
    /// <summary>From the device to the cloud.</summary>
    Up = 1,
}

/// <summary>What is wrong with a device. Bits of <see cref="Report.Faults"/>; the lower eight are the core's, the others the body's.</summary>
[Flags]
public enum FaultFlags
{
    /// <summary>Nothing known to be wrong.</summary>
    None = 0,
    /// <summary>The last save failed: a power cut now would forget orders.</summary>
    Storage = 1,
    /// <summary>The cloud's time was behind the device's time floor.</summary>
    Clock = 2,
    /// <summary>The saved state could not be read; the device began with none.</summary>
    StateLost = 4,
    /// <summary>Receipts were dropped because too many waited.</summary>
    OutboxFull = 8,
    /// <summary>No speech.</summary>
    Speech = 256,
    /// <summary>No audio output.</summary>
    Audio = 512,
    /// <summary>The amplifier fails.</summary>
    Amplifier = 1024,
    /// <summary>The battery is missing or worn.</summary>
    Battery = 2048,
    /// <summary>The cabinet is open.</summary>
    Tamper = 4096,
    /// <summary>A sensor fails.</summary>
    Sensor = 8192,
    /// <summary>The board file, a pin or a bus cannot be used.</summary>
    Board = 16384,
    /// <summary>The cloud, authenticated, said what cannot be understood.</summary>
    Cloud = 32768,
    /// <summary>The machine's own clock is wrong, or has no time.</summary>
    MachineClock = 65536,
    /// <summary>A recording could not be had, and the text was said instead.</summary>
    Recording = 131072,
    /// <summary>The loudspeakers' line is open: the amplifier drives it and no current flows.</summary>
    LineOpen = 262144,
    /// <summary>The loudspeakers' line is short-circuited.</summary>
    LineShort = 524288,
    /// <summary>The impedance of the loudspeakers' line is not what it was at commissioning: one of several is gone, or another was added.</summary>
    LineChanged = 1048576,
    /// <summary>The site's microphone could not be heard when somebody held the talk button.</summary>
    Microphone = 2097152,
    /// <summary>An address of its own, of its page or for its township's devices, cannot be listened on.</summary>
    Listening = 4194304,
}
