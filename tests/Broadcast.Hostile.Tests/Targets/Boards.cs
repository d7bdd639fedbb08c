using System.Text;
using Broadcast.Cli.Api;
using Broadcast.Cli.Verbs;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Firmware;
using Broadcast.Firmware.Service;
using Broadcast.Firmware.Site;
using Broadcast.Firmware.Storage;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Testing;
using nanoFramework.Machine;
using BoardSettingsText = Broadcast.Firmware.Settings;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Flash that takes whatever is put into it.</summary>
internal sealed class MemorySlots(int slotBytes) : ISlots
{
    private readonly List<byte>[] _slots = [[], []];

    public MemorySlots(int slotBytes, byte[] first, byte[] second) : this(slotBytes)
    {
        _slots[0].AddRange(first.AsSpan(0, Math.Min(first.Length, slotBytes)));
        _slots[1].AddRange(second.AsSpan(0, Math.Min(second.Length, slotBytes)));
    }

    /// <summary>With something whole in it, as a save leaves it.</summary>
    public static MemorySlots Holding(byte[] saved, int slotBytes)
    {
        var flash = new MemorySlots(slotBytes);
        var store = new TwoSlotStore(flash);
        store.Load();
        store.Save(saved, 0);
        return flash;
    }

    public int SlotBytes => slotBytes;

    public byte[] this[int slot] => [.. _slots[slot]];

    public int Used(int slot) => _slots[slot].Count;

    public bool Read(int slot, int offset, byte[] buffer, int count)
    {
        if (offset < 0 || offset + count > _slots[slot].Count) return false;
        _slots[slot].CopyTo(offset, buffer, 0, count);
        return true;
    }

    public bool Append(int slot, int offset, byte[] bytes)
    {
        if (offset != _slots[slot].Count || offset + bytes.Length > slotBytes) return false;
        _slots[slot].AddRange(bytes);
        return true;
    }

    public bool Erase(int slot)
    {
        _slots[slot].Clear();
        return true;
    }
}

/// <summary>Two slots of flash with damage, and with records that somebody made who knows how: what is saved next is what is loaded next.</summary>
internal sealed class FlashSlots : FuzzTarget
{
    private const int SlotBytes = 1_024;
    private static readonly byte[][] Grown = [.. Enumerable.Range(0, 16).SelectMany(Grow)];

    public override long AllocatedBytesMax => 64 * 1024;

    public override byte[] Make(Dice dice)
    {
        var (first, second) = (Slot(dice), Slot(dice));
        return [(byte)(first.Length >> 8), (byte)first.Length, .. first, .. second];
    }

    public override bool Take(byte[] input)
    {
        if (input.Length < 2) return false;
        var cut = Math.Min(2 + ((input[0] << 8) | input[1]), input.Length);
        var flash = new MemorySlots(SlotBytes, input[2..cut], input[cut..]);
        var store = new TwoSlotStore(flash);
        var found = store.Load();
        Must(found is null || found.Length <= SlotBytes, "more than a slot holds");
        byte[] content = [1, 2, 3];
        for (var saves = 0; saves < 2; saves++) Must(store.Save(content, 9), "flash that is not worn takes nothing");
        var again = new TwoSlotStore(flash);
        Must(again.Load() is { } loaded && loaded.AsSpan().SequenceEqual(content) && again.WallMs == 9, "what was saved last is not what is loaded");
        return found is not null;
    }

    private static byte[] Slot(Dice dice) => dice.Below(4) switch
    {
        0 => dice.Of(Grown),
        1 => [.. Enumerable.Range(0, dice.Below(3)).SelectMany(_ => Made(dice))],
        _ => ByteMutation.Of(dice.Of(Grown), dice, Grown),
    };

    private static byte[] Made(Dice dice)
    {
        var content = dice.Bytes(dice.Below(40));
        return [.. Broadcast.Firmware.Storage.Record.Head(content, dice.OneIn(3) ? dice.Edge() : dice.Below(9), dice.Edge()), .. content];
    }

    private static IEnumerable<byte[]> Grow(int saves)
    {
        var flash = new MemorySlots(SlotBytes);
        var store = new TwoSlotStore(flash);
        store.Load();
        for (var n = 0; n < saves; n++) store.Save(new Dice(5, n).Bytes(10 + (n * 5)), n);
        return [flash[0], flash[1]];
    }
}

