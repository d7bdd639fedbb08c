using System.Security.Cryptography;
using System.Text;
using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>A body that does what it is told and notices what must not be: two soundings at once, a stop of nothing.</summary>
internal sealed class WatchfulBody(Dice dice) : IDeviceBody
{
    public int PlayingId { get; private set; }

    public int Soundings { get; private set; }

    public bool SirenOpen { get; private set; }

    public byte[]? Saved { get; private set; }

    /// <summary>Told of each order that begins to sound.</summary>
    public Action<Order> Plays { get; set; } = _ => { };

    public Queue<(int Token, byte[] Frame)> Sent { get; } = new();

    public void Play(int playId, Order order, int attempt)
    {
        PlayingId.ShouldBe(0, "two at once");
        order.Kind.ShouldNotBe(OrderKind.Cancel, "a cancel sounds");
        PlayingId = playId;
        Soundings++;
        Plays(order);
    }

    public void Stop(int playId)
    {
        PlayingId.ShouldBe(playId, "stops what does not play");
        PlayingId = 0;
    }

    public void Siren(bool on) => SirenOpen = on;

    public bool Publish(int token, byte[] frame)
    {
        if (dice.OneIn(10)) return false;
        if (Sent.Count < 64) Sent.Enqueue((token, frame));
        return true;
    }

    public bool Save(byte[] state)
    {
        if (dice.OneIn(20)) return false;
        Saved = state;
        return true;
    }

    public void FillReport(Report report)
    {
        report.Volume = dice.EdgeInt();
        report.BatteryMillivolts = dice.EdgeInt();
        report.SignalDbm = dice.EdgeInt();
    }

    public void Random(byte[] buffer) => dice.Bytes(buffer.Length).CopyTo(buffer, 0);

    public int Ended()
    {
        var id = PlayingId;
        PlayingId = 0;
        return id;
    }
}

/// <summary>The device core, fed with sequences: authentic and forged frames, and everything else that happens to a device, in any order.</summary>
internal sealed class DeviceCoreSequence : FuzzTarget
{
    private const string Id = "dev-1";
    private const long Noon = 1_795_000_000_000;
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public override long AllocatedBytesMax => 4 << 20;

    public override int InputsUsual => 10_000; // Each is a life of up to forty events.

    // The input is a program: the seed of its dice. A replay needs no more.
    public override byte[] Make(Dice dice) => dice.Bytes(8);

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 0);
        var body = new WatchfulBody(dice);
        var core = Start(body, null, 1_000, dice);
        long nowMs = 1_000;
        for (var events = 5 + dice.Below(36); events > 0; events--)
        {
            nowMs += dice.OneIn(4) ? dice.Below(100_000_000) : dice.Below(2_000);
            if (dice.OneIn(25))
            {
                var saved = body.Saved;
                body = new WatchfulBody(dice);
                core = Start(body, saved, nowMs = 5, dice);
                if (saved is not null) core.Faults.HasFlag(FaultFlags.StateLost).ShouldBeFalse("it does not read what it saved");
            }
            else Happen(core, body, nowMs, dice);
            core.PlayingId.ShouldBe(body.PlayingId, "core and body disagree on what plays");
            Settles(core, nowMs);
        }

        return body.Soundings > 0;
    }

    // It may want to be woken at once, but not again and again: that would be a device that spins.
    private static void Settles(DeviceCore core, long nowMs)
    {
        for (var wakes = 0; core.NextWakeMs <= nowMs; wakes++)
        {
            wakes.ShouldBeLessThan(5, "it spins");
            core.Tick(nowMs);
        }
    }

    private static DeviceCore Start(WatchfulBody body, byte[]? saved, long nowMs, Dice dice)
    {
        var core = new DeviceCore(Id, Key, 3, body, saved) { Firmware = "fuzz", Board = "none" };
        core.Start(nowMs, dice.OneIn(2) ? Noon : dice.Edge(), (ClockQuality)dice.Below(4), 0);
        return core;
    }

    private static void Happen(DeviceCore core, WatchfulBody body, long nowMs, Dice dice)
    {
        switch (dice.Below(12))
        {
            case 0: core.LinkUp(nowMs); break;
            case 1: core.LinkDown(nowMs); break;
            case 2: Welcome(core, body, nowMs, dice); break;
            case 3: if (body.Sent.TryDequeue(out var sent)) core.Published(dice.OneIn(5) ? dice.EdgeInt() : sent.Token, nowMs); break;
            case 4: core.PlaybackEnded(dice.OneIn(5) ? -1 - dice.Below(9) : body.Ended(), (Failure)dice.Below(7), nowMs); break;
            case 5: core.OperatorStop(nowMs); break;
            case 6: core.RaiseLocalAlarm(Orders.Edgy(dice), 1 + dice.Below(100_000), nowMs); break;
            case 7: core.Received(ByteMutation.Of(Frame(dice), dice), nowMs); break;
            case 8: core.Tick(dice.OneIn(5) ? nowMs - dice.Below(10_000) : nowMs); break;
            default: core.Received(Frame(dice), nowMs); break;
        }
    }

    // Answers its hello, now and then with a time that no clock shows.
    private static void Welcome(DeviceCore core, WatchfulBody body, long nowMs, Dice dice)
    {
        core.LinkUp(nowMs);
        foreach (var (_, frame) in body.Sent.ToArray())
        {
            if (Envelope.Open(frame, Key, Direction.Up, Id) is not { Type: MessageType.Hello } opened || Hello.Decode(opened.Body) is not { } hello) continue;
            var welcome = new Welcome { Nonce = hello.Nonce, NowMs = dice.OneIn(4) ? dice.Edge() : Noon + nowMs, ReportSeconds = dice.Below(90_000), Epoch = dice.Below(1_000) };
            core.Received(Envelope.Seal(Key, 3, Direction.Down, Id, MessageType.Welcome, welcome.Encode()), nowMs);
        }

        body.Sent.Clear();
    }

    private static byte[] Frame(Dice dice)
    {
        var type = dice.OneIn(8) ? (MessageType)dice.Below(24) : MessageType.Order;
        var order = dice.OneIn(3) ? Orders.Edgy(dice) : Orders.Proper(dice, Noon);
        var body = order.Encode();
        return Envelope.Seal(Key, dice.OneIn(20) ? 4 : 3, Direction.Down, dice.OneIn(20) ? "dev-2" : Id, type, body.Length > 1_800 ? [0xA0] : body);
    }
}

