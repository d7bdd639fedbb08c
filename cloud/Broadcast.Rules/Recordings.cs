using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>The SHA-256 of a recording: its name everywhere, written as 64 lower-case hex digits. Two names are equal only when the sounds are.</summary>
public readonly record struct AudioHash
{
    public const int Digits = 2 * SHA256.HashSizeInBytes;

    private AudioHash(string value) => Value = value;

    public string Value { get; }

    public static AudioHash Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>Reads 64 lower-case hex digits; one form only, so that a name is compared as text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AudioHash hash)
    {
        var ok = text is { Length: Digits } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
        hash = ok ? new AudioHash(text!) : default;
        return ok;
    }

    /// <summary>32 bytes, as orders carry it.</summary>
    public byte[] ToWire() => Convert.FromHexString(Value);

    public override string ToString() => Value;
}

/// <summary>How a recording is written. The numbers are the ledger's.</summary>
public enum AudioFormat : byte
{
    /// <summary>RIFF WAVE, 16 bit PCM, one or two channels.</summary>
    Wav = 0,

    /// <summary>MPEG 1, 2 or 2.5, layer III.</summary>
    Mp3 = 1,

    /// <summary>One Opus stream in Ogg.</summary>
    Opus = 2,
}

/// <summary>What is known of a recording without hearing it.</summary>
public readonly record struct AudioFacts(AudioFormat Format, TimeSpan Length);

/// <summary>How large and long a recording may be.</summary>
public static class AudioLimits
{
    public const int BytesMax = Limits.AudioBytesMax;

    public static readonly TimeSpan LengthMax = TimeSpan.FromMilliseconds(Limits.AudioMsMax);

    /// <summary>Shorter is a click, or an empty file that somebody took for a recording.</summary>
    public static readonly TimeSpan LengthMin = TimeSpan.FromMilliseconds(300);

    /// <summary>2 GB of recordings in one ledger: backups carry them, too.</summary>
    public const long AllBytesMax = 2L << 30;

    public const int NameCharsMax = 80;
}