/// <summary>A board's journal in flash, of whole records with other content: what is read is what the cloud takes, bounded, and saved again the same.</summary>
internal sealed class FlashJournal : FuzzTarget
{
    private static readonly byte[][] Grown = [.. Enumerable.Range(0, 8).Select(Grow)];

    public override long AllocatedBytesMax => 512 * 1024;

    public override int InputsUsual => 50_000;

    public override byte[] Make(Dice dice) => dice.OneIn(8) ? dice.Of(Grown) : ByteMutation.Of(dice.Of(Grown), dice, Grown);

    public override bool Take(byte[] input)
    {
        var flash = MemorySlots.Holding(input, FirmwareLimits.JournalSlotBytes);
        var journal = Load(flash);
        Must(journal.Alarms <= FirmwareLimits.JournalAlarmsMax && journal.Readings <= FirmwareLimits.JournalReadingsMax && Enum.IsDefined(journal.Told), "more than a journal holds");
        Must(journal.Unsaid.Length is 0 or Limits.WarningIdBytes, "an alarm that nobody can say");
        for (var i = 0; i < journal.Count; i++)
            Must(journal.At(i).Type == MessageType.Alarm ? Alarm.Decode(journal.At(i).Encode()) is not null : Reading.Decode(journal.At(i).Encode()) is not null, "the cloud would refuse it");
        journal.Add(new Reading { Seconds = 300 }, 5);
        Must(journal.At(journal.Count - 1).Reading!.Number > 0, "a number that is none");
        Must(journal.Save(0), "it does not fit its own flash");
        var again = Load(flash);
        Must(again.Count == journal.Count && again.Told == journal.Told && again.UnsaidMs == journal.UnsaidMs, "it does not read what it saved");
        return journal.Count > 1 || journal.Told != AlarmStage.None;
    }

    private static Journal Load(MemorySlots flash)
    {
        var journal = new Journal(new TwoSlotStore(flash), 0);
        journal.Load(new RainWindows(0), 0, [1, 2, 3, 4]);
        return journal;
    }

    private static byte[] Grow(int n)
    {
        var flash = new MemorySlots(FirmwareLimits.JournalSlotBytes);
        var store = new TwoSlotStore(flash);
        var journal = new Journal(store, 0);
        journal.Load(new RainWindows(0), 0, [1, 2, 3, 4]);
        journal.Told = AlarmStage.Prepare;
        if (n % 2 == 0) (journal.Unsaid, journal.UnsaidMs) = (new byte[16], 1_795_000_000_000);
        journal.Rain.Add(n, 5);
        for (var i = 0; i < n; i++)
        {
            journal.Add(new Alarm { AtMs = 1_795_000_000_000, Clock = ClockQuality.Cloud, Stage = AlarmStage.Prepare, Cause = AlarmCause.Rain, WindowMinutes = 60, Value = 310, Threshold = 300, WarningId = new byte[16] }, 5);
            journal.Add(new Reading { AtMs = 1_795_000_000_000, Clock = ClockQuality.Cloud, Seconds = 300, RainTenths = 4 }, 5);
        }

        journal.Save(0);
        return new TwoSlotStore(flash).Load()!;
    }
}

/// <summary>What the cloud wants of a site, as it lies in a board's flash: settings that a device can go by, or none.</summary>
internal sealed class FlashWishes : FuzzTarget
{
    private static readonly byte[][] Grown = [Grow(SiteTone.TwoTone), Grow(SiteTone.Single)];

    public override long AllocatedBytesMax => 128 * 1024;

    public override byte[] Make(Dice dice) => dice.OneIn(8) ? dice.Of(Grown) : ByteMutation.Of(dice.Of(Grown), dice, Grown);

    public override bool Take(byte[] input)
    {
        var flash = MemorySlots.Holding(input, FirmwareLimits.WishesSlotBytes);
        var wishes = new SiteWishes(new TwoSlotStore(flash));
        Must(SettingsState.Decode(wishes.State.Encode()) is not null, "the cloud does not understand what this board says of its settings");
        if (wishes.Current is not { } wanted) return false;
        Must(wanted.Check() == SettingsRefusal.None && wishes.Rain().Length == wanted.Rain.Length / 3 && wishes.Level().Length == wanted.Level.Length / 2, "wishes that the checks should have refused");
        Must(wishes.Percent(new Order(), 1_439) is >= 0 and <= 100 && wishes.Percent(new Order { Class = WarningClass.Test, Volume = int.MaxValue }, -1) is >= 0 and <= 100, "a volume that is none");
        return true;
    }

