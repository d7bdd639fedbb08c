namespace Broadcast.Edge.Tests;

/// <summary>
/// Tests that measure what really sounds, ten looks a second: where the machine is busy with other tests the gateway rightly says that it did not
/// measure. They run one after the other, when the rest is through.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InQuiet
{
    public const string Name = "in quiet";
}
