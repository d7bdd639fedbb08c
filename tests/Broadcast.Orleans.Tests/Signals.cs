using System.Collections.Concurrent;

namespace Broadcast.Orleans.Tests;

/// <summary>Named gates and counters, shared by tests and grains of one process. A name belongs to one test.</summary>
public sealed class Signals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> notes = new();

    /// <summary>Completes when somebody has opened the gate. A gate that stays shut fails the test after 20 s.</summary>
    public Task Opened(string gate) => Gate(gate).Task.WaitAsync(TimeSpan.FromMinutes(1));

    public void Open(string gate) => Gate(gate).TrySetResult();

    public void Note(string about, string what) => notes.GetOrAdd(about, _ => new()).Enqueue(what);

    public string[] NotesOn(string about) => notes.TryGetValue(about, out var all) ? [.. all] : [];

    private TaskCompletionSource Gate(string name) =>
        gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
