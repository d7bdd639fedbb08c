using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Broadcast.Rules;

namespace Broadcast.Cloud.Live;

/// <summary>The live speeches of this node, from the first listener or the first word to their end.</summary>
public sealed class LiveHall(TimeProvider clock)
{
    private readonly ConcurrentDictionary<WarningId, LiveSpeech> _speeches = new();

    public int Count => _speeches.Count;

    /// <summary>The speech of a warning; null where nobody has come yet, or where it is forgotten.</summary>
    public LiveSpeech? Find(WarningId id) => _speeches.GetValueOrDefault(id);

    /// <summary>The speech of a warning; made where somebody comes first, speaker or listener.</summary>
    public LiveSpeech Of(WarningId id)
    {
        foreach (var (other, speech) in _speeches)
            if (speech.IsForgotten) _speeches.TryRemove(other, out _);
        return _speeches.GetOrAdd(id, _ => new LiveSpeech(clock));
    }
}

/// <summary>
/// One speech: a block that the speaker sends goes to every listener's own short queue. A listener whose line is slow loses the oldest
/// blocks and holds up nobody.
/// </summary>
public sealed class LiveSpeech(TimeProvider clock)
{
    /// <summary>A second of blocks of 100 ms: older words are late words.</summary>
    public const int BlocksWaitingMax = 10;

    /// <summary>Silence of the speaker's line after which the speech is over for everybody.</summary>
    public static readonly TimeSpan EndsAfter = TimeSpan.FromSeconds(3);

    /// <summary>How long it is known that a speech is over, and how long listeners wait for one that never begins.</summary>
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(5);

    public const int SamplesPerSecond = 22_050;

    /// <summary>The head of a block: capture time of its first sample (UTC milliseconds, 8 bytes) and its number of samples (2), little-endian.</summary>
    private const int HeadBytes = 10;

    private readonly ConcurrentDictionary<DeviceId, Channel<byte[]>> _listeners = new();
    private readonly ConcurrentDictionary<DeviceId, int> _delays = new();
    private long _touched = clock.GetTimestamp();
    private volatile bool _begun;
    private volatile bool _ended;

    public bool HasBegun => _begun;

    public bool IsOver => _ended || (_begun && clock.GetElapsedTime(Interlocked.Read(ref _touched)) > EndsAfter);

    public bool IsForgotten => _listeners.IsEmpty && clock.GetElapsedTime(Interlocked.Read(ref _touched)) > KnownFor;

    public int Listeners => _listeners.Count;

    /// <summary>Delays that listeners have told, in milliseconds from the microphone to the loudspeaker, the smallest first.</summary>
    public IReadOnlyList<int> Delays => [.. _delays.Values.Order()];

    /// <summary>Hands a block to everybody who listens; false when the speech is over.</summary>
    /// <param name="capturedMs">When its first sample was spoken, UTC milliseconds.</param>
    /// <param name="samples">16 bit, little-endian, mono.</param>
    public bool Say(long capturedMs, ReadOnlySpan<byte> samples)
    {
        if (IsOver) return false;
        _begun = true;
        Interlocked.Exchange(ref _touched, clock.GetTimestamp());
        var block = new byte[HeadBytes + samples.Length];
        BinaryPrimitives.WriteInt64LittleEndian(block, capturedMs);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(8), (ushort)(samples.Length / 2));
        samples.CopyTo(block.AsSpan(HeadBytes));
        foreach (var listener in _listeners.Values) listener.Writer.TryWrite(block);
        return true;
    }

    /// <summary>The speaker has ended.</summary>
    public void End()
    {
        _ended = true;
        foreach (var listener in _listeners.Values) listener.Writer.TryComplete();
    }

    /// <summary>A listener told what delay it has.</summary>
    public void Heard(DeviceId device, int delayMs) => _delays[device] = delayMs;

    /// <summary>The blocks from now on, until the speech is over or the listener goes. A device has one stream: where its line broke and it is back, the old one ends.</summary>
    public async IAsyncEnumerable<byte[]> ListenAsync(DeviceId device, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var blocks = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(BlocksWaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _listeners.AddOrUpdate(device, blocks, (_, older) =>
        {
            older.Writer.TryComplete();
            return blocks;
        });
        try
        {
            if (_ended) yield break;
            while (await NextAsync(blocks.Reader, ct))
                while (blocks.Reader.TryRead(out var block)) yield return block;
        }
        finally
        {
            _listeners.TryRemove(new KeyValuePair<DeviceId, Channel<byte[]>>(device, blocks));
        }
    }

    // False at the end, also when the speaker's line is silent.
    private async Task<bool> NextAsync(ChannelReader<byte[]> blocks, CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(_begun ? EndsAfter : KnownFor, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ct);
        try
        {
            return await blocks.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
