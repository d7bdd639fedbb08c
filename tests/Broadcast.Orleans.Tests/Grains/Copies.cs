namespace Broadcast.Orleans.Tests.Grains;

public enum Colour : byte
{
    Red = 1,
    Blue = 4,
}

[GenerateSerializer]
public sealed class Note
{
    [Id(0)]
    public string Text { get; set; } = "";

    [Id(1)]
    public List<int> Numbers { get; set; } = [];

    [Id(2)]
    public Note? Other { get; set; }

    /// <summary>Has no Id, so it stays behind.</summary>
    public string? Scratch { get; set; }
}

[GenerateSerializer]
public sealed record Reading([property: Id(0)] string Sensor, [property: Id(1)] double? Value, [property: Id(2)] DateTimeOffset At)
{
    [Id(3)]
    public IReadOnlyList<int> Window { get; init; } = [];
}

[GenerateSerializer]
public readonly record struct Point([property: Id(0)] double Longitude, [property: Id(1)] double Latitude);

[GenerateSerializer]
public abstract class Shape
{
    [Id(0)]
    public required string Name { get; init; }
}

[GenerateSerializer]
public sealed class Circle : Shape
{
    [Id(0)]
    private readonly int[] radii;

    public Circle(params int[] radii) => this.radii = radii;

    public int[] Radii => radii;
}

[GenerateSerializer, Immutable]
public sealed class Fixed
{
    [Id(0)]
    public int[] Numbers { get; init; } = [];
}

/// <summary>Carries no [GenerateSerializer].</summary>
public sealed class Unserializable
{
    public int Number { get; set; }
}

public interface ICopyGrain : IGrainWithStringKey
{
    Task Keep(object value);

    /// <summary>What it kept, itself: a copy is made on the way out.</summary>
    Task<object> Kept();

    Task<bool> IsWhatItKept(object value);

    Task KeepFixed([Immutable] List<int> value);

    Task<bool> FixedIsSame(Holder holder);

    Task<bool> AreOne(Note first, Note second);

    Task<object> MakeUnserializable();

    Task<string> Append(string tail, ITurnGrain to);

    Task PassSelf(ICopyReceiver to);

    Task<Colour?> Echo(Colour? colour);

    Task<Point> Move(Point point);

    Task<(int Count, string Text)> Pair(int count, string text);
}

/// <summary>Brings an object over without a copy, so that a test can compare references.</summary>
[GenerateSerializer, Immutable]
public sealed class Holder
{
    [Id(0)]
    public object Value { get; init; } = null!;
}

public interface ICopyReceiver : IGrainWithStringKey
{
    Task Receive(ICopyGrain grain);

    Task<string> SenderKey();
}

public sealed class CopyGrain : Grain, ICopyGrain
{
    private object kept = "";
    private List<int> keptFixed = [];

    public Task Keep(object value)
    {
        kept = value;
        return Task.CompletedTask;
    }

    public Task<object> Kept() => Task.FromResult(kept);

    public Task<bool> IsWhatItKept(object value) => Task.FromResult(ReferenceEquals(kept, value));

    public Task KeepFixed(List<int> value)
    {
        keptFixed = value;
        return Task.CompletedTask;
    }

    public Task<bool> FixedIsSame(Holder holder) => Task.FromResult(ReferenceEquals(keptFixed, holder.Value));

    public Task<bool> AreOne(Note first, Note second) => Task.FromResult(ReferenceEquals(first, second));

    public Task<object> MakeUnserializable() => Task.FromResult<object>(new Unserializable());

    public async Task<string> Append(string tail, ITurnGrain to)
    {
        await to.Mark(tail);
        return to.GetPrimaryKeyString() + tail;
    }

    public Task PassSelf(ICopyReceiver to) => to.Receive(this.AsReference<ICopyGrain>());

    public Task<Colour?> Echo(Colour? colour) => Task.FromResult(colour);

    public Task<Point> Move(Point point) => Task.FromResult(new Point(point.Longitude + 1, point.Latitude + 1));

    public Task<(int Count, string Text)> Pair(int count, string text) => Task.FromResult((count, text));
}

public sealed class CopyReceiver : Grain, ICopyReceiver
{
    private ICopyGrain? sender;

    public Task Receive(ICopyGrain grain)
    {
        sender = grain;
        return Task.CompletedTask;
    }

    public Task<string> SenderKey() => Task.FromResult(sender!.GetPrimaryKeyString());
}
