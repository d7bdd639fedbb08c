using System.Globalization;
using System.Text;

namespace Broadcast.Link.Update;

/// <summary>What a package of the gateway's program says of itself. Five lines of <c>name=value</c> in this order, so that there is one way to write it.</summary>
/// <param name="Version">For people, such as <c>1.4.0</c>; at most <see cref="VersionCharsMax"/> of <c>A–Z a–z 0–9 . - +</c>.</param>
/// <param name="Number">For machines: only a greater one is installed. 1 to 2^53, which every reader of JSON keeps whole.</param>
/// <param name="Target">The machine it runs on, such as <c>linux-arm64</c>.</param>
/// <param name="PayloadHash">SHA-256 of the payload, 64 lower-case hexadecimal digits.</param>
/// <param name="PayloadBytes">Length of the payload, 1 to <see cref="UpdatePackage.BytesMax"/>.</param>
public sealed record UpdateManifest(string Version, long Number, string Target, string PayloadHash, long PayloadBytes)
{
    /// <summary>Longest version and target.</summary>
    public const int VersionCharsMax = 32;

    /// <summary>Largest number: beyond it a JSON reader may round.</summary>
    public const long NumberMax = 1L << 53;

    private static readonly string[] Names = ["version", "number", "target", "sha256", "bytes"];

    /// <summary>Whether every field is in its range.</summary>
    public bool IsValid => IsWord(Version) && IsWord(Target) && Number is >= 1 and <= NumberMax && PayloadBytes is >= 1 and <= UpdatePackage.BytesMax
        && PayloadHash.Length == 64 && PayloadHash.All(char.IsAsciiHexDigitLower);

    /// <summary>As it is signed.</summary>
    public byte[] Encode() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"version={Version}\nnumber={Number}\ntarget={Target}\nsha256={PayloadHash}\nbytes={PayloadBytes}\n"));

    /// <summary>Reads what <see cref="Encode"/> wrote; null for anything else. Never throws on bad bytes.</summary>
    public static UpdateManifest? Decode(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (lines.Length != Names.Length + 1 || lines[^1].Length > 0) return null;
        for (var i = 0; i < Names.Length; i++)
            if (!lines[i].StartsWith(Names[i] + "=", StringComparison.Ordinal)) return null;
        string Value(int line) => lines[line][(Names[line].Length + 1)..];
        if (!long.TryParse(Value(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        if (!long.TryParse(Value(4), NumberStyles.None, CultureInfo.InvariantCulture, out var payload)) return null;
        var manifest = new UpdateManifest(Value(0), number, Value(2), Value(3), payload);
        return manifest.IsValid && manifest.Encode().AsSpan().SequenceEqual(bytes) ? manifest : null;
    }

    private static bool IsWord(string text) => text.Length is >= 1 and <= VersionCharsMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+');
}
