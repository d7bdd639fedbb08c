using System.Security.Cryptography;
using Broadcast.Device;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Townships;

/// <summary>A child of this gateway: how it signs in, and the key with which it may be spoken to.</summary>
/// <param name="Key">The delegated key; empty without a delegation.</param>
internal sealed record Child(string Id, int KeyEpoch, byte[] Verifier, byte[] Key)
{
    /// <summary>Whether this is what the child signs in with. A derived key of 256 bits, so one SHA-256 is verifier enough.</summary>
    public bool Knows(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return CryptographicOperations.FixedTimeEquals(hash, Verifier);
    }
}

/// <summary>The township as of one revision.</summary>
/// <param name="Epoch">Of the delegation; 0 for none.</param>
internal sealed record TownshipView(long Revision, long Epoch, long ExpiresMs, IReadOnlyDictionary<string, Child> Children)
{
    public static TownshipView None { get; } = new(0, 0, 0, new Dictionary<string, Child>());

    /// <summary>Whether local alarms and notices may be said to the children at that time.</summary>
    public bool MaySpeakAt(long wallMs) => Epoch > 0 && wallMs < ExpiresMs;
}

/// <summary>Who the children are, as the cloud says in parts: gathered, and then in force, whole or not at all. It is saved, and outlives power cuts.</summary>
internal sealed partial class TownshipList
{
    private readonly TownshipPi _pi;
    private readonly ITownshipStore _store;
    private readonly ILogger<TownshipList> _logger;
    private readonly byte[]?[] _bodies = new byte[]?[Limits.TownshipPartsMax];
    private long _gathering;
    private bool _isSaved = true;
    private volatile TownshipView _current;

    public TownshipList(TownshipPi pi, ITownshipStore store, ILogger<TownshipList> logger)
    {
        (_pi, _store, _logger) = (pi, store, logger);
        _current = Read(store.LoadTownship()) ?? TownshipView.None;
    }

    /// <summary>What is in force. Any thread.</summary>
    public TownshipView Current => _current;

    /// <summary>Told after another list is in force. On the loop.</summary>
    public event Action<TownshipView>? Changed;

    /// <summary>A part came, authenticated. On the loop.</summary>
    public void Take(byte[] body)
    {
        // An old list sent again changes nothing; a newer one begins anew.
        if (Township.Decode(body) is not { } part || part.Revision < _current.Revision || (part.Revision == _current.Revision && _isSaved) || part.Revision < _gathering) return;
        if (part.Revision > _gathering) Array.Clear(_bodies);
        _gathering = part.Revision;
        _bodies[part.Part] = body;
        var parts = _bodies.Take(part.Parts).ToArray();
        if (parts.Any(p => p is null) || Read([.. parts.OfType<byte[]>()]) is not { } whole) return;
        Array.Clear(_bodies);
        // In force also where the disk does not take it: children are carried meanwhile, and what is revoked is not said. The next session brings it again.
        _isSaved = _store.SaveTownship([.. parts.OfType<byte[]>()]);
        _current = whole;
        LogChanged(whole.Children.Count, whole.Epoch == 0 ? "nothing delegated" : $"local alarms and notices until {DateTimeOffset.FromUnixTimeMilliseconds(whole.ExpiresMs):yyyy-MM-dd HH:mm} UTC");
        Changed?.Invoke(whole);
    }

    /// <summary>The list of these parts; null when they are not all of one.</summary>
    private TownshipView? Read(IReadOnlyList<byte[]> bodies)
    {
        var parts = bodies.Select(Township.Decode).OfType<Township>().ToArray();
        if (parts.Length == 0 || parts.Length != bodies.Count || parts.Any(p => p.Revision != parts[0].Revision || p.Parts != parts.Length || p.Epoch != parts[0].Epoch || p.ExpiresMs != parts[0].ExpiresMs)) return null;
        var (epoch, expiresMs) = (parts[0].Epoch, parts[0].ExpiresMs);
        var children = new Dictionary<string, Child>(StringComparer.Ordinal);
        foreach (var child in parts.SelectMany(p => p.Children))
            children[child.Id] = new Child(child.Id, child.KeyEpoch, child.Verifier, epoch == 0 ? [] : Delegation.Wrap(_pi.OrderKey, child.Id, epoch, expiresMs, child.Key));
        return new TownshipView(parts[0].Revision, epoch, expiresMs, children);
    }

    [LoggerMessage(1, LogLevel.Information, "township of {Children} children: {Delegation}")]
    private partial void LogChanged(int children, string delegation);
}
