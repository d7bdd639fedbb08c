namespace Broadcast.Edge.Townships;

/// <summary>This gateway, as the cloud and its children know it.</summary>
/// <param name="CarriesTownship">Whether it is set up to carry any; one that is not says nothing to anybody.</param>
internal sealed record TownshipPi(string Id, byte[] OrderKey, int KeyEpoch, bool CarriesTownship);
