using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Update;
using Broadcast.Link.Update;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Update;

public sealed class PackageTests : IDisposable
{
    private readonly TempFolder _folder = new("package");
    private readonly PackageMaker _maker;

    public PackageTests() => _maker = new PackageMaker(_folder);

    public void Dispose()
    {
        _maker.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_package_says_what_it_is_and_who_vouches_for_it()
    {
        var bytes = _maker.Script("exit 0", "1.2.3", 7);
        var head = UpdatePackage.ReadHead(bytes)!;
        (head.Manifest.Version, head.Manifest.Number, head.Manifest.Target, head.Bytes).ShouldBe(("1.2.3", 7, UpdateJudge.Target, bytes.Length));
        UpdateJudge.Objection(head, _maker.Key, 6).ShouldBe("");
        File.WriteAllBytes(_folder["p"], bytes);
        head.HasPayload(_folder["p"]).ShouldBeTrue();
    }

    [Fact]
    public void Any_changed_byte_is_seen_before_anything_is_unpacked()
    {
        var bytes = _maker.Script("exit 0", "1.2.3", 7);
        var headBytes = UpdatePackage.ReadHead(bytes)!.HeadBytes;
        for (var at = 0; at < bytes.Length; at += at < headBytes ? 1 : 17)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 0x20;
            File.WriteAllBytes(_folder["p"], changed);
            var head = UpdatePackage.ReadHead(changed);
            (UpdateJudge.Objection(head, _maker.Key, 0).Length > 0 || !head!.HasPayload(_folder["p"])).ShouldBeTrue($"byte {at}");
        }
        for (var length = 0; length < headBytes; length++) UpdatePackage.ReadHead(bytes.AsSpan(0, length)).ShouldBeNull();
    }

    /// <summary>A reader that takes the room which a head asks for would end a gateway of one gigabyte with two hundred bytes.</summary>
    [Fact]
    public void A_head_that_says_its_names_are_huge_is_not_believed()
    {
        var head = new byte[1_024];
        foreach (var (at, text) in new[] { (0, "a"), (100, "0000644"), (124, "01000000000"), (136, "00000000000"), (148, "        "), (156, "x"), (257, "ustar"), (263, "00") })
            System.Text.Encoding.ASCII.GetBytes(text, head.AsSpan(at));
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(head.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", head.AsSpan(148));
        using var zipped = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(zipped, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(head);
        zipped.Position = 0;

        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<InvalidDataException>(() => ProgramSlots.ExtractTo(_folder["huge/x"][..^2], zipped));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public void A_stranger_an_older_number_and_another_machine_are_refused_by_name()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        UpdateJudge.Objection(Head(7, key: stranger), _maker.Key, 0).ShouldContain("signature");
        UpdateJudge.Objection(Head(7), _maker.Key, 7).ShouldContain("not above 7");
        UpdateJudge.Objection(Head(7, target: "linux-sparc"), _maker.Key, 0).ShouldContain("linux-sparc");
        UpdateJudge.Objection(null, _maker.Key, 0).ShouldBe("it is no package");
    }

    [Theory]
    [InlineData("version=1\nnumber=1\ntarget=t\nsha256=00\nbytes=1\n")]
    [InlineData("number=1\nversion=1\ntarget=t\nsha256=0000000000000000000000000000000000000000000000000000000000000000\nbytes=1\n")]
    [InlineData("version=1\nnumber=01\ntarget=t\nsha256=0000000000000000000000000000000000000000000000000000000000000000\nbytes=1\n")]
    [InlineData("version=a b\nnumber=1\ntarget=t\nsha256=0000000000000000000000000000000000000000000000000000000000000000\nbytes=1\n")]
    [InlineData("version=1\nnumber=1\ntarget=t\nsha256=0000000000000000000000000000000000000000000000000000000000000000\nbytes=999999999999\n")]
    [InlineData("version=1\nnumber=0\ntarget=t\nsha256=0000000000000000000000000000000000000000000000000000000000000000\nbytes=1\n")]
    [InlineData("")]
    public void A_manifest_has_one_way_to_be_written(string text) => UpdateManifest.Decode(System.Text.Encoding.ASCII.GetBytes(text)).ShouldBeNull();

    [Theory]
    [InlineData("Broadcast.Edge", "Broadcast.Edge")]
    [InlineData("a", "a/b")]
    [InlineData("a/b", "a")]
    [InlineData("Broadcast.Edge", "../out")]
    public void A_payload_that_no_disk_could_take_is_refused_and_not_tried_again(string one, string other)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var name in new[] { one, other }) tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
        }

        var slot = _folder["slot/x"][..^2];
        zipped.Position = 0;
        Should.Throw<InvalidDataException>(() => ProgramSlots.ExtractTo(slot, zipped));
        File.Exists(_folder["out"]).ShouldBeFalse();
        Should.Throw<InvalidDataException>(() => ProgramSlots.ExtractTo(_folder["cut/x"][..^2], new MemoryStream(zipped.ToArray()[..60])));
    }

    [Theory]
    [InlineData(false, 0, AlarmStage.None, true)]
    [InlineData(true, 0, AlarmStage.None, false)]
    [InlineData(false, 1, AlarmStage.None, false)]
    [InlineData(false, 0, AlarmStage.Prepare, false)]
    public void A_new_program_begins_only_while_nobody_is_being_warned(bool playing, int waiting, AlarmStage stage, bool calm) =>
        UpdateJudge.IsCalm(playing, waiting, stage).ShouldBe(calm);

    [Theory]
    [InlineData(true, true, true, FaultFlags.None, FaultFlags.None, true)]
    [InlineData(false, true, true, FaultFlags.None, FaultFlags.None, false)]
    [InlineData(true, false, true, FaultFlags.None, FaultFlags.None, false)]
    [InlineData(true, true, false, FaultFlags.None, FaultFlags.None, false)]
    [InlineData(true, true, true, FaultFlags.None, FaultFlags.Audio, false)]
    [InlineData(true, true, true, FaultFlags.Audio, FaultFlags.Audio, true)]
    [InlineData(true, true, true, FaultFlags.None, FaultFlags.Sensor, true)]
    public void A_program_has_proved_itself_when_it_is_online_and_brought_no_fault(bool online, bool alive, bool disk, FaultFlags before, FaultFlags now, bool proved) =>
        (UpdateJudge.Missing(online, alive, disk, before, now).Length == 0).ShouldBe(proved);

    private UpdatePackage Head(long number, string? target = null, ECDsa? key = null) => UpdatePackage.ReadHead(_maker.Make(ScriptFolder(), "1.0", number, target, key))!;

    private string ScriptFolder()
    {
        File.WriteAllText(_folder["bare/Broadcast.Edge"], "");
        return _folder["bare/x"][..^2];
    }
}
