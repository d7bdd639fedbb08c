using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware;

/// <summary>What lies in flash for a gateway, each in two slots of its own. The core's state is loaded here, because its time is wanted before the gateway is.</summary>
public sealed class GatewayMemory
{
    /// <summary>Loads the core's state.</summary>
    public GatewayMemory(TwoSlotStore state, TwoSlotStore journal, TwoSlotStore wishes, RestartMark mark)
    {
        State = state;
        Journal = journal;
        Wishes = wishes;
        Mark = mark;
        Saved = state.Load();
        // Damage and nothing whole: an empty state is no first start, and the core reports that it lost its memory.
        if (Saved == null && state.FoundDamage)
            Saved = new byte[0];
    }

    /// <summary>The core's state.</summary>
    public TwoSlotStore State { get; }

    /// <summary>Alarms and readings for the cloud.</summary>
    public TwoSlotStore Journal { get; }

    /// <summary>What the cloud wants of the site.</summary>
    public TwoSlotStore Wishes { get; }

    /// <summary>Why the board started.</summary>
    public RestartMark Mark { get; }

    /// <summary>The core's state as it lay there; null when there never was one, empty when it was lost.</summary>
    public byte[]? Saved { get; }
}
