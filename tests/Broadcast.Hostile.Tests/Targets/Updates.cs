using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broadcast.Cloud.Updates;
using Broadcast.Device;
using Broadcast.Edge.Update;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Link.Update;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>The head of a package: who reads it believes nothing of it but what the key's owner has signed.</summary>
internal sealed class UpdateHead : FuzzTarget
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[][] Signed = [.. Enumerable.Range(0, 32).Select(n => Head(Manifest(new Dice(11, n)), Key))];
    private static readonly byte[][] Unsigned = [.. Enumerable.Range(0, 32).Select(n => Head(Manifest(new Dice(12, n)), null))];

    public override long AllocatedBytesMax => 64 * 1024;

    public override byte[] Make(Dice dice)
    {
        var head = dice.Of(dice.OneIn(2) ? Signed : Unsigned);
        if (dice.OneIn(3)) head = [.. head, .. dice.Bytes(dice.Below(20))];
        return dice.OneIn(4) ? head : ByteMutation.Of(head, dice, Signed);
    }

    public override bool Take(byte[] input)
    {
        if (UpdatePackage.ReadHead(input) is not { } head) return false;
        Must(head.Manifest.IsValid && head.HeadBytes <= UpdatePackage.HeadBytesMax && head.Bytes > head.HeadBytes, "a head that none can be");
        Must(head.Signed.AsSpan()[(UpdatePackage.Magic.Length + 2)..].SequenceEqual(head.Manifest.Encode()), "two forms of one manifest");
        Must(!head.IsSignedBy(Key) || Signed.Any(s => s.AsSpan().StartsWith(head.Signed)), "a signature that nobody gave");
        return true;
    }

    private static UpdateManifest Manifest(Dice dice) => new(
        dice.OneIn(6) ? new string('9', dice.Below(40)) : "1.4.0", dice.OneIn(6) ? dice.Edge() : 1 + dice.Below(99), dice.OneIn(6) ? "x y" : "linux-arm64",
        dice.OneIn(8) ? "00" : new string('a', 64), dice.OneIn(6) ? dice.Edge() : 1 + dice.Below(1_000_000));

    private static byte[] Head(UpdateManifest manifest, ECDsa? key)
    {
        var body = manifest.Encode();
        byte[] signed = [.. UpdatePackage.Magic, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [.. signed, .. key?.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) ?? new byte[64]];
    }
}

/// <summary>What a signed package unpacks: names that lead out, links, files in files, bombs, cut ends. All of it lies in its own folder, or nothing is a program.</summary>
internal sealed class UpdatePayload : FileTarget
{
    private const int BytesMax = 4 << 20;
    private static readonly string[] Names =
    [
        "Broadcast.Edge", "./Broadcast.Edge.dll", "runtimes/linux-arm64/native/lib.so", "a", "a/b", "a/b/c", "./", ".", "..", "../out", "a/../../out", "/tmp/out", "a//b", "a/./b", ".whole", "", " ", "\u0001", "山", new('n', 90),
        string.Join('/', Enumerable.Repeat("d", 60)), new('n', 300), "a\\b", "-rf", "~",
    ];
    private static readonly TarEntryType[] Types = [TarEntryType.RegularFile, TarEntryType.RegularFile, TarEntryType.RegularFile, TarEntryType.Directory, TarEntryType.SymbolicLink, TarEntryType.HardLink, TarEntryType.Fifo];
    private int _round;

    // What is unpacked is written by the framework a block at a time, and a block of names is read whole.
    public override long AllocatedBytesMax => 4 << 20;

    public override int InputsUsual => 5_000; // Each is a folder of files.

