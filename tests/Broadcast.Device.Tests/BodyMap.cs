namespace Broadcast.Device.Tests;

/// <summary>An encoded body map taken apart into its pairs, so that a test can spoil one of them.</summary>
internal sealed class BodyMap
{
    private BodyMap(List<(long Key, byte[] Value)> pairs) => Pairs = pairs;

    public List<(long Key, byte[] Value)> Pairs { get; }

    /// <summary>A golden frame's type and body.</summary>
    public static (MessageType Type, byte[] Body) OfFrame(string name)
    {
        byte[] frame = Vectors.FromCode[name];
        Opened opened = Envelope.Open(frame, Bench.Key, Direction.Down, Bench.Id);
        if (opened.Refusal == Refusal.Misaddressed)
            opened = Envelope.Open(frame, Bench.Key, Direction.Up, Bench.Id);
        opened.Refusal.ShouldBe(Refusal.None, name);
        return (opened.Type, opened.Body);
    }

    public static BodyMap Read(byte[] body)
    {
        CborReader reader = new(body, 0, body.Length);
        List<(long, byte[])> pairs = [];
        for (int left = reader.Map(Limits.FrameBytesMax); left > 0; left--)
        {
            int start = reader.Position;
            reader.Rest(1, 0, -1);
            CborReader key = new(body, start, reader.Position - start);
            pairs.Add((key.Int(), body[key.Position..reader.Position]));
        }

        reader.Complete.ShouldBeTrue();
        return new BodyMap(pairs);
    }

    public static byte[] Number(long value) => Written(writer => writer.Int(value));

    public static byte[] Text(string value) => Written(writer => writer.Text(value));

    public bool IsNumber(int index) => Pairs[index].Value[0] >> 5 <= 1;

    public byte[] With(int index, byte[] value) => Write([.. Pairs[..index], (Pairs[index].Key, value), .. Pairs[(index + 1)..]]);

    public byte[] Without(int index) => Write([.. Pairs[..index], .. Pairs[(index + 1)..]]);

    /// <summary>With one more pair behind the others.</summary>
    public byte[] Plus(long key) => Write([.. Pairs, (key, Number(7))]);

    public byte[] Swapped(int index) => Write([.. Pairs[..index], Pairs[index + 1], Pairs[index], .. Pairs[(index + 2)..]]);

    private static byte[] Write(List<(long Key, byte[] Value)> pairs) => Written(writer =>
    {
        writer.Map(pairs.Count);
        foreach ((long key, byte[] value) in pairs)
        {
            writer.Int(key);
            writer.Raw(value);
        }
    });

    private static byte[] Written(Action<CborWriter> write)
    {
        CborWriter writer = new(64);
        write(writer);
        return writer.ToArray();
    }
}
