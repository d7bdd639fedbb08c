using Broadcast.Device;
using Broadcast.Hostile.Tests.Fuzzing;

namespace Broadcast.Hostile.Tests.Targets;

/// <summary>Sealed frames with damage: only an undamaged one opens, and only one form of each is a frame.</summary>
internal sealed class EnvelopeFrame : FuzzTarget
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private byte[] _proper = [];

    public override long AllocatedBytesMax => 64 * 1024;

    public override byte[] Make(Dice dice)
    {
        var id = dice.Of(["dev-1", "a", new string('d', 32)]);
        _proper = Envelope.Seal(Key, dice.EdgeInt() & int.MaxValue, (Direction)dice.Below(2), id, (MessageType)dice.Below(256), dice.OneIn(3) ? dice.Bytes(dice.Below(200)) : Orders.Proper(dice, 1_795_000_000_000).Encode());
        return dice.OneIn(8) ? _proper : ByteMutation.Of(_proper, dice);
    }

    public override bool Take(byte[] input)
    {
        if (!Envelope.TryPeek(input, out var device, out var epoch, out var type)) return false;
        var opened = new[] { Direction.Down, Direction.Up }.Select(d => (Direction: d, Opened: Envelope.Open(input, Key, d, device))).Where(o => o.Opened.Refusal != Refusal.Misaddressed).ToArray();
        Must(opened.Length == 1, "a frame has one direction");
        if (opened[0].Opened.Refusal != Refusal.None) return false;
        Must(opened[0].Opened.KeyEpoch == epoch && opened[0].Opened.Type == type, "peek and open disagree");
        Must(Envelope.Seal(Key, epoch, opened[0].Direction, device, type, opened[0].Opened.Body).AsSpan().SequenceEqual(input), "two forms of one frame, or a forged one");
        return true;
    }
}

/// <summary>The reader under all of the wire, driven by a program that the input itself is.</summary>
internal sealed class CborItems : FuzzTarget
{
    private static readonly byte[][] Others = [new Hello().Encode(), new Report().Encode(), new Welcome { NowMs = 1_795_000_000_000 }.Encode()];

    public override long AllocatedBytesMax => 256 * 1024;

    public override byte[] Make(Dice dice) => [.. dice.Bytes(8), .. ByteMutation.Of(dice.Of(Others), dice, Others)];

    public override bool Take(byte[] input)
    {
        if (input.Length < 8) return false;
        var reader = new CborReader(input, 8, input.Length - 8);
        for (var step = 0; step < 64 && !reader.Failed && !reader.Complete; step++)
        {
            var before = reader.Position;
            Read(reader, input[step % 8] + (step / 8));
            Must(reader.Position >= before && reader.Position <= input.Length, "the reader left its range");
        }

        var failed = reader.Failed;
        reader.Int();
        Must(!failed || reader.Failed, "a fault was forgotten");
        return !failed;
    }

    private static void Read(CborReader reader, int what)
    {
        switch (what % 8)
        {
            case 0: reader.Int(); break;
            case 1: reader.Bool(); break;
            case 2: Must(reader.Array(100) is >= 0 and <= 100, "an array beyond its bound"); break;
            case 3: Must(reader.Map(100) is >= 0 and <= 100, "a map beyond its bound"); break;
            case 4: Must(reader.Bytes(0, 64).Length <= 64, "bytes beyond their bound"); break;
            case 5: Must(Utf8.BytesOf(reader.Text(64)) <= 64, "text beyond its bound"); break;
            case 6: Must(reader.Ascii(16).All(c => c is >= ' ' and <= '~'), "no printable ASCII"); break;
            default: reader.Rest(1, 0); break;
        }
    }
}
