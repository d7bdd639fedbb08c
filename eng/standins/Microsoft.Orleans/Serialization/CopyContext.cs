namespace Orleans.Serialization;

/// <summary>What has been copied already, so that one object stays one and a cycle ends.</summary>
internal sealed class CopyContext
{
    private Dictionary<object, object>? copies;

    public bool TryGet(object original, out object? copy)
    {
        copy = null;
        return copies is not null && copies.TryGetValue(original, out copy);
    }

    public void Record(object original, object copy) => (copies ??= new(ReferenceEqualityComparer.Instance))[original] = copy;
}
