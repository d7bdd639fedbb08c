using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

public class GrainTypeTests
{
    [Fact]
    public void Each_type_that_crosses_a_grain_interface_is_serializable_by_Orleans_rules() =>
        GrainContracts.AssertSerializable(typeof(CloudHost).Assembly);
}