    public override byte[] Make(Dice dice)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, dice.Of([TarEntryFormat.Pax, TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar]), leaveOpen: true))
        {
            for (var entries = 1 + dice.Below(5); entries > 0; entries--) Write(writer, dice);
        }

        var bytes = tar.ToArray();
        if (bytes.Length > 0 && dice.OneIn(3)) Nudge(bytes, dice);
        if (dice.OneIn(6)) bytes = bytes[..dice.Below(bytes.Length + 1)];
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return dice.OneIn(4) ? ByteMutation.Of(zipped.ToArray(), dice) : zipped.ToArray();
    }

    public override bool Take(byte[] input)
    {
        var (around, folder) = (Path.Combine(Folder, $"round-{_round % 2}"), Path.Combine(Folder, $"round-{_round++ % 2}", "slot.new"));
        if (Directory.Exists(around)) Directory.Delete(around, recursive: true);
        Directory.CreateDirectory(folder);
        try
        {
            ProgramSlots.ExtractTo(folder, new MemoryStream(input));
            return true;
        }
        catch (InvalidDataException refused)
        {
            Must(refused.Message.Length is > 0 and < 2_000, "a refusal without a reason");
            return false;
        }
        finally
        {
            Must(Directory.GetFileSystemEntries(around).SequenceEqual([folder]), "something lies outside of the slot");
            var files = new DirectoryInfo(folder).GetFileSystemInfos("*", SearchOption.AllDirectories);
            Must(files.All(f => f.LinkTarget is null), "a link");
            Must(files.OfType<FileInfo>().Sum(f => f.Length) <= BytesMax, "a bomb");
        }
    }

    private static void Write(TarWriter writer, Dice dice)
    {
        try
        {
            var (type, name) = (dice.Of(Types), dice.OneIn(20) ? "odd-" + dice.Below(9) : dice.Of(Names));
            TarEntry entry = writer.Format switch
            {
                TarEntryFormat.Gnu => new GnuTarEntry(type, name),
                TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                _ => new PaxTarEntry(type, name, dice.OneIn(4) ? [new("path", dice.Of(Names)), new("size", $"{dice.Edge()}")] : []),
            };
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = dice.Of(Names);
            if (type == TarEntryType.RegularFile) entry.DataStream = new MemoryStream(dice.Bytes(dice.OneIn(10) ? 2_000 : dice.Below(30)));
            entry.ModificationTime = DateTimeOffset.UnixEpoch; // The same seed makes the same bytes.
            entry.Mode = (UnixFileMode)dice.Below(0x1000) | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute; // So that the test can take it away again.
            writer.WriteEntry(entry);
        }
        catch (Exception unwritable) when (unwritable is ArgumentException or InvalidOperationException)
        {
            return; // A name that this form cannot have; the others are there.
        }
    }

    // A field of a head at an edge, with a sum that fits all the same.
    private static void Nudge(byte[] tar, Dice dice)
    {
        const int block = 512, sumAt = 148, sumBytes = 8;
        var head = dice.Below(tar.Length / block) * block;
        // A block of names is read whole, and who signs may run what they like: that one may be large is no hole.
        var isOfNames = tar[head + 156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K';
        var at = dice.Of([0, 100, isOfNames ? 130 : 124, isOfNames ? 131 : 125, 130, 156, 157, 257, 263, 345]) + dice.Below(4);
        tar[head + at] = dice.OneIn(2) ? dice.Of("01234567\0 x/LKgx"u8.ToArray()) : (byte)dice.Bits();
        tar.AsSpan(head + sumAt, sumBytes).Fill((byte)' ');
        var sum = 0;
        foreach (var b in tar.AsSpan(head, block)) sum += b;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(tar.AsSpan(head + sumAt));
    }
}

/// <summary>The small files beside the slots, which the starter writes too and a worn card may change: what they say the cloud understands, and nobody ends over them.</summary>
internal sealed class UpdateFiles : FileTarget
{
    private static readonly string Hash = new('a', 64);
    private static readonly string[] Good =
    [
        $"slot=a\nback=factory\npackage={Hash}\nstarts=1\nfaults=16\n", $"package={Hash}\nnumber=7\nversion=1.4.0\n", $"package={Hash}\nwhy=it cannot speak: espeak-ng ended with 1\n",
        $"revision=4\npackage={Hash}\nstage=Ready\nwhy=the disk does not take it: No space left on device\n",
    ];
    private static readonly string[] Values = ["", "-1", "0", "2147483648", "9223372036854775808", "99", "Trial", "b", "c", "../x", new('f', 64), new('F', 64), new('a', 63), "\t\u0007", "\ud83e", new('w', 300)];

    public override int InputsUsual => 20_000; // Five files are written each time.

