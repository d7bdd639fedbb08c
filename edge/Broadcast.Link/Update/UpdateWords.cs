namespace Broadcast.Link.Update;

/// <summary>Where a gateway is with the package that is wanted of it. Said to the cloud by these names.</summary>
public enum UpdateStage
{
    /// <summary>Nothing was ever wanted of it.</summary>
    None = 0,
    /// <summary>The package comes, or waits for a line that costs nothing.</summary>
    Downloading,
    /// <summary>It is here and verified, and waits until nothing is to be said at the site.</summary>
    Ready,
    /// <summary>The new program runs and has not yet proved itself.</summary>
    Trial,
    /// <summary>It runs, is online, and has passed its check.</summary>
    Installed,
    /// <summary>It will not be installed; the reason says why.</summary>
    Refused,
    /// <summary>It did not prove itself: the program before it runs again.</summary>
    RolledBack,
}

/// <summary>What a gateway says when it asks at <c>POST /api/updates/check</c>. The ticket that it shows names the hash of these bytes.</summary>
/// <param name="Version">Version of the program that runs.</param>
/// <param name="Number">Its number; 0 for the one that the machine came with.</param>
/// <param name="Target">What machine it is.</param>
/// <param name="Revision">The newest wish that it has heard of; 0 for none.</param>
/// <param name="Stage">Where it is with that.</param>
/// <param name="Why">The reason, at most 200 characters; empty for none.</param>
/// <param name="Bytes">How much of the package is here.</param>
public sealed record UpdateSaid(string Version, long Number, string Target, int Revision, UpdateStage Stage, string Why, long Bytes);

/// <summary>What the cloud wants of a gateway.</summary>
/// <param name="Revision">Above every earlier wish for its site; 0 where nothing is wanted.</param>
/// <param name="Package">SHA-256 of the package file.</param>
/// <param name="Bytes">Its length.</param>
public sealed record UpdateWanted(int Revision, string Package, long Bytes);
