using Broadcast.Simulation.Devices;

namespace Broadcast.Simulation.Witness;

/// <summary>Looks at a stolen device: what it sounds is its own affair, but the cloud must not know it any more (R3).</summary>
internal sealed class ThiefWitness(WorldWitness world) : IDeviceWitness
{
    public void Began(SimulatedDevice device, Sounding sounding)
    {
        // Its own loudspeaker, wherever it stands now.
    }

    public void Opened(SimulatedDevice device, bool siren)
    {
        // As above.
    }

    public void Sealed(SimulatedDevice device, byte[] frame)
    {
        // Whether it counts, the ledger shows.
    }

    public void Delivered(SimulatedDevice device, byte[] frame)
    {
        // What its Pi says to it is sealed under keys that it has not.
    }

    public void Acknowledged(SimulatedDevice device, byte[] frame)
    {
        // A Pi that was not told yet acknowledges what the cloud has thrown away.
        if (device.Through is null) world.Fail("R3", $"the cloud took a frame of {device.Id} under keys that are out of force");
    }

    public void Settled(SimulatedDevice device)
    {
        if (device.Core is { IsSessionUp: true }) world.Fail("R3", $"whoever has the old keys of {device.Id} has a session");
    }

    public void Booted(SimulatedDevice device)
    {
        // Nothing is owed to it.
    }
}
