namespace Broadcast.Rules;

/// <summary>What a person may do, within their region. A set: a small bureau gives one person several, the rule of two still holds.</summary>
[Flags]
public enum Duties
{
    None = 0,

    /// <summary>Writes, submits, releases and cancels warnings.</summary>
    Operator = 1,

    /// <summary>Approves or rejects what somebody else submitted.</summary>
    Approver = 2,

    /// <summary>Provisions and maintains devices.</summary>
    Technician = 4,

    /// <summary>Reads everything in the region.</summary>
    Monitor = 8,

    /// <summary>Manages people, regions and keys.</summary>
    Administrator = 16,
}

/// <summary>Somebody who signs in. The region is where they may act; its level is their rank.</summary>
public sealed record Person(PersonId Id, string Name, Duties Duties, Region Region);
