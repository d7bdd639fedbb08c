using Orleans.Runtime;

namespace Orleans.Configuration;

public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer; 30 s unless set.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How often a call that had waited for an activation which went away is sent on; twice unless set.</summary>
    public int MaxForwardCount { get; set; } = 2;
}

public class SiloOptions
{
    public string SiloName { get; set; } = null!;
}

public class ClusterOptions
{
    public const string DefaultClusterId = "default";
    public const string DefaultServiceId = "default";

    public string ClusterId { get; set; } = DefaultClusterId;

    public string ServiceId { get; set; } = DefaultServiceId;
}

/// <summary>When idle grains are deactivated.</summary>
public class GrainCollectionOptions
{
    public static readonly TimeSpan DEFAULT_COLLECTION_QUANTUM = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan DEFAULT_ACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DEFAULT_DEACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);

    /// <summary>How often idle grains are looked for.</summary>
    public TimeSpan CollectionQuantum { get; set; } = DEFAULT_COLLECTION_QUANTUM;

    /// <summary>How long a grain may be idle.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same for single classes, by full name.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    public TimeSpan ActivationTimeout { get; set; } = DEFAULT_ACTIVATION_TIMEOUT;

    public TimeSpan DeactivationTimeout { get; set; } = DEFAULT_DEACTIVATION_TIMEOUT;

    internal void Validate()
    {
        if (CollectionQuantum <= TimeSpan.Zero)
            throw new OrleansConfigurationException($"CollectionQuantum is set to {CollectionQuantum}. CollectionQuantum must be greater than 0");
        CheckAge(nameof(CollectionAge), CollectionAge);
        foreach (var (name, age) in ClassSpecificCollectionAge)
            CheckAge(name, age);
    }

    private void CheckAge(string name, TimeSpan age)
    {
        if (age <= CollectionQuantum)
            throw new OrleansConfigurationException($"{name} is set to {age}. It must be greater than CollectionQuantum, which is set to {CollectionQuantum}");
    }
}

public class AdoNetClusteringSiloOptions
{
    public string? ConnectionString { get; set; }

    public System.Data.Common.DbDataSource? DataSource { get; set; }

    public string Invariant { get; set; } = null!;
}
