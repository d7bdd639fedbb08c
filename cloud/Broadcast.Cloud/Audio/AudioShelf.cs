using Broadcast.Ledger;
using Broadcast.Rules;

namespace Broadcast.Cloud.Audio;

/// <summary>
/// Recordings that devices fetch just now, in memory: when a warning goes out, a whole county asks for the same one within a second,
/// and the ledger is read once for all of them.
/// </summary>
public sealed class AudioShelf(LedgerStore ledger)
{
    /// <summary>Three of the longest, or dozens of ordinary ones; counted by bytes.</summary>
    public const long BytesMax = 3L * AudioLimits.BytesMax;

    private readonly Lock _gate = new();
    private readonly LinkedList<Place> _newestFirst = [];

    /// <summary>The recording; null where there is none of that name.</summary>
    public async Task<(AudioRecord Audio, byte[] Content)?> TakeAsync(AudioHash hash)
    {
        var place = Find(hash);
        var isThere = false;
        try
        {
            var found = await place.Loading;
            isThere = found is not null;
            if (found is { } held) Fill(place, held.Content.Length);
            return found;
        }
        finally
        {
            if (!isThere) Drop(place); // It may be brought later, or the ledger may come back.
        }
    }

    // Not cancelled with who asked first: others wait for the same.
    private Place Find(AudioHash hash)
    {
        lock (_gate)
        {
            var node = _newestFirst.First;
            while (node is not null && node.Value.Hash != hash) node = node.Next;
            if (node is null) return _newestFirst.AddFirst(new Place(hash, ledger.ReadAudioAsync(hash, CancellationToken.None))).Value;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value;
        }
    }

    private void Fill(Place place, int bytes)
    {
        lock (_gate)
        {
            place.Bytes = bytes;
            while (_newestFirst.Sum(p => p.Bytes) > BytesMax && _newestFirst.Count > 1) _newestFirst.RemoveLast();
        }
    }

    private void Drop(Place place)
    {
        lock (_gate) _newestFirst.Remove(place);
    }

    private sealed class Place(AudioHash hash, Task<(AudioRecord Audio, byte[] Content)?> loading)
    {
        public AudioHash Hash => hash;

        public Task<(AudioRecord Audio, byte[] Content)?> Loading => loading;

        /// <summary>0 until it is loaded.</summary>
        public long Bytes { get; set; }
    }
}
