using Broadcast.Device;

namespace Broadcast.Edge.Townships;

/// <summary>What a township's Pi keeps over power cuts: the gateway's database, or the card of a simulated one.</summary>
internal interface ITownshipStore
{
    /// <summary>The parts of the list that is in force; none when there never was one.</summary>
    IReadOnlyList<byte[]> LoadTownship();

    /// <summary>Replaces the list, whole or not at all.</summary>
    bool SaveTownship(IReadOnlyList<byte[]> parts);

    /// <summary>What was said to the children and is still to be said to those who come back, oldest first.</summary>
    IReadOnlyList<Order> TownshipOrders(long nowMs);

    /// <summary>Keeps what is to be said to the children until then; the same again changes nothing. What is over goes, and the oldest beyond <paramref name="most"/>.</summary>
    bool KeepTownshipOrder(Order order, long untilMs, long nowMs, int most);
}
