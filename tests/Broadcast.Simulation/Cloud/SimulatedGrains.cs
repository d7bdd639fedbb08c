using System.Reflection;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Warnings;

namespace Broadcast.Simulation.Cloud;

/// <summary>
/// Grains without a silo, in one process: a call is a call. A proxy, because the factory's interface has more members in the real packages
/// than in ours. What is left out is what several nodes do to one another.
/// </summary>
internal class SimulatedGrains : DispatchProxy
{
    public static IGrainFactory Create() => Create<IGrainFactory, SimulatedGrains>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var wanted = targetMethod!.GetGenericArguments()[0];
        var key = (string)args![0]!;
        if (wanted == typeof(IWarningGrain)) return new OneWarning();
        if (wanted == typeof(INodeGrain)) return new OneNode(key);
        if (wanted == typeof(IDeviceGrain)) return new OneDevice();
        return new AllNodes();
    }

    private sealed class OneWarning : IWarningGrain
    {
        public Task HandOn(OrderBatch batch, string from) => Task.CompletedTask;

        public Task Changed() => Task.CompletedTask;

        public Task<ProgressView?> Progress(int revision) => Task.FromResult<ProgressView?>(null);
    }

    private sealed class OneNode(string name) : INodeGrain
    {
        public Task Dispatch(OrderBatch batch) => Task.CompletedTask;

        public Task CloseOlder(string device, long epoch) => Task.CompletedTask;

        public Task SendSettings(string device, int revision, byte[] body) => Task.CompletedTask;

        public Task<byte[]?> Report(string device) => Task.FromResult<byte[]?>(null);

        public Task DeviceChanged(string device) => Task.CompletedTask;

        public Task<string> Hold() => Task.FromResult(name);
    }

    private sealed class OneDevice : IDeviceGrain
    {
        public Task SendSettings(int revision, byte[] body) => Task.CompletedTask;

        public Task<byte[]?> Report() => Task.FromResult<byte[]?>(null);
    }

    private sealed class AllNodes : INodesGrain
    {
        public Task Here(string node) => Task.CompletedTask;

        public Task<string[]> Alive() => Task.FromResult(Array.Empty<string>());
    }
}
