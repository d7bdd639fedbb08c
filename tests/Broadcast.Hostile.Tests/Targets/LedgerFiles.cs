using System.Buffers.Text;
using System.Text;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Sites;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>A ledger of its own with a few sites and acts, for readers of what lies beside it.</summary>
internal abstract class LedgerTarget : FuzzTarget, IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory("fuzz-ledger");

    protected LedgerTarget()
    {
        Options = OptionsIn("good");
        Store = LedgerStore.OpenAsync(Options, TimeProvider.System, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
        FillAsync().GetAwaiter().GetResult();
    }

    protected LedgerOptions Options { get; }

    protected LedgerStore Store { get; set; }

    protected string PathOf(string name) => _folder[name];

    protected LedgerOptions OptionsIn(string folder)
    {
        Directory.CreateDirectory(_folder[folder]);
        return new LedgerOptions("sqlite:" + _folder[folder + "/ledger.db"], "fuzz", _folder[folder + "/anchors"], new byte[32], ReserveBytes: 0, FreeBytesMin: 0);
    }

    public virtual void Dispose()
    {
        Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Dispose();
    }

    private async Task FillAsync()
    {
        var village = Region.Create("421202100001", RegionLevel.Village);
        await Store.PutRegionsAsync([new NamedRegion(village, "v")]);
        await Store.PutSitesAsync([new Site(new SiteId("s-1"), village, "v", 114.3, 29.8)]);
        await Store.PutDevicesAsync([new DeviceRecord(new DeviceId("d-1"), new SiteId("s-1"), 1, new byte[32], ServiceState.InService)]);
        for (var i = 0; i < 20; i++) await Store.AuditAsync(Actor.System("fuzz"), "act", $"{i}", "");
    }
}

/// <summary>Backups that somebody offers to put back: a damaged one is refused and replaces nothing, or what it holds opens.</summary>
internal sealed class OfferedBackup : LedgerTarget
{
    private const int Page = 4_096;
    private readonly byte[] _good;
    private int _round;

    public OfferedBackup()
    {
        Store.BackupAsync(PathOf("backup")).GetAwaiter().GetResult();
        _good = File.ReadAllBytes(PathOf("backup"));
    }

    public override long AllocatedBytesMax => 32 << 20; // Not the reader's own memory but that of two ledgers that are opened.

    public override int InputsUsual => 200; // Each is a restore with its flushes to the disk.

    // The input is a program: the seed of the dice that do the damage. A replay needs no more.
    public override byte[] Make(Dice dice) => dice.Bytes(8);

    // The file is SQLite's, page by page; damage goes into pages, heads of pages and the file's own head.
    private byte[] Damaged(Dice dice)
    {
        if (dice.OneIn(20)) return _good;
        var bytes = (byte[])_good.Clone();
        if (dice.OneIn(8)) bytes = bytes[..dice.Below(bytes.Length)];
        for (var changes = dice.Below(6); changes > 0 && bytes.Length > 0; changes--)
        {
            var page = dice.Below(1 + (bytes.Length / Page)) * Page;
            var at = dice.Below(3) switch { 0 => dice.Below(100), 1 => page + dice.Below(110), _ => page + dice.Below(Page) };
            if (at < bytes.Length) bytes[at] = (byte)dice.Bits();
        }

        return bytes;
    }

    public override bool Take(byte[] input)
    {
        var folder = $"round-{_round++ % 2}";
        if (Directory.Exists(PathOf(folder))) Directory.Delete(PathOf(folder), recursive: true);
        var options = OptionsIn(folder);
        File.WriteAllBytes(options.SqlitePath, _good);
        File.WriteAllBytes(PathOf("offered"), Damaged(new Dice(BitConverter.ToUInt64(input), 1)));
        try
        {
            LedgerStore.RestoreAsync(PathOf("offered"), options, TimeProvider.System).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is LedgerSchemaException or LedgerUnavailableException)
        {
            Must(File.ReadAllBytes(options.SqlitePath).AsSpan().SequenceEqual(_good), "refused, and it took the ledger's place all the same");
            return false;
        }

        var store = LedgerStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
        _ = store.DevicesAsync().GetAwaiter().GetResult();
        store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return true;
    }
}