    private static byte[] Grow(SiteTone tone)
    {
        var flash = new MemorySlots(FirmwareLimits.WishesSlotBytes);
        var wishes = new SiteWishes(new TwoSlotStore(flash));
        wishes.Take(new SiteSettings { Revision = 4, Rain = [60, 300, 500], Level = [2_000, 3_000] }.Encode(), hasLevelGauge: true, 5);
        wishes.Take(new SiteSettings { Revision = 5, Tone = tone }.Encode(), hasLevelGauge: true, 5);
        return new TwoSlotStore(flash).Load()!;
    }
}

/// <summary>A board's settings: what is taken, the board can go by.</summary>
internal sealed class BoardSettings : FuzzTarget
{
    internal const string Good = """
        device=xn-00001
        key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
        epoch=1
        host=cloud.example
        port=8883
        secret=s3cret
        authority=308201
        wifi=village
        wifi-password=p4ss
        volume=90
        volume-actual=60
        siren-on-leave=yes
        utc-offset=480
        provisioned=1795000000
        rain=60:300:500
        level=2000:3000
        phrase.1=请准备转移
        phrase.2=请立即转移
        """;
    private static readonly string[] Values = ["", "0", "-1", "+1", " 1", "2147483648", "4294967297", "9999999999", "99999999999", "yes", "0:1:2", "1440:1:1", "60:2:1", "60:1:2147483647", "1:1", "::", "=", "a=b", "zz", new('a', 65), new('水', 101)];

    public override byte[] Make(Dice dice)
    {
        var lines = Good.Split('\n').ToList();
        for (var changes = dice.Below(3); changes > 0; changes--)
        {
            var at = dice.Below(lines.Count);
            var name = lines[at].Split('=')[0];
            if (dice.OneIn(4)) lines.Add(name + "=" + dice.Of(Values));
            else lines[at] = dice.OneIn(6) ? dice.Of(Values) : name + "=" + dice.Of(Values);
        }

        var text = string.Join('\n', lines);
        return dice.OneIn(3) ? ByteMutation.Of(text, dice) : Encoding.UTF8.GetBytes(text);
    }

    public override bool Take(byte[] input)
    {
        var settings = BoardSettingsText.Read(input, out var fault);
        Must(fault.Length > 0 || Usable(settings), "settings that the checks should have refused");
        return fault.Length == 0;
    }

    private static bool Usable(BoardSettingsText s) =>
        Utf8.IsDeviceId(s.Device) && s is { OrderKey.Length: 32, KeyEpoch: >= 0, Host.Length: > 0, Port: > 0 and <= 65_535, Secret.Length: > 0, Authority.Length: > 0 and <= FirmwareLimits.AuthorityBytesMax }
        && s.VolumeActualMin >= 0 && s.VolumeActualMin <= s.VolumeMax && s.VolumeMax <= 100 && s.UtcOffsetMinutes is >= -720 and <= 840 && s.ProvisionedMs is >= 0 and < Limits.WallMsMax
        && s.Rain.Length <= BoardSettingsText.ThresholdsMax && s.Rain.All(r => r.WindowMinutes is >= 1 and <= RainWindows.MinutesMax && HasStages(r))
        && s.Level.Length <= BoardSettingsText.ThresholdsMax && s.Level.All(l => l.WindowMinutes == 0 && HasStages(l)) && s.Phrases.All(p => p.Length <= FirmwareLimits.PhraseCharsMax);

    private static bool HasStages(SiteThreshold threshold) => threshold.LimitOf(AlarmStage.Prepare) > 0 && threshold.LimitOf(AlarmStage.Leave) >= threshold.LimitOf(AlarmStage.Prepare);
}

/// <summary>Whatever comes in at a board's service port: each line gets one answer, no secret comes out, and only whole settings are saved.</summary>
internal sealed class ServicePortLines : FuzzTarget
{
    private static readonly string[] Commands = ["hello", "begin", "check", "save", "status", "reboot", "line", "line x=1", "more 1", "line phrase.1=\"", "no", "", " ", "save save", "line " + new string('x', 300)];

    public override long AllocatedBytesMax => 512 * 1024;

