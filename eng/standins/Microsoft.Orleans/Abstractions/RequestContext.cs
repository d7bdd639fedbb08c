namespace Orleans.Runtime;

/// <summary>Values that travel with a call, and with the calls it makes.</summary>
public static class RequestContext
{
    private const string ReentrancyKey = "#CCR";
    private static readonly AsyncLocal<Dictionary<string, object>?> Current = new();

    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty)
                Remove(ReentrancyKey);
            else
                Set(ReentrancyKey, value);
        }
    }

    public static IEnumerable<string> Keys => Current.Value?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Current.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    internal static Dictionary<string, object>? Values
    {
        get => Current.Value;
        set => Current.Value = value;
    }

    /// <summary>Until it is disposed, calls that this one leads to may come back to this grain.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var before = ReentrancyId;
        return new ReentrancySection(before, before == Guid.Empty ? Guid.NewGuid() : before);
    }

    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    public static object? Get(string key) => Current.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    // A dictionary is replaced, never changed, because calls in flight share it.
    public static void Set(string key, object value) =>
        Current.Value = new Dictionary<string, object>(Current.Value ?? []) { [key] = value };

    public static bool Remove(string key)
    {
        if (Current.Value is not { } values || !values.ContainsKey(key))
            return false;
        var rest = new Dictionary<string, object>(values);
        rest.Remove(key);
        Current.Value = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Current.Value = null;

    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid before;
        private readonly Guid during;

        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            before = originalReentrancyId;
            during = newReentrancyId;
            if (during != before)
                ReentrancyId = during;
            if (during != Guid.Empty)
                Activation.Current?.EnterReentrantSection(during);
        }

        public void Dispose()
        {
            if (during != Guid.Empty)
                Activation.Current?.LeaveReentrantSection(during);
            if (during != before)
                ReentrancyId = before;
        }
    }
}
