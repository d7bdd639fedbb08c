using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Makes bodies of one message: fields at their edges, keys of a later version, then damage to the bytes.</summary>
internal abstract class BodyTarget : FuzzTarget
{
    private const int KeysOnePlaceMax = 22; // A map of 23 or fewer has its count in the head.

    public override long AllocatedBytesMax => 64 * 1024;

    public override byte[] Make(Dice dice)
    {
        var body = Proper(dice);
        if (dice.OneIn(4)) body = WithLaterKey(body, dice);
        return dice.OneIn(3) ? body : ByteMutation.Of(body, dice);
    }

    public override bool Take(byte[] input)
    {
        if (Again(input) is not { } once) return false;
        var twice = Again(once);
        Must(twice is not null && twice.AsSpan().SequenceEqual(once), "what it writes it does not read as the same");
        // Keys of later versions are let go, a shorter list of counters is filled up: both have more pairs or fewer bytes. All else has one form.
        if (HasOneForm && input[0] == once[0]) Must(once.AsSpan().SequenceEqual(input), "two forms of one message: " + Convert.ToHexString(once));
        return true;
    }

    protected virtual bool HasOneForm => true;

    protected abstract byte[] Proper(Dice dice);

    protected abstract byte[]? Again(byte[] body);

    protected static string Text(Dice dice, int charsMax, string alphabet) =>
        string.Create(dice.OneIn(10) ? charsMax + dice.Below(3) : dice.Below(Math.Min(charsMax, 12) + 1), (dice, alphabet), static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = from.alphabet[from.dice.Below(from.alphabet.Length)];
        });

    private static byte[] WithLaterKey(byte[] body, Dice dice)
    {
        if ((body[0] & 0x1F) >= KeysOnePlaceMax) return body;
        var key = dice.OneIn(3) ? 23 + dice.Below(60) : Limits.IgnorableKeyMin + dice.Below(100);
        var more = new CborWriter(32);
        more.Int(key);
        switch (dice.Below(5))
        {
            case 0: more.Int(dice.Edge()); break;
            case 1: more.Text("later"); break;
            case 2: more.Array(2); more.Bool(true); more.Bytes(dice.Bytes(4)); break;
            case 3: more.Map(1); more.Pair(3, 4); break;
            default: for (var depth = dice.Below(12); depth > 0; depth--) more.Array(1); more.Int(0); break;
        }

        return [(byte)(body[0] + 1), .. body.AsSpan(1), .. more.ToArray()];
    }
}

internal sealed class OrderBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => Orders.Edgy(dice).Encode();

    protected override byte[]? Again(byte[] body)
    {
        var order = Order.Decode(body);
        if (order is not null && order.Check() == Refusal.None) Must(order.SpokenText().Length <= order.Text.Length + 60, "says more than its text and its frame");
        return order?.Encode();
    }
}

internal sealed class ReceiptBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Receipt
    {
        WarningId = dice.Bytes(dice.OneIn(20) ? dice.Below(40) : 16), Revision = dice.EdgeInt(), Sequence = dice.Edge(), State = (ReceiptState)dice.Below(9), Reason = (byte)dice.Bits(),
        Attempt = dice.EdgeInt(), AtMs = dice.Edge(), Clock = (ClockQuality)dice.Below(5), Number = dice.Edge(),
        OrderedBy = dice.OneIn(3) ? Text(dice, Limits.DeviceIdCharsMax, "pi-1é") : "", Class = (WarningClass)dice.Below(8),
    }.Encode();

    protected override byte[]? Again(byte[] body) => Receipt.Decode(body)?.Encode();
}

internal sealed class HelloBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Hello
    {
        Nonce = dice.Bytes(dice.OneIn(20) ? dice.Below(40) : 16), HighWater = dice.Edge(), Firmware = Text(dice, Limits.NameCharsMax, "ab 1.~\u007F"), Board = Text(dice, Limits.NameCharsMax, "xyz-9é"),
        ResetReason = (byte)dice.Bits(), Clock = (ClockQuality)dice.Below(5), WallMs = dice.Edge(), Boot = dice.EdgeInt(),
    }.Encode();

    protected override byte[]? Again(byte[] body) => Hello.Decode(body)?.Encode();
}

