using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Link;
using Broadcast.Rules;

namespace Broadcast.Cloud.Keys;

/// <summary>
/// Every key of the cloud, derived (HKDF-SHA-256) from one master file that is never in the database or its backups:
/// who steals those can voice nobody.
/// </summary>
public sealed class KeyRing
{
    private const int KeyBytes = 32;
    private static readonly byte[] OrderSalt = "broadcast/order/v1"u8.ToArray();

    private readonly byte[] _master;
    private readonly byte[] _orders; // What HKDF makes of the master before it comes to the device: a county connects within seconds.

    private KeyRing(byte[] master)
    {
        _master = master;
        _orders = HKDF.Extract(HashAlgorithmName.SHA256, master, OrderSalt);
        AuditKey = Derive("broadcast/audit/v1", "checkpoints");
        TokenKey = Derive("broadcast/token/v1", "sign-in");
    }

    /// <summary>Signs the audit trail's checkpoints.</summary>
    public byte[] AuditKey { get; }

    /// <summary>Signs the tokens of people who signed in.</summary>
    public byte[] TokenKey { get; }

    /// <summary>Whether the folder has a master.</summary>
    public static bool IsThere(string folder) => File.Exists(Path.Combine(folder, "master.key"));

    /// <summary>Reads the master from <paramref name="folder"/>, or makes one there (owner-only) at the first start.</summary>
    /// <param name="mayCreate">False where there is something already that needs the old master: a ledger, a backup.</param>
    /// <exception cref="InvalidDataException">The file is missing or is not 32 bytes: a new master would silence every device, so none is made.</exception>
    public static KeyRing OpenOrCreate(string folder, bool mayCreate = true)
    {
        PrivateFiles.CreateFolder(folder);
        var path = Path.Combine(folder, "master.key");
        if (!File.Exists(path) && !mayCreate)
            throw new InvalidDataException($"{path} is missing, and the devices of this ledger obey no other master; put it back from its own backup.");
        if (!File.Exists(path)) PrivateFiles.Write(path, RandomNumberGenerator.GetBytes(KeyBytes));
        var master = File.ReadAllBytes(path);
        return master.Length == KeyBytes
            ? new KeyRing(master)
            : throw new InvalidDataException($"{path} holds {master.Length} bytes, a master key has {KeyBytes}; restore it from its own backup.");
    }

    /// <summary>The key that authenticates orders to, and receipts from, a device in a key epoch.</summary>
    public byte[] OrderKey(DeviceId device, int epoch) =>
        HKDF.Expand(HashAlgorithmName.SHA256, _orders, KeyBytes, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{device.Value}/{epoch}")));

    private byte[] Derive(string salt, string info) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _master, KeyBytes, Encoding.ASCII.GetBytes(salt), Encoding.ASCII.GetBytes(info));
}