/// <summary>The file of checkpoints, in the hands of somebody without its key: no line of theirs counts, and none hides a true one.</summary>
internal sealed class AnchorFile : LedgerTarget
{
    private readonly byte[] _good;

    public AnchorFile()
    {
        for (var i = 0; i < 3; i++)
        {
            Store.DisposeAsync().AsTask().GetAwaiter().GetResult(); // Writes a line.
            Store = LedgerStore.OpenAsync(Options, TimeProvider.System, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
            Store.AuditAsync(Actor.System("fuzz"), "act", "more", "").GetAwaiter().GetResult();
        }

        Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _good = File.ReadAllBytes(Options.AnchorPath);
        Store = LedgerStore.OpenAsync(Options, TimeProvider.System, NullLogger.Instance, CancellationToken.None).GetAwaiter().GetResult();
    }

    public override long AllocatedBytesMax => 4 << 20; // The whole trail is read each time.

    public override int InputsUsual => 1_000; // Some five milliseconds each: a file is written and the whole trail walked.

    public override byte[] Make(Dice dice) => dice.Bytes(8); // The seed of the damage, as above.

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 1);
        File.WriteAllBytes(Options.AnchorPath, dice.OneIn(50) ? _good : ByteMutation.Of(_good, dice));
        var verdict = Store.VerifyAuditAsync().GetAwaiter().GetResult();
        Must(verdict.LostByRestore == 0, "a restore that nobody made");
        Must(verdict.Findings.All(f => f.Fault == AuditFault.CheckpointForged), $"a trail that is whole is said to be {string.Join(", ", verdict.Findings)}");
        return verdict.Intact;
    }
}

/// <summary>What stands in the Authorization header at the doors for recordings and live speech.</summary>
internal sealed class TicketHeader : LedgerTarget
{
    private static readonly AudioHash Audio = AudioHash.Of("a"u8);
    private readonly DeviceTickets _tickets;
    private readonly KeyRing _keys;

    public TicketHeader()
    {
        Directory.CreateDirectory(PathOf("keys"));
        File.WriteAllBytes(PathOf("keys/master.key"), new byte[32]);
        _keys = KeyRing.OpenOrCreate(PathOf("keys"));
        var directory = new DirectoryHolder(Store);
        directory.ReloadAsync().GetAwaiter().GetResult();
        _tickets = new DeviceTickets(directory, _keys, new Still());
    }

    public override byte[] Make(Dice dice)
    {
        var ticket = new AudioTicket { Audio = dice.OneIn(4) ? new byte[32] : Audio.ToWire(), AtMs = dice.OneIn(3) ? dice.Edge() : Still.NowMs };
        var frame = Envelope.Seal(dice.OneIn(4) ? new byte[32] : _keys.OrderKey(new DeviceId("d-1"), 1), dice.OneIn(6) ? 2 : 1, (Direction)dice.Below(2), dice.OneIn(6) ? "d-2" : "d-1", dice.OneIn(6) ? MessageType.Report : MessageType.AudioTicket, ticket.Encode());
        if (dice.OneIn(3)) frame = ByteMutation.Of(frame, dice);
        var header = (dice.OneIn(10) ? "Bearer " : DeviceTickets.Scheme) + Base64Url.EncodeToString(frame);
        return dice.OneIn(3) ? ByteMutation.Of(header, dice) : Encoding.UTF8.GetBytes(header);
    }

    public override bool Take(byte[] input)
    {
        var header = Encoding.UTF8.GetString(input);
        if (_tickets.Read(header, Audio) is not { } device) return false;
        var frame = Base64Url.DecodeFromChars(header.AsSpan(DeviceTickets.Scheme.Length));
        var opened = Envelope.Open(frame, _keys.OrderKey(device.Id, device.KeyEpoch), device.KeyEpoch, Direction.Up, device.Id.Value);
        Must(device.Id.Value == "d-1" && opened.Refusal == Refusal.None && AudioTicket.Decode(opened.Body)!.Audio.AsSpan().SequenceEqual(Audio.ToWire()), "a ticket that nobody sealed");
        return true;
    }

    private sealed class Still : TimeProvider
    {
        public const long NowMs = 1_795_000_000_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
    }
}
