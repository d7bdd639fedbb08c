namespace Orleans.Concurrency
{
    /// <summary>A method that changes nothing: such calls run beside one another.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute
    {
    }

    /// <summary>Every call to a grain of this class may begin while another one awaits.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute
    {
    }

    /// <summary>A method that may begin while any other one awaits.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute
    {
    }

    /// <summary>The caller does not wait for this method, nor learn how it ended.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute
    {
    }

    /// <summary>A grain without identity: several activations in each silo share the calls.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute : Placement.PlacementAttribute
    {
        public StatelessWorkerAttribute()
            : this(-1)
        {
        }

        public StatelessWorkerAttribute(int maxLocalWorkers) =>
            MaxLocalWorkers = maxLocalWorkers > 0 ? maxLocalWorkers : Environment.ProcessorCount;

        internal int MaxLocalWorkers { get; }
    }

    /// <summary>A value that is handed on without a copy.</summary>
    [GenerateSerializer, Immutable]
    public readonly struct Immutable<T>
    {
        [Id(0)]
        public readonly T Value;

        public Immutable(T value) => Value = value;
    }

    public static class ImmutableExtensions
    {
        public static Immutable<T> AsImmutable<T>(this T value) => new(value);
    }
}

namespace Orleans.Placement
{
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class PlacementAttribute : Attribute
    {
        private protected PlacementAttribute()
        {
        }
    }

    /// <summary>The grain is activated on the silo of its first caller.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class PreferLocalPlacementAttribute : PlacementAttribute
    {
    }
}

namespace Orleans
{
    /// <summary>How long a grain of this class may be idle before it is deactivated. At least one minute.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class CollectionAgeLimitAttribute : Attribute
    {
        public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);
        private readonly TimeSpan? given;

        public CollectionAgeLimitAttribute()
        {
        }

        public CollectionAgeLimitAttribute(string inactivityPeriod) =>
            given = TimeSpan.Parse(inactivityPeriod, System.Globalization.CultureInfo.InvariantCulture);

        public double Days { get; set; }

        public double Hours { get; set; }

        public double Minutes { get; set; }

        public bool AlwaysActive { get; set; }

        public TimeSpan AgeLimit => given ?? Computed();

        private TimeSpan Computed()
        {
            if (AlwaysActive)
                return TimeSpan.FromDays(short.MaxValue);
            var sum = TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return sum < MinAgeLimit ? MinAgeLimit : sum;
        }
    }

    /// <summary>A grain of this class is never deactivated for being idle.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class KeepAliveAttribute : Attribute
    {
    }
}
