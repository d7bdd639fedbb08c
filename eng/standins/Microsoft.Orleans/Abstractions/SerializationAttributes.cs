namespace Orleans;

/// <summary>Marks a type that may cross a grain interface. Only its members with an <see cref="IdAttribute"/> travel.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute
{
    public bool IncludePrimaryConstructorParameters { get; init; }

    public GenerateFieldIds GenerateFieldIds { get; init; } = GenerateFieldIds.None;
}

public enum GenerateFieldIds
{
    None,
    PublicProperties,
}

/// <summary>The stable number of a member on the wire.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Class
    | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class IdAttribute(uint id) : Attribute
{
    public uint Id { get; } = id;
}

/// <summary>The stable name of a type or method on the wire.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum
    | AttributeTargets.Method, AllowMultiple = true)]
public sealed class AliasAttribute(string alias) : Attribute
{
    public string Alias { get; } = alias;
}

/// <summary>What carries it is never changed again, so it is handed on without a copy.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property
    | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute
{
}

/// <summary>How long the caller of this method waits, instead of the silo's ResponseTimeout.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture);
}
