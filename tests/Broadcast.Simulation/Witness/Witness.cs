using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Time;

namespace Broadcast.Simulation.Witness;

/// <summary>
/// The small independent model: it hears what people say and are answered, what leaves the cloud, what each loudspeaker sounds and what each
/// device seals, and holds the rules R1–R9 against that. It asks no count of the product's.
/// </summary>
internal sealed partial class WorldWitness(Agenda agenda, Reached reached) : IDeviceWitness
{
    private readonly Dictionary<WarningId, SpokenWarning> _warnings = [];
    private readonly Dictionary<string, DeviceNotes> _notes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulatedDevice> _devices = new(StringComparer.Ordinal);

    /// <summary>The first broken rule; the world stops there.</summary>
    public BrokenRule? Broken { get; private set; }

    public long WorldEpochMs { get; init; }

    /// <summary>How far the cloud's clock was ever wrong, either way.</summary>
    public (long Min, long Max) SkewMs { get; set; }

    /// <summary>The longest way of a packet so far: a device that has just started is late by what its welcome was.</summary>
    public long WayMsMax { get; set; }

    public IReadOnlyDictionary<WarningId, SpokenWarning> Warnings => _warnings;

    public IEnumerable<SimulatedDevice> Devices => _devices.Values;

    private long TrueWallMs => WorldEpochMs + agenda.NowMs;

    public void Watch(SimulatedDevice device)
    {
        _devices[device.Id] = device;
        _notes[device.Id] = new DeviceNotes();
    }

    public DeviceNotes NotesOf(SimulatedDevice device) => _notes[device.Id];

    public void Fail(string rule, string text) => Broken ??= new BrokenRule(rule, text, agenda.NowMs);

    private void Require(bool holds, string rule, string text)
    {
        if (!holds) Fail(rule, text);
    }

    /// <summary>Whether people released this order to this device, for all that the witness knows.</summary>
    private bool IsGenuine(Order order, string device)
    {
        if (WarningId.FromWire(order.WarningId) is not { } id || !_warnings.TryGetValue(id, out var spoken)) return false;
        if (order.Kind != OrderKind.Cancel) return spoken.Revisions.Exists(r => r.Released != Certainty.Written && r.Devices.Contains(device) && r.Says(order));
        if (!spoken.WasEverTold(device)) return false;
        return spoken.Cancelled != Certainty.Written
            || spoken.Revisions.Exists(r => r.Number == order.Revision && r.Released != Certainty.Written && (!r.Devices.Contains(device) || r.ExpiresMs <= TrueWallMs + SkewMs.Max));
    }

    /// <summary>What is known of an order at a device, for whoever reads the failure.</summary>
    private string Story(SimulatedDevice device, WarningId id, int revision)
    {
        var notes = NotesOf(device);
        var story = new List<(long AtMs, string What)>();
        story.AddRange(notes.Sealed.Values.Where(r => r.Warning == id).Select(r => (r.TrueMs, $"sealed #{r.Number} {r.State} {r.Reason} of revision {r.Revision} sequence {r.Sequence} attempt {r.Attempt}")));
        foreach (var s in notes.HeardOf(device, id, revision))
        {
            story.Add((s.BeganMs, $"began attempt {s.Attempt}"));
            if (s.EndedMs >= 0) story.Add((s.EndedMs, $"ended {s.End}"));
        }

        if (_warnings.TryGetValue(id, out var spoken)) story.AddRange(spoken.Revisions.Select(r => (r.ReleasedMs, $"revision {r.Number} {r.Released} to {string.Join(' ', r.Devices)} from {r.NotBeforeMs - WorldEpochMs} to {r.ExpiresMs - WorldEpochMs}")));
        story.Add((notes.LostStateMs, "lost its state"));
        story.Add((notes.BootedMs, "booted"));
        return string.Concat(story.OrderBy(s => s.AtMs).Select(s => $"\n    {TimeSpan.FromMilliseconds(s.AtMs):d\\.hh\\:mm\\:ss\\.fff} {s.What}"));
    }

    private static string Name(Order order) => $"{order.Kind} {order.Class} {order.Level} {WarningId.FromWire(order.WarningId)}/{order.Revision}";
}
