using System.Globalization;

namespace Orleans.Runtime;

internal sealed class GrainFactory(Silo silo) : IClusterClient
{
    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => (TGrainInterface)Get(typeof(TGrainInterface), KeyOf(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => (TGrainInterface)Get(typeof(TGrainInterface), KeyOf(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)Get(typeof(TGrainInterface), KeyOf(primaryKey), grainClassNamePrefix);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => (IGrain)Get(grainInterfaceType, KeyOf(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => (IGrain)Get(grainInterfaceType, KeyOf(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => (IGrain)Get(grainInterfaceType, KeyOf(grainPrimaryKey), null);

    private static IdSpan KeyOf(Guid key) => IdSpan.Create(key.ToString("N"));

    private static IdSpan KeyOf(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    private static IdSpan KeyOf(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return IdSpan.Create(key);
    }

    private object Get(Type grainInterface, IdSpan key, string? prefix) => silo.Types.Resolve(grainInterface, prefix).Reference(grainInterface, key);
}
