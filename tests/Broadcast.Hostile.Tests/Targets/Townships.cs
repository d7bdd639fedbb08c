using System.Globalization;
using Broadcast.Device;
using Broadcast.Edge;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Townships;
using Broadcast.Hostile.Tests.Fuzzing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Parts of lists of children at the Pi, in any order, doubled, of several revisions: what is in force is all of one, and never an older one again, over a restart too.</summary>
internal sealed class TownshipParts : FileTarget
{
    private readonly EdgeSettings _settings;
    private int _round;

    public TownshipParts() => _settings = new EdgeSettings { Device = new DeviceSettings { Id = "pi-1", OrderKey = new string('a', 64) }, Data = Folder };

    public override long AllocatedBytesMax => 4 << 20;

    public override int InputsUsual => 1_000; // Each is a store of its own with its flushes.

    // The input is a program: the seed of its dice. A replay needs no more.
    public override byte[] Make(Dice dice) => dice.Bytes(8);

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 3);
        var settings = new EdgeSettings { Device = _settings.Device, Data = Path.Combine(Folder, $"{_round++ % 2}") };
        if (Directory.Exists(settings.Data)) Directory.Delete(settings.Data, recursive: true);
        using var store = new GatewayStore(new DataFolder(settings), NullLogger<GatewayStore>.Instance);
        var list = new TownshipList(PiOf(settings), store, NullLogger<TownshipList>.Instance);
        var isDamaged = dice.OneIn(3);
        for (var parts = 3 + dice.Below(12); parts > 0; parts--)
        {
            var before = list.Current;
            list.Take(isDamaged && dice.OneIn(2) ? ByteMutation.Of(Part(dice), dice) : Part(dice));
            var now = list.Current;
            Must(now == before || now.Revision > before.Revision, "an older list is in force again");
            Must(now.Children.Count <= Limits.ChildrenMax && now.Children.Values.All(c => c.Key.Length == (now.Epoch == 0 ? 0 : Limits.MacBytes)), "children that no list has");
            Must(isDamaged || now.Children.Keys.All(id => Number(id) / 100 == now.Revision), "children of another list");
        }

        var again = new TownshipList(PiOf(settings), store, NullLogger<TownshipList>.Instance).Current;
        Must(again.Revision == list.Current.Revision && again.Children.Count == list.Current.Children.Count, "after a restart another list is in force");
        return again.Revision > 0;
    }

    public static TownshipPi PiOf(EdgeSettings settings) => new(settings.Device.Id, new byte[32], 1, true);

    // Whose child it is stands in its name, so that a mixture shows.
    private static byte[] Part(Dice dice)
    {
        var (revision, parts) = (5 + dice.Below(3), 1 + dice.Below(3));
        var part = dice.Below(dice.OneIn(8) ? 4 : parts);
        return new Township
        {
            Revision = revision, Part = part, Parts = parts, Epoch = dice.OneIn(10) ? 8 : 7, ExpiresMs = 9,
            Children = [.. Enumerable.Range(0, dice.Below(4)).Select(n => new TownshipChild { Id = $"xn-{(revision * 100) + (part * 10) + n}", KeyEpoch = 1, Key = new byte[32] })],
        }.Encode();
    }

    private static int Number(string id) => int.TryParse(id.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>A Pi with a child's delegated keys, and one with forged ones: whatever it seals, only local alarms and notices sound, under a key that holds, as the township's word.</summary>
internal sealed class DelegatedOrders : FuzzTarget
{
    private const string Id = "dev-1";
    private const string Parent = "pi-1";
    private const long Noon = 1_795_000_000_000;
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public override long AllocatedBytesMax => 4 << 20;

    public override int InputsUsual => 10_000; // Each is an afternoon of up to forty frames.

    public override byte[] Make(Dice dice) => dice.Bytes(8);

    public override bool Take(byte[] input)
    {
        var dice = new Dice(BitConverter.ToUInt64(input), 4);
        var body = new WatchfulBody(dice);
        var core = new DeviceCore(Id, Key, 3, body, null) { Firmware = "fuzz", Board = "none" };
        core.Start(0, 0, ClockQuality.Unknown, 0);
        var (revoked, nowMs) = (0L, 10L);
        body.Plays = order => Allowed(order, revoked, core.WallMs(nowMs));
        Greet(core, body, nowMs);
        for (var events = 5 + dice.Below(36); events > 0; events--)
        {
            nowMs += dice.OneIn(5) ? dice.Below(4_000_000) : dice.Below(5_000);
            switch (dice.Below(10))
            {
                case 0: core.PlaybackEnded(body.Ended(), Failure.None, nowMs); break;
                case 1: revoked = Revoke(core, revoked, nowMs, dice); break;
                case 2: core.Received(ByteMutation.Of(Frame(dice, nowMs), dice), nowMs); break;
                case 3: core.Tick(nowMs); break;
                default: core.Received(Frame(dice, nowMs), nowMs); break;
            }

            core.PlayingId.ShouldBe(body.PlayingId, "core and body disagree on what plays");
        }

        return body.Soundings > 0;
    }

    // The text says under which key it came: epoch, when that ends, and whether the seal was true.
    private static void Allowed(Order order, long revoked, long wallMs)
    {
        var (epoch, expires, isTrue) = order.Text.Split('.') is [var e, var x, var t] ? (long.Parse(e, CultureInfo.InvariantCulture), Noon + long.Parse(x, CultureInfo.InvariantCulture), t == "1") : (0, 0, false);
        Must(isTrue, "a forged one sounds");
        Must(order.Class is WarningClass.LocalAlarm or WarningClass.LocalNotice, $"its key voices {order.Class}");
        Must(epoch > revoked, "a revoked key sounds");
        Must(order.ExpiresMs > wallMs && order.ExpiresMs <= expires, "it sounds after its key's end, or its own");
        Must(order is { Issuer: RegionLevel.Township, OrderedBy: Parent } && (order.Class == WarningClass.LocalAlarm || order is { Level: WarningLevel.None, Siren: false }), "more than a township's word");
    }

    private static byte[] Frame(Dice dice, long nowMs)
    {
        var (epoch, expires) = (dice.OneIn(20) ? dice.Edge() : 1 + dice.Below(8), dice.OneIn(4) ? nowMs + dice.Below(10_000) - 5_000 : nowMs + 3_600_000L);
        var isTrue = !dice.OneIn(5);
        var order = dice.OneIn(6) ? Orders.Edgy(dice) : Orders.Proper(dice, Noon + nowMs);
        (order.Class, order.Kind) = (dice.OneIn(4) ? order.Class : dice.OneIn(2) ? WarningClass.LocalAlarm : WarningClass.LocalNotice, dice.OneIn(6) ? order.Kind : OrderKind.Alert);
        (order.Text, order.ExpiresMs) = (FormattableString.Invariant($"{epoch}.{expires}.{(isTrue ? 1 : 0)}"), Noon + (dice.OneIn(5) ? expires + 1 : expires));
        var said = new DelegatedOrder { Parent = dice.OneIn(20) ? "pi-2" : Parent, Epoch = epoch, ExpiresMs = Noon + expires, Order = order.Encode() };
        // Forged is what is sealed under another key of the same Pi, another's, or the child's own as if that were delegated to nobody.
        var key = Delegation.Key(Key, Parent, epoch, Noon + expires);
        if (!isTrue || said.Parent != Parent) key = dice.Below(3) switch { 0 => Delegation.Key(Key, Parent, epoch + 1, Noon + expires), 1 => Delegation.Key(new byte[32], Parent, epoch, Noon + expires), _ => dice.Bytes(32) };
        return Envelope.Seal(key, 3, Direction.Down, Id, MessageType.Delegated, said.Encode());
    }

    private static long Revoke(DeviceCore core, long revoked, long nowMs, Dice dice)
    {
        var (upTo, isTrue) = ((long)dice.Below(5), dice.OneIn(2));
        core.Received(Envelope.Seal(isTrue ? Key : new byte[32], 3, Direction.Down, Id, MessageType.Revocation, new Revocation { UpTo = upTo }.Encode()), nowMs);
        return isTrue ? core.RevokedUpTo : revoked;
    }

    private static void Greet(DeviceCore core, WatchfulBody body, long nowMs)
    {
        while (!core.IsSessionUp)
        {
            core.LinkDown(nowMs);
            core.LinkUp(nowMs);
            foreach (var (_, frame) in body.Sent.ToArray())
            {
                if (Envelope.Open(frame, Key, Direction.Up, Id) is not { Type: MessageType.Hello } opened || Hello.Decode(opened.Body) is not { } hello) continue;
                core.Received(Envelope.Seal(Key, 3, Direction.Down, Id, MessageType.Welcome, new Welcome { Nonce = hello.Nonce, NowMs = Noon + nowMs, ReportSeconds = 60, Epoch = 1 }.Encode()), nowMs);
            }

            body.Sent.Clear();
        }
    }
}
