using System.Net;

namespace Orleans.Runtime;

public readonly struct IdSpan : IEquatable<IdSpan>
{
    private readonly string? text;

    private IdSpan(string text) => this.text = text;

    public bool IsDefault => string.IsNullOrEmpty(text);

    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);

    public static IdSpan Create(string id) => new(id);

    public bool Equals(IdSpan obj) => string.Equals(text, obj.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    public override int GetHashCode() => text is null ? 0 : string.GetHashCode(text, StringComparison.Ordinal);

    public override string ToString() => text ?? "";
}

public readonly struct GrainType : IEquatable<GrainType>
{
    public GrainType(IdSpan id) => Value = id;

    public IdSpan Value { get; }

    public bool IsDefault => Value.IsDefault;

    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);

    public static GrainType Create(string value) => new(IdSpan.Create(value));

    public bool Equals(GrainType obj) => Value.Equals(obj.Value);

    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Value.ToString();
}

/// <summary>A grain's identity: what it is and which one.</summary>
public readonly struct GrainId : IEquatable<GrainId>
{
    public GrainId(GrainType type, IdSpan key)
    {
        Type = type;
        Key = key;
    }

    public GrainType Type { get; }

    public IdSpan Key { get; }

    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    public bool Equals(GrainId other) => Key.Equals(other.Key) && Type.Equals(other.Type);

    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, Key);

    public override string ToString() => $"{Type}/{Key}";
}

/// <summary>A silo's endpoint and the generation that tells a restarted silo from the one before.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    public IPEndPoint Endpoint { get; }

    public int Generation { get; }

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    public static SiloAddress New(IPAddress address, int port, int generation) => new(new IPEndPoint(address, port), generation);

    public string ToParsableString() => $"{Endpoint}@{Generation}";

    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    public override string ToString() => $"S{Endpoint}:{Generation}";
}
