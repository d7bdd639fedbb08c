using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Broadcast.Link.Update;

/// <summary>
/// One file: magic, length of the manifest (16 bits, big-endian), manifest, signature (ECDSA P-256 over everything before it, 64 bytes), payload
/// (a gzipped tar of the program's folder). The signature stands before the payload, so that a stranger's package is refused after its first kilobyte.
/// </summary>
public sealed record UpdatePackage(UpdateManifest Manifest, int HeadBytes, byte[] Signed, byte[] Signature)
{
    /// <summary>Largest package: three times a self-contained gateway.</summary>
    public const long BytesMax = 128 << 20;

    /// <summary>No head is longer.</summary>
    public const int HeadBytesMax = 512;

    private const int SignatureBytes = 64;

    /// <summary>First bytes of every package.</summary>
    public static ReadOnlySpan<byte> Magic => "BCUPDATE1\n"u8;

    /// <summary>Length of the whole file.</summary>
    public long Bytes => HeadBytes + Manifest.PayloadBytes;

    /// <summary>Reads the head from the file's first bytes; null where they are none, or too few. Believes nothing: <see cref="IsSignedBy"/> does.</summary>
    public static UpdatePackage? ReadHead(ReadOnlySpan<byte> first)
    {
        var manifestAt = Magic.Length + 2;
        if (first.Length < manifestAt || !first.StartsWith(Magic)) return null;
        var manifestBytes = BinaryPrimitives.ReadUInt16BigEndian(first[Magic.Length..]);
        var headBytes = manifestAt + manifestBytes + SignatureBytes;
        if (headBytes > HeadBytesMax || first.Length < headBytes) return null;
        var signed = first[..(manifestAt + manifestBytes)];
        return UpdateManifest.Decode(signed[manifestAt..]) is not { } manifest ? null
            : new UpdatePackage(manifest, headBytes, signed.ToArray(), first.Slice(signed.Length, SignatureBytes).ToArray());
    }

    /// <summary>Reads the head of a file; null where it has none.</summary>
    public static UpdatePackage? ReadHead(string file)
    {
        using var stream = File.OpenRead(file);
        var first = new byte[HeadBytesMax];
        return ReadHead(first.AsSpan(0, stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)));
    }

    /// <summary>Whether the owner of the key vouches for the manifest, and so for the payload's hash.</summary>
    public bool IsSignedBy(ECDsa key) => key.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Whether the payload of the file is the one that the manifest names, to its last byte.</summary>
    public bool HasPayload(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length != Bytes) return false;
        stream.Position = HeadBytes;
        return Convert.ToHexStringLower(SHA256.HashData(stream)) == Manifest.PayloadHash;
    }

    /// <summary>Makes a package of a payload.</summary>
    /// <exception cref="ArgumentException">The version, number or target is out of its range.</exception>
    public static void Write(string payload, string version, long number, string target, ECDsa key, string file)
    {
        using var source = File.OpenRead(payload);
        var manifest = new UpdateManifest(version, number, target, Convert.ToHexStringLower(SHA256.HashData(source)), source.Length);
        if (!manifest.IsValid) throw new ArgumentException($"Not a manifest: {manifest}. The version and the target are words of at most {UpdateManifest.VersionCharsMax} characters, the number is 1 or more, the payload at most {BytesMax.ToString(CultureInfo.InvariantCulture)} bytes.");
        var body = manifest.Encode();
        var signed = new byte[Magic.Length + 2 + body.Length];
        Magic.CopyTo(signed);
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(Magic.Length), (ushort)body.Length);
        body.CopyTo(signed, Magic.Length + 2);
        using var package = File.Create(file);
        package.Write(signed);
        package.Write(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        source.Position = 0;
        source.CopyTo(package);
    }
}
