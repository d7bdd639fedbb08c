namespace Broadcast.Fleet;

/// <summary>Where a simulated device keeps its state over a power cut.</summary>
internal interface IFlash
{
    byte[]? Load(string device);

    /// <summary>Replaces the state; false where the storage failed.</summary>
    bool Save(string device, byte[] state);
}

/// <summary>Gone when the process is: the usual fleet, whose devices never lose power. The core holds what it needs; nobody reads this back.</summary>
internal sealed class MemoryFlash : IFlash
{
    public byte[]? Load(string device) => null;

    public bool Save(string device, byte[] state) => true;
}

/// <summary>
/// A file a device, replaced by rename, so that kill -9 of the fleet finds the old state or the new one, never half. It is
/// not flushed to the disk: the power cut that a fleet plays is the end of its process, which the page cache outlives.
/// </summary>
internal sealed class FolderFlash : IFlash
{
    private readonly string _folder;

    public FolderFlash(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    public byte[]? Load(string device)
    {
        var path = PathOf(device);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    public bool Save(string device, byte[] state)
    {
        var path = PathOf(device);
        try
        {
            File.WriteAllBytes(path + ".new", state);
            File.Move(path + ".new", path, overwrite: true);
            return true;
        }
        catch (IOException)
        {
            return false; // The core reports the storage fault and goes on sounding.
        }
    }

    private string PathOf(string device) => Path.Combine(_folder, device + ".state");
}
