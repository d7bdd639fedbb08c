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
    private readonly Dictionary<AudioHash, (AudioRecord Audio, WeakReference<byte[]> Content)> _sending = []; // Off the shelf, and in memory for as long as somebody's slow line is sent it.

    /// <summary>The recording; null where there is none of that name.</summary>
    public async Task<(AudioRecord Audio, byte[] Content)?> TakeAsync(AudioHash hash)
    {
        var place = Find(hash);
        var isThere = false;
        try
        {
            var found = await place.Loading;
            isThere = found is not null;
            if (found is { } held) Fill(place, held.Audio, held.Content);
            return found;
        }
        finally
        {
            if (!isThere) Drop(place); // It may be brought later, or the ledger may come back.
        }
    }

    /// <summary>It was removed: who asks next asks the ledger.</summary>
    public void Forget(AudioHash hash)
    {
        lock (_gate)
        {
            _sending.Remove(hash);
            for (var node = _newestFirst.First; node is not null; node = node.Next)
            {
                if (node.Value.Hash != hash) continue;
                _newestFirst.Remove(node);
                return;
            }
        }
    }

    // Not cancelled with who asked first: others wait for the same.
    private Place Find(AudioHash hash)
    {
        lock (_gate)
        {
            var node = _newestFirst.First;
            while (node is not null && node.Value.Hash != hash) node = node.Next;
            if (node is null) return _newestFirst.AddFirst(new Place(hash, StillSending(hash) is { } held ? Task.FromResult<(AudioRecord Audio, byte[] Content)?>(held) : ledger.ReadAudioAsync(hash, CancellationToken.None))).Value;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value;
        }
    }

    private (AudioRecord Audio, byte[] Content)? StillSending(AudioHash hash) => _sending.Remove(hash, out var sent) && sent.Content.TryGetTarget(out var content) ? (sent.Audio, content) : null;

    private void Fill(Place place, AudioRecord audio, byte[] content)
    {
        lock (_gate)
        {
            place.Held = (audio, content);
            if (!_newestFirst.Contains(place)) _sending[audio.Hash] = (audio, new(content)); // Taken off while it was read.
            while (_newestFirst.Sum(p => p.Bytes) > BytesMax && _newestFirst.Count > 1)
            {
                if (_newestFirst.Last!.Value.Held is { } held) _sending[held.Audio.Hash] = (held.Audio, new(held.Content));
                _newestFirst.RemoveLast();
            }

            foreach (var (hash, sent) in _sending)
            {
                if (!sent.Content.TryGetTarget(out _)) _sending.Remove(hash);
            }
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

        /// <summary>Null until it is loaded.</summary>
        public (AudioRecord Audio, byte[] Content)? Held { get; set; }

        public long Bytes => Held?.Content.Length ?? 0;
    }
}
