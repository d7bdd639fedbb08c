namespace Broadcast.Firmware;

/// <summary>
/// Why the board started, told in the hello. nanoFramework does not hand on the chip's own reset register, so the firmware
/// leaves a mark in flash before each restart it knows of; a start without one is a power cut, or a fault it did not see coming.
/// </summary>
public enum ResetReason : byte
{
    /// <summary>Not known: the first start of an empty board.</summary>
    Unknown = 0,
    /// <summary>The power came back, or the chip was reset from outside.</summary>
    PowerOn = 1,
    /// <summary>New settings.</summary>
    Provisioned = 2,
    /// <summary>The loop hung; the guard restarted the board.</summary>
    LoopHung = 3,
    /// <summary>The network driver hung.</summary>
    LinkHung = 4,
    /// <summary>An error that nothing else caught.</summary>
    Fault = 5,
    /// <summary>The battery had been at its end when the power went: most likely a brown-out.</summary>
    BrownOut = 6,
    /// <summary>Asked for on the service port.</summary>
    Asked = 7,
}