/// <summary>Saved states with damage and a check value that fits all the same: what a worn flash cannot make, someone with the card can.</summary>
internal sealed class SavedDeviceState : FuzzTarget
{
    private const string Id = "dev-1";
    private const long Noon = 1_795_000_000_000;
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[][] Corpus = [.. Enumerable.Range(0, 12).Select(Grow)];

    public override long AllocatedBytesMax => 4 << 20;

    public override int InputsUsual => 50_000;

    public override int OneTakenOf => 20;

    public override byte[] Make(Dice dice)
    {
        var state = dice.Of(Corpus);
        if (dice.OneIn(50)) return ByteMutation.Of(state, dice);
        var content = state[..^Limits.MacBytes];
        return Sealed(dice.OneIn(20) ? content : Nudged(content, dice));
    }

    public override bool Take(byte[] input)
    {
        var dice = new Dice(input.Length == 0 ? 0UL : input[^1], input.Length);
        var body = new WatchfulBody(dice);
        var core = new DeviceCore(Id, Key, 3, body, input);
        core.Start(10, Noon, ClockQuality.Rtc, 0);
        var taken = !core.Faults.HasFlag(FaultFlags.StateLost);
        core.LinkUp(20);
        core.RaiseLocalAlarm(Orders.Proper(dice, Noon), 60_000, 30);
        core.Received(Envelope.Seal(Key, 3, Direction.Down, Id, MessageType.Order, Orders.Proper(dice, Noon).Encode()), 40);
        if (body.PlayingId != 0) core.PlaybackEnded(body.Ended(), Failure.None, 50);
        core.Tick(60_000);
        core.PlayingId.ShouldBe(body.PlayingId);
        return taken;
    }

    private static byte[] Nudged(byte[] content, Dice dice) =>
        // Most changes keep the lengths, so that the reader comes far.
        dice.OneIn(4) ? ByteMutation.Of(content, dice) : Flip([.. content], dice);

    private static byte[] Flip(byte[] content, Dice dice)
    {
        for (var changes = 1 + dice.Below(3); changes > 0; changes--) content[dice.Below(content.Length)] = (byte)dice.Bits();
        return content;
    }

    private static byte[] Sealed(byte[] content) => [.. content, .. HMACSHA256.HashData(Encoding.UTF8.GetBytes("broadcast/state/v1/" + Id), content)];

    private static byte[] Grow(int n)
    {
        var dice = new Dice(99, n);
        var body = new WatchfulBody(dice);
        var core = new DeviceCore(Id, Key, 3, body, null);
        core.Start(0, 0, ClockQuality.Unknown, 0);
        core.LinkUp(0);
        for (var orders = 0; orders < n * 3; orders++)
        {
            if (orders == 2) Greet(core, body);
            core.Received(Envelope.Seal(Key, 3, Direction.Down, Id, MessageType.Order, Orders.Proper(dice, Noon).Encode()), 10 + orders);
        }

        return body.Saved!;
    }

    private static void Greet(DeviceCore core, WatchfulBody body)
    {
        var hello = body.Sent.Select(s => Envelope.Open(s.Frame, Key, Direction.Up, Id)).FirstOrDefault(o => o.Type == MessageType.Hello);
        if (hello is null) return;
        var welcome = new Welcome { Nonce = Hello.Decode(hello.Body)!.Nonce, NowMs = Noon, ReportSeconds = 60, Epoch = 1 };
        core.Received(Envelope.Seal(Key, 3, Direction.Down, Id, MessageType.Welcome, welcome.Encode()), 5);
    }
}
