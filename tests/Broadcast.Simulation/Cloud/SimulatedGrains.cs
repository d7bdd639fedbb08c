using System.Reflection;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Warnings;
using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Simulation.Cloud;

/// <summary>
/// Grains without a silo, in one process: a call is a call. A proxy, because the factory's interface has more members in the real packages
/// than in ours. What is left out is what several nodes do to one another.
/// </summary>
internal class SimulatedGrains : DispatchProxy
{
    private LedgerStore _ledger = null!;
    private TimeProvider _clock = null!;

    public static IGrainFactory Create(LedgerStore ledger, TimeProvider clock)
    {
        var factory = Create<IGrainFactory, SimulatedGrains>();
        var proxy = (SimulatedGrains)factory;
        (proxy._ledger, proxy._clock) = (ledger, clock);
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var wanted = targetMethod!.GetGenericArguments()[0];
        var key = (string)args![0]!;
        if (wanted == typeof(IDeviceGrain)) return new OneDevice(_ledger, _clock, new DeviceId(key));
        if (wanted == typeof(IWarningGrain)) return new OneWarning();
        if (wanted == typeof(INodeGrain)) return new OneNode(key);
        return new AllNodes();
    }

    private sealed class OneDevice(LedgerStore ledger, TimeProvider clock, DeviceId id) : IDeviceGrain
    {
        public Task<long> OpenSession(string node) => ledger.OpenSessionAsync(id, node, clock.GetUtcNow());

        public Task CloseSession(long epoch, long lastHeardMs, byte end) =>
            ledger.CloseSessionAsync(id, epoch, DateTimeOffset.FromUnixTimeMilliseconds(lastHeardMs), (SessionEnd)end);
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

        public Task<string> Hold() => Task.FromResult(name);
    }

    private sealed class AllNodes : INodesGrain
    {
        public Task Here(string node) => Task.CompletedTask;

        public Task<string[]> Alive() => Task.FromResult(Array.Empty<string>());
    }
}
