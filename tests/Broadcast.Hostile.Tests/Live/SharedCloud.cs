namespace Broadcast.Hostile.Tests.Live;

/// <summary>One cloud for every test that leaves it as it was, but for warnings and a few devices: each test has devices of its own.</summary>
public sealed class SharedCloud : IAsyncLifetime
{
    internal RealCloud Cloud { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cloud = await RealCloud.StartNewAsync();

    public ValueTask DisposeAsync() => Cloud.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class CloudCollection : ICollectionFixture<SharedCloud>
{
    public const string Name = "one cloud";
}