    public override byte[] Make(Dice dice)
    {
        var lines = dice.Of(Good).Split('\n');
        for (var changes = dice.Below(3); changes > 0; changes--)
        {
            var at = dice.Below(lines.Length);
            lines[at] = lines[at].Split('=')[0] + "=" + dice.Of(Values);
        }

        return dice.OneIn(4) ? ByteMutation.Of(string.Join('\n', lines), dice) : Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    public override bool Take(byte[] input)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "a"));
        foreach (var file in new[] { "trial", "proved", "fallen", "update", "a/.whole" }) System.IO.File.WriteAllBytes(Path.Combine(Folder, file), input);
        var slots = new ProgramSlots(Folder, "a");
        var record = UpdateRecord.Open(Path.Combine(Folder, "update"));
        Must(slots.HighestNumber >= 0, "a number below every one");
        Must(slots.ProvedPackage.Length <= input.Length && (slots.Fallen?.Why.Length ?? 0) <= input.Length, "more than was there");
        Must(Convert.FromHexString(record.Package).Length is 0 or SHA256.HashSizeInBytes, "a package that nobody can ask for");
        var said = new UpdateSaid("1.4.0", slots.HighestNumber, "linux-x64", record.Revision, record.Stage, record.Why, 0);
        Must(UpdateEndpoints.Read(JsonSerializer.SerializeToUtf8Bytes(said, JsonSerializerOptions.Web)) is not null, "the cloud does not understand what this gateway says of its program");
        return slots.OwnTrial is not null || record.Stage != UpdateStage.None;
    }
}

/// <summary>The file of the key that packages are signed under: that curve, or none.</summary>
internal sealed class UpdateKeyFile : FileTarget
{
    private static readonly byte[][] Good = [.. Keys().Select(Encoding.ASCII.GetBytes)];

    public override long AllocatedBytesMax => 1 << 20;

    public override int InputsUsual => 10_000; // A file, and a key that the system's library reads.

    public override byte[] Make(Dice dice)
    {
        var pem = Encoding.ASCII.GetString(dice.Of(Good));
        if (dice.OneIn(3)) return ByteMutation.Of(pem, dice);
        var lines = pem.Split('\n');
        var der = ByteMutation.Of(Convert.FromBase64String(string.Concat(lines[1..^1])), dice, Good);
        return dice.OneIn(6) ? Encoding.ASCII.GetBytes(pem) : Encoding.ASCII.GetBytes($"{lines[0]}\n{Convert.ToBase64String(der)}\n{lines[^1]}");
    }

    public override bool Take(byte[] input)
    {
        Write(input);
        using var key = UpdateSettings.Load(File);
        Must(key is null || (key.KeySize == 256 && !key.VerifyData(input, new byte[64], HashAlgorithmName.SHA256)), "a key that signs anything");
        return key is not null;
    }

    private static IEnumerable<string> Keys()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return p256.ExportSubjectPublicKeyInfoPem();
        yield return p256.ExportSubjectPublicKeyInfoPem();
        yield return p256.ExportPkcs8PrivateKeyPem();
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        yield return p384.ExportSubjectPublicKeyInfoPem();
        using var named = ECDsa.Create(p256.ExportExplicitParameters(includePrivateParameters: false));
        yield return named.ExportSubjectPublicKeyInfoPem();
        using var rsa = RSA.Create(2_048);
        yield return rsa.ExportSubjectPublicKeyInfoPem();
    }
}

/// <summary>What a cloud answers to a gateway that asks which program is wanted.</summary>
internal sealed class UpdateAnswer : FuzzTarget
{
    private static readonly string Good = $$"""{"revision":4,"package":"{{new string('a', 64)}}","bytes":33554432}""";

    public override int AllocatedBytesOfByte => 200;

    public override byte[] Make(Dice dice) => dice.OneIn(10) ? Encoding.UTF8.GetBytes(Good) : JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        if (UpdateJudge.Wanted(input) is not { } wanted) return false;
        Must(wanted is { Revision: > 0, Bytes: >= 0 } && Convert.FromHexString(wanted.Package).Length == SHA256.HashSizeInBytes, "a wish that nobody can fulfil");
        return true;
    }
}

/// <summary>What somebody with a gateway's key says of its program at the cloud's door.</summary>
internal sealed class UpdateQuestion : FuzzTarget
{
    private const string Good = """{"version":"1.4.0","number":7,"target":"linux-arm64","revision":4,"stage":2,"why":"waits for a line that costs nothing","bytes":1024}""";

    public override int AllocatedBytesOfByte => 200;

    public override byte[] Make(Dice dice) => dice.OneIn(10) ? Encoding.UTF8.GetBytes(Good) : JsonMutation.Of(Good, dice);

    public override bool Take(byte[] input)
    {
        if (UpdateEndpoints.Read(input) is not { } said) return false;
        Must(Enum.IsDefined(said.Stage) && said is { Revision: >= 0, Number: >= 0, Bytes: >= 0, Why.Length: <= 200 } && !(said.Version + said.Target + said.Why).Any(char.IsControl), "more than fits the ledger");
        return true;
    }
}
