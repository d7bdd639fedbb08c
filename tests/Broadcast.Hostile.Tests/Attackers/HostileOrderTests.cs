using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;
using Broadcast.Hostile.Tests.Targets;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>A million orders that no device may take (R3): none sounds, and each is counted once, under its own reason.</summary>
public sealed class HostileOrderTests(ITestOutputHelper output)
{
    private const string Id = "dev-1";
    private const long Noon = 1_795_000_000_000;
    private const int Orders = 1_000_000;
    private const int KeyEpoch = 3;
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] OtherKey = [.. Enumerable.Range(2, 32).Select(i => (byte)i)];

    [Fact]
    public void Of_a_million_forged_altered_misaddressed_expired_and_old_orders_none_sounds_and_each_is_counted_once()
    {
        var dice = new Dice(Fuzzer.Seed, 0);
        var body = new WatchfulBody(new Dice(1, 1));
        var core = Welcomed(body);
        var played = Play(core, body);
        var expected = new long[Report.RefusalCounters];
        var start = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < Orders; i++)
        {
            var (frame, refusal) = Hostile(new Dice(Fuzzer.Seed, i), played);
            var before = Counted(core);
            core.Received(frame, 5_000);
            expected[(int)refusal]++;
            if (core.RefusalCount(refusal) != expected[(int)refusal] || Counted(core) != before + 1 || body.Soundings != 1 || body.SirenOpen)
                throw new ShouldAssertException($"seed {Fuzzer.Seed}, order {i} was not {refusal}: {Convert.ToHexString(frame)}");
            if (i % 100 == 0) body.Sent.Clear();
        }

        output.WriteLine($"{Orders:N0} orders in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:F1} s: {string.Join(", ", expected.Select((n, r) => (n, (Refusal)r)).Where(e => e.n > 0).Select(e => $"{e.Item2} {e.n:N0}"))}");
        expected.Count(n => n > 0).ShouldBe(7, "every kind of hostile order came");
        core.Received(Seal(Order(dice)), 6_000);
        body.Soundings.ShouldBe(2, "and an honest one still sounds");
    }

    /// <summary>What an honest repeat by the link is not: an attack. It is answered, counted nowhere, and silent.</summary>
    [Fact]
    public void A_hundred_thousand_repeats_of_an_order_that_was_played_sound_never()
    {
        var body = new WatchfulBody(new Dice(1, 1));
        var core = Welcomed(body);
        var played = Play(core, body);
        for (var i = 0; i < 100_000; i++)
        {
            core.Received(played, 5_000);
            body.Sent.Clear();
        }

        body.Soundings.ShouldBe(1);
        core.Repeats.ShouldBe(100_000);
        Counted(core).ShouldBe(0);
    }

    private static (byte[] Frame, Refusal Refusal) Hostile(Dice dice, byte[] played)
    {
        var order = Order(dice);
        switch (dice.Below(7))
        {
            case 0: return (Seal(order, key: OtherKey), Refusal.Forged);
            case 1: return (Altered(dice, dice.OneIn(2) ? played : Seal(order)), Refusal.Forged);
            case 2: return (dice.OneIn(2) ? Seal(order, device: "dev-2") : Envelope.Seal(Key, KeyEpoch, Direction.Up, Id, MessageType.Order, order.Encode()), Refusal.Misaddressed);
            case 3: return (Seal(order, epoch: dice.OneIn(2) ? KeyEpoch - 1 : KeyEpoch + 1), Refusal.UnknownKey);
            case 4:
                order.ExpiresMs = Noon + 4_000 - dice.Below(10_000_000);
                order.NotBeforeMs = order.ExpiresMs - 1_000;
                return (Seal(order), Refusal.Expired);
            case 5:
                order.Sequence = Noon - Limits.LostStateHorizonMs - dice.Below(1_000_000_000);
                return (Seal(order), Refusal.Replayed);
            default:
                return dice.OneIn(2) ? (Cut(dice, Seal(order)), Refusal.Malformed) : (Spoilt(order, dice), Refusal.Unsupported);
        }
    }

    private static Order Order(Dice dice) => new()
    {
        WarningId = dice.Bytes(16), Revision = 1, Class = dice.Of([WarningClass.Actual, WarningClass.Test, WarningClass.SirenTest]), Level = (WarningLevel)dice.Below(5), Event = "11B03",
        Sequence = Noon + 1_000 + dice.Below(1_000_000), NotBeforeMs = Noon - 1_000, ExpiresMs = Noon + 3_600_000, Text = "请立即转移", Repetitions = 1, Volume = 80, Siren = true,
    };

    // A bit of the authenticator, or of the text in the middle: the form stays whole, so only the authenticator tells.
    private static byte[] Altered(Dice dice, byte[] frame)
    {
        byte[] altered = [.. frame];
        var at = dice.OneIn(2) ? altered.Length - 1 - dice.Below(Limits.MacBytes) : altered.AsSpan().IndexOf("11B03"u8) + dice.Below(5);
        altered[at] ^= (byte)(1 << dice.Below(6));
        return altered;
    }

    private static byte[] Cut(Dice dice, byte[] frame) => frame[..dice.Below(frame.Length)];

    private static byte[] Spoilt(Order order, Dice dice)
    {
        order.Class = (WarningClass)(7 + dice.Below(200));
        return Seal(order);
    }

    private static byte[] Seal(Order order, byte[]? key = null, string device = Id, int epoch = KeyEpoch) =>
        Envelope.Seal(key ?? Key, epoch, Direction.Down, device, MessageType.Order, order.Encode());

    private static long Counted(DeviceCore core)
    {
        long sum = 0;
        for (var r = Refusal.None; r <= Refusal.Unsupported; r++) sum += core.RefusalCount(r);
        return sum;
    }

    private static byte[] Play(DeviceCore core, WatchfulBody body)
    {
        var frame = Seal(Order(new Dice(5, 5)));
        core.Received(frame, 4_000);
        core.PlaybackEnded(body.Ended(), Failure.None, 4_500);
        body.Soundings.ShouldBe(1);
        return frame;
    }

    private static DeviceCore Welcomed(WatchfulBody body)
    {
        var core = new DeviceCore(Id, Key, KeyEpoch, body, null);
        core.Start(0, 0, ClockQuality.Unknown, 0);
        for (var nowMs = 0L; !core.IsSessionUp; nowMs += 100)
        {
            core.LinkUp(nowMs);
            var hello = body.Sent.Select(s => Envelope.Open(s.Frame, Key, Direction.Up, Id)).LastOrDefault(o => o.Type == MessageType.Hello);
            if (hello is null) continue;
            var welcome = new Welcome { Nonce = Hello.Decode(hello.Body)!.Nonce, NowMs = Noon, ReportSeconds = 60, Epoch = 1 };
            core.Received(Envelope.Seal(Key, KeyEpoch, Direction.Down, Id, MessageType.Welcome, welcome.Encode()), nowMs);
        }

        return core;
    }
}
