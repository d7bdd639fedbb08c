namespace Broadcast.Ledger.Storage;

/// <summary>
/// A local receipt's place is its number. It was the number's rest by the ring's length, but numbers leap at every start of a device, so that a newer receipt
/// took an older one's place long before there were too many.
/// </summary>
internal static class SchemaV9
{
    public static readonly IReadOnlyList<string> Statements = ["UPDATE local_receipt SET slot = number"];
}
