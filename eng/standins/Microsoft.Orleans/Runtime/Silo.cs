using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The one silo of this process: it finds the activation of each call, and collects what is idle or overdue.</summary>
internal sealed class Silo : IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<GrainId, Activation> activations = new();
    private readonly ConcurrentDictionary<GrainId, WorkerPool> workers = new();
    private readonly ConcurrentDictionary<Call, Activation?> unanswered = new();
    private readonly SiloMessagingOptions messaging;
    private ITimer? overdueScan;
    private ITimer? idleScan;
    private volatile bool stopping;

    public Silo(
        IServiceProvider services, IOptions<SiloMessagingOptions> messaging, IOptions<GrainCollectionOptions> collection,
        ILoggerFactory loggers, TimeProvider? time = null)
    {
        Services = services;
        this.messaging = messaging.Value;
        Collection = collection.Value;
        Collection.Validate();
        Time = time ?? TimeProvider.System;
        Log = new SiloLog(loggers.CreateLogger<Silo>());
        Types = new GrainTypes(this, Collection);
        Factory = new GrainFactory(this);
    }

    public IServiceProvider Services { get; }

    public GrainCollectionOptions Collection { get; }

    public TimeProvider Time { get; }

    public SiloLog Log { get; }

    public Churn Churn { get; set; } = Churn.FromEnvironment();

    public GrainTypes Types { get; }

    public GrainFactory Factory { get; }

    public TimeSpan ResponseTimeout => messaging.ResponseTimeout;

    public IEnumerable<Activation> Activations => activations.Values.Concat(workers.Values.SelectMany(pool => pool.All));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var scan = ResponseTimeout < TimeSpan.FromSeconds(1) ? ResponseTimeout : TimeSpan.FromSeconds(1);
        overdueScan = Time.CreateTimer(_ => FailOverdue(), null, scan, scan);
        // As in the packages, idleness is measured by the machine's clock whatever clock the grains are given.
        idleScan = TimeProvider.System.CreateTimer(_ => _ = Collect(null), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        stopping = true;
        try
        {
            // A grain may call another one while it goes, so one round may leave new activations behind.
            while (Activations.ToArray() is { Length: > 0 } all)
            {
                foreach (var activation in all)
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "This process is terminating."), cancellationToken);
                await Task.WhenAll(all.Select(a => a.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StoppedBeforeAllWereDeactivated();
        }
        foreach (var call in unanswered.Keys)
            call.Fail(Unavailable(call));
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        stopping = true;
        if (overdueScan is not null)
            await overdueScan.DisposeAsync();
        if (idleScan is not null)
            await idleScan.DisposeAsync();
    }

    public void Send(Call call)
    {
        if (!call.Method.OneWay)
            unanswered.TryAdd(call, null);
        if (call.IsAnswered)
            Forget(call); // Cancelled between its making and its sending.
        else if (stopping && Activation.Current is null)
            call.Fail(Unavailable(call));
        else
            Deliver(call);
    }

    /// <summary>Sends a call on that had waited for an activation which is gone.</summary>
    public void Forward(Call call, DeactivationReason reason)
    {
        if (stopping)
            call.Fail(Unavailable(call));
        else if (call.Forwards++ < messaging.MaxForwardCount)
            Deliver(call);
        else
            call.Fail(new OrleansMessageRejectionException($"Failed to forward {call} after {call.Forwards} tries: {reason}"));
    }

    public void Forget(Call call) => unanswered.TryRemove(call, out _);

    public void Withdraw(Call call)
    {
        foreach (var activation in ActivationsOf(new GrainId(call.Target.Type, call.Key)))
            activation.Withdraw(call);
    }

    public void Remove(Activation activation)
    {
        if (activation.Class.WorkersMax > 0 && workers.TryGetValue(activation.GrainId, out var pool))
            pool.Remove(activation);
        else
            activations.TryRemove(new(activation.GrainId, activation));
    }

    public IEnumerable<Activation> ActivationsOf(GrainId id) =>
        workers.TryGetValue(id, out var pool) ? pool.All : activations.TryGetValue(id, out var one) ? [one] : [];

    /// <summary>Deactivates what has been idle for the limit, or for its class's own age where none is given.</summary>
    public Task Collect(TimeSpan? ageLimit)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Task.WhenAll(Activations.Where(a => a.TryCollect(ageLimit, now)).Select(a => a.Deactivated).ToArray());
    }

    private static SiloUnavailableException Unavailable(Call call) =>
        new($"The local Orleans host is shutting down and can no longer process the request: {call}.");

    private void Deliver(Call call)
    {
        while (!Target(call).TryEnqueue(call))
        {
            // That activation went away in between; the next look-up makes a new one.
        }
    }

    private Activation Target(Call call)
    {
        var id = new GrainId(call.Target.Type, call.Key);
        if (call.Target.WorkersMax > 0)
            return workers.GetOrAdd(id, static (_, c) => new WorkerPool(c.Target, c.Key), call).LeastBusy();
        if (activations.TryGetValue(id, out var known))
            return known;
        var made = new Activation(call.Target, call.Key);
        var winner = activations.GetOrAdd(id, made);
        if (ReferenceEquals(made, winner))
            made.Start();
        return winner;
    }

    private void FailOverdue()
    {
        foreach (var call in unanswered.Keys)
        {
            if (call.Expired)
                call.OnTimeout();
        }
    }
}
