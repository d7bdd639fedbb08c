namespace Broadcast.Device.Tests;

/// <summary>Bad bytes: nothing throws, and what is read is what would be written.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void A_hundred_thousand_damaged_bodies_are_refused_or_encode_to_themselves()
    {
        const int Seed = 815;
        Random random = new(Seed);
        (MessageType Type, byte[] Body)[] bodies =
        [
            (MessageType.Order, Vectors.Order().Encode()), (MessageType.Order, Vectors.Cancel().Encode()), (MessageType.Receipt, Vectors.Receipt().Encode()),
            (MessageType.Hello, Vectors.Hello().Encode()), (MessageType.Welcome, Vectors.Welcome().Encode()), (MessageType.Report, Vectors.Report().Encode()), (MessageType.Report, Vectors.UplinkReport().Encode()),
            (MessageType.Alarm, Vectors.Alarm().Encode()), (MessageType.Reading, Vectors.Reading().Encode()), (MessageType.Settings, Vectors.Settings().Encode()),
            (MessageType.SoundTest, Vectors.SoundTest().Encode()),
        ];
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
        {
            (MessageType type, byte[] body) = bodies[random.Next(bodies.Length)];
            byte[] damaged = Mutation.Of(body, random);
            byte[]? again = Messages.DecodeAndEncode(type, damaged);
            if (again == null)
                continue;
            taken++;
            // A report with fewer counters is read as one with zeros; everything else has one form only.
            if (type != MessageType.Report && !again.AsSpan().SequenceEqual(damaged))
                throw new ShouldAssertException($"seed {Seed}, body {i}: two encodings of one {type}: {Convert.ToHexString(damaged)}");
        }

        taken.ShouldBeGreaterThan(100, "a fuzz that only makes rubbish proves little");
    }

    [Fact]
    public void A_hundred_thousand_damaged_frames_are_refused_by_name()
    {
        const int Seed = 816;
        Random random = new(Seed);
        byte[] good = Vectors.FromCode["order-frame"];
        for (int i = 0; i < 100_000; i++)
        {
            byte[] damaged = Mutation.Of(good, random);
            bool same = damaged.AsSpan().SequenceEqual(good);
            bool opened = Envelope.Open(damaged, Bench.Key, Bench.KeyEpoch, Direction.Down, Bench.Id).Refusal == Refusal.None;
            if (opened != same)
                throw new ShouldAssertException($"seed {Seed}, frame {i}: {Convert.ToHexString(damaged)}");
        }
    }

    [Fact]
    public void Authentic_rubbish_never_breaks_the_core()
    {
        const int Seed = 817;
        Random random = new(Seed);
        Bench bench = new();
        for (int i = 0; i < 20_000; i++)
        {
            MessageType type = (MessageType)random.Next(0, 32);
            byte[] body = Mutation.Of(random.Next(2) == 0 ? Vectors.Order().Encode() : Vectors.Welcome().Encode(), random);
            if (body.Length > Limits.TextBytesMax)
                continue;
            bench.Core.Received(Bench.Frame(type, body), bench.NowMs);
            bench.Body.Outgoing.Clear();
        }
    }
}