internal sealed class WelcomeBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) =>
        new Welcome { Nonce = dice.Bytes(16), NowMs = dice.OneIn(2) ? 1_795_000_000_000 + dice.Below(1_000_000) : dice.Edge(), ReportSeconds = dice.EdgeInt(), Epoch = dice.Edge(), RevokedUpTo = dice.OneIn(2) ? 0 : dice.Edge() & long.MaxValue }.Encode();

    protected override byte[]? Again(byte[] body) => Welcome.Decode(body)?.Encode();
}

internal sealed class ReportBody : BodyTarget
{
    protected override bool HasOneForm => false;

    protected override byte[] Proper(Dice dice) => new Report
    {
        Firmware = Text(dice, Limits.NameCharsMax, "ab 1.~"), Volume = dice.Below(103), BatteryMillivolts = dice.OneIn(5) ? dice.EdgeInt() : 12_600, SignalDbm = dice.Below(300) - 200, Mains = dice.OneIn(2),
        Faults = dice.EdgeInt() & int.MaxValue, UptimeMs = dice.Edge() & long.MaxValue, Playing = dice.Below(2), Waiting = dice.EdgeInt() & int.MaxValue,
        Refusals = [.. Enumerable.Range(0, dice.Below(36)).Select(_ => dice.EdgeInt() & int.MaxValue)], AtMs = 1_795_000_000_000, Clock = (ClockQuality)dice.Below(4), Uplink = dice.OneIn(2) ? Text(dice, Limits.NameCharsMax, "fibre-4g~") : "", IsMetered = dice.OneIn(2), UplinkWhy = Text(dice, Limits.NameCharsMax, "why é"),
    }.Encode();

    protected override byte[]? Again(byte[] body) => Report.Decode(body)?.Encode();
}

internal sealed class PingBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Ping().Encode();

    protected override byte[]? Again(byte[] body) => Ping.Decode(body)?.Encode();
}

internal sealed class TownshipBody : BodyTarget
{
    protected override byte[] Proper(Dice dice)
    {
        var epoch = dice.OneIn(3) ? 0 : 1_795_000_000_000 + dice.Below(1_000);
        return new Township
        {
            Revision = dice.OneIn(2) ? dice.Edge() : 5, Part = dice.Below(dice.OneIn(6) ? 6 : 2), Parts = dice.OneIn(6) ? dice.Below(6) : 2, Epoch = epoch, ExpiresMs = Some.Time(dice),
            Children = [.. Enumerable.Range(0, dice.Below(18)).Select(_ => new TownshipChild
            {
                Id = "xn-" + Text(dice, Limits.DeviceIdCharsMax - 3, dice.OneIn(20) ? "01é" : "01"), KeyEpoch = dice.OneIn(20) ? dice.EdgeInt() : 1, Verifier = dice.Bytes(dice.OneIn(30) ? 31 : 32), Key = dice.Bytes(epoch == 0 ? 0 : 32),
            })],
        }.Encode();
    }

    protected override byte[]? Again(byte[] body) => Township.Decode(body)?.Encode();
}

internal sealed class DelegatedBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new DelegatedOrder
    {
        Parent = Text(dice, Limits.DeviceIdCharsMax, "pi-1é"), Epoch = dice.Edge(), ExpiresMs = dice.Edge(), Order = dice.OneIn(3) ? dice.Bytes(dice.Below(60)) : Orders.Edgy(dice).Encode(),
    }.Encode();

    protected override byte[]? Again(byte[] body) => DelegatedOrder.Decode(body)?.Encode();
}

internal sealed class RevocationBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new Revocation { UpTo = dice.Edge() }.Encode();

    protected override byte[]? Again(byte[] body) => Revocation.Decode(body)?.Encode();
}

internal sealed class ChildGoneBody : BodyTarget
{
    protected override byte[] Proper(Dice dice) => new ChildGone { Child = Text(dice, Limits.DeviceIdCharsMax, "xn-01é"), SilenceMs = dice.EdgeInt() }.Encode();

    protected override byte[]? Again(byte[] body) => ChildGone.Decode(body)?.Encode();
}
