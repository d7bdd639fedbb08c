using Orleans.Runtime;

namespace Orleans.Runtime
{
    public interface IAddressable
    {
    }
}

namespace Orleans
{
    public interface IGrain : IAddressable
    {
    }

    public interface IGrainWithGuidKey : IGrain
    {
    }

    public interface IGrainWithIntegerKey : IGrain
    {
    }

    public interface IGrainWithStringKey : IGrain
    {
    }

    public interface IGrainFactory
    {
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey;

        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey;

        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey;

        IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey);

        IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey);

        IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);
    }

    public interface IClusterClient : IGrainFactory
    {
        IServiceProvider ServiceProvider { get; }
    }
}