    public override int InputsUsual => 20_000; // Each is a conversation of some lines.

    public override byte[] Make(Dice dice)
    {
        List<byte> said = [];
        var whole = BoardSettings.Good.Split('\n').Select(l => "line " + l).Prepend("begin").Append("check").Append("save").ToList();
        foreach (var line in dice.OneIn(2) ? whole : Enumerable.Range(0, 1 + dice.Below(8)).Select(_ => dice.OneIn(3) ? dice.Of(whole) : dice.Of(Commands)))
        {
            if (dice.OneIn(15)) continue;
            var bytes = Encoding.UTF8.GetBytes(dice.OneIn(15) ? dice.Of(Commands) : line);
            byte[] sealed_ = [.. bytes, (byte)'*', .. Encoding.ASCII.GetBytes($"{Crc32.Of(bytes, bytes.Length):x8}"), (byte)'\n'];
            said.AddRange(dice.OneIn(20) ? ByteMutation.Of(sealed_, dice) : sealed_);
        }

        return [.. said];
    }

    public override bool Take(byte[] input)
    {
        var machine = new BoardMachine();
        machine.Enter();
        var store = new TwoSlotStore(new MemorySlots(FirmwareLimits.SettingsSlotBytes));
        store.Load();
        var port = new ServicePort(GatewayParts.OpenServicePort(new Mailbox()), store) { Status = () => "well" };
        foreach (var some in input.Chunk(100))
        {
            machine.Uart("COM2").Arrive(some);
            port.Step();
        }

        var answers = Encoding.UTF8.GetString(machine.Uart("COM2").Sent).Split('\n')[..^1];
        Must(answers.Length <= input.Count(b => b == (byte)'\n'), "more answers than lines");
        Must(answers.All(IsAnswer), "an answer that nobody can read");
        Must(port.RestartWanted != ResetReason.Provisioned || (store.Load() is { } saved && Saved(saved)), "settings that the checks should have refused are saved");
        return port.RestartWanted == ResetReason.Provisioned;
    }

    private static bool Saved(byte[] text)
    {
        BoardSettingsText.Read(text, out var fault);
        return fault.Length == 0;
    }

    private static bool IsAnswer(string line)
    {
        var said = Encoding.UTF8.GetBytes(line[..Math.Max(0, line.Length - 9)]);
        return (line.StartsWith("ok", StringComparison.Ordinal) || line.StartsWith("no ", StringComparison.Ordinal)) && line.EndsWith($"*{Crc32.Of(said, said.Length):x8}", StringComparison.Ordinal)
            && !line.Contains("s3cret", StringComparison.Ordinal) && !line.Contains("p4ss", StringComparison.Ordinal) && !line.Contains("101112131415", StringComparison.Ordinal);
    }
}

/// <summary>What a board, or whatever else hangs on the serial port, answers to the command line: shown as text, or not at all.</summary>
internal sealed class BoardAnswers : FuzzTarget
{
    private static readonly byte[][] Good = [Line("ok 1.0 esp32-gateway-1 xn-00001"), Line("no device: is missing"), Line("ok \u001b[2J\u0007"), [.. "noise\n"u8, .. Line("ok")], Line("ok 山洪")];

    public override byte[] Make(Dice dice) => dice.OneIn(6) ? dice.Of(Good) : ByteMutation.Of(dice.Of(Good), dice, Good);

    public override bool Take(byte[] input)
    {
        var clock = new ManualClock();
        var port = new ServiceLine(new Silence(input, clock), clock);
        try
        {
            return Shown(port.AskAsync("hello", CancellationToken.None).GetAwaiter().GetResult());
        }
        catch (UsageException said)
        {
            Must(said.Lines.All(Shown), "a refusal that steers the reader's terminal");
            return false;
        }
    }

    private static bool Shown(string answer)
    {
        Must(!answer.Any(char.IsControl), "an answer that steers the reader's terminal");
        return true;
    }

    private static byte[] Line(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. bytes, (byte)'*', .. Encoding.ASCII.GetBytes($"{Crc32.Of(bytes, bytes.Length):x8}"), (byte)'\n'];
    }

    /// <summary>Says its bytes, and then nothing until the patience of whoever listens is over.</summary>
    private sealed class Silence(byte[] bytes, ManualClock clock) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length) return new(Read(buffer.Span));
            clock.Advance(TimeSpan.FromSeconds(6));
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
