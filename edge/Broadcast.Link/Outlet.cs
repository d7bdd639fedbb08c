using System.Buffers;
using System.IO.Pipelines;

namespace Broadcast.Link;

/// <summary>
/// The sending half of a connection. Packets are written straight into the transport's buffer, or, while a flush is under way, into one
/// pooled buffer that follows it: however many packets come together, they leave with one flush. Every member but
/// <see cref="Flush"/>, <see cref="FlushSoon"/> and <see cref="IdleAsync"/> is called with the lock on this object held.
/// </summary>
internal sealed class Outlet : IThreadPoolWorkItem
{
    private readonly PipeWriter _writer;
    private readonly TimeProvider _time;
    private readonly int _waitingBytesMax;
    private readonly IOutletOwner _owner;
    private byte[]? _waiting;
    private int _waitingBytes, _unflushedBytes;
    private bool _flushing, _dirty, _scheduled, _shut, _lost;
    private long _flushingSince;
    private TaskCompletionSource? _idle, _sent;

    private readonly PipeScheduler? _aside; // Where FlushSoon flushes; null for the pool.

    public Outlet(PipeWriter writer, int waitingBytesMax, TimeProvider time, IOutletOwner owner, PipeScheduler? aside = null)
    {
        _aside = aside;
        _writer = writer;
        _time = time;
        _waitingBytesMax = waitingBytesMax;
        _owner = owner;
    }

    /// <summary>While set, <see cref="FlushSoon"/> does nothing: the reader handles a batch and flushes at its end.</summary>
    public bool Corked { get; set; }

    /// <summary>
    /// Room for a message of <paramref name="bytes"/>, to be filled and then <see cref="Commit"/>ted. False where the outlet is shut or too
    /// much waits, also for a flush that has not begun: a sender that is faster than the threads that flush must not fill the memory.
    /// </summary>
    public bool TryReserve(int bytes, out Span<byte> room)
    {
        room = default;
        var beforeFlush = !_flushing && _unflushedBytes > 0 && _unflushedBytes + bytes > _waitingBytesMax;
        return !beforeFlush && TryMakeRoom(bytes, out room);
    }

    private bool TryMakeRoom(int bytes, out Span<byte> room)
    {
        room = default;
        if (_shut) return false;
        if (!_flushing)
        {
            room = _writer.GetSpan(bytes)[..bytes];
            return true;
        }
        if (_waitingBytes + bytes > _waitingBytesMax) return false;
        room = Grow(_waitingBytes + bytes).AsSpan(_waitingBytes, bytes);
        return true;
    }

    public void Commit(int bytes)
    {
        if (_flushing) _waitingBytes += bytes;
        else
        {
            _writer.Advance(bytes);
            _unflushedBytes += bytes;
            _dirty = true;
        }
    }

    /// <summary>
    /// Writes an answer. Before a flush there is always room: answers are bounded by what was read, and the reader flushes after each
    /// batch. False where too much waits behind a flush: the device sends and does not read.
    /// </summary>
    public bool TryWrite(ReadOnlySpan<byte> packet)
    {
        if (!TryMakeRoom(packet.Length, out var room)) return false;
        packet.CopyTo(room);
        Commit(packet.Length);
        return true;
    }

    /// <summary>Nothing is written from now on. True when nothing was under way either, nor had failed, so that the transport may close in good order.</summary>
    public bool Shut()
    {
        _shut = true;
        _lost |= HasUnsent; // A flush that is under way may yet succeed; nobody will know.
        if (_flushing) return false;
        Return();
        return !_lost;
    }

    /// <summary>Something that was written has not been given to the transport: it waits, or, after the end, never will be.</summary>
    public bool HasUnsent => _flushing || _dirty || _lost;

    /// <summary>One flush has been under way for longer than <paramref name="longest"/>.</summary>
    public bool IsStalled(long now, TimeSpan longest) => _flushing && _time.GetElapsedTime(_flushingSince, now) > longest;

    /// <summary>Flushes on another thread, so that who sends to thousands is not held up by any of them.</summary>
    public void FlushSoon()
    {
        lock (this)
        {
            if (_scheduled || Corked || _flushing || !_dirty) return;
            _scheduled = true;
        }
        if (_aside is null) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else _aside.Schedule(static outlet => ((Outlet)outlet!).Flush(), this);
    }

    void IThreadPoolWorkItem.Execute() => Flush();

    /// <summary>Flushes what is written, and then what came meanwhile. Returns at once when a flush is under way: that one goes on with the rest.</summary>
    public void Flush()
    {
        while (Begin())
        {
            try
            {
                var flush = _writer.FlushAsync();
                if (!flush.IsCompletedSuccessfully)
                {
                    // Only a device that reads slowly comes here, so this path may allocate.
                    _ = FinishAsync(flush);
                    return;
                }
                if (End(flush.GetAwaiter().GetResult())) return;
            }
            catch (Exception broken)
            {
                Break(broken);
                return;
            }
        }
    }

    /// <summary>
    /// Done when no flush is under way any more. Call it after <see cref="Shut"/> and, where a flush may hang, after the abort: a
    /// transport whose writer is completed under a running flush would give its buffers back twice.
    /// </summary>
    public Task IdleAsync()
    {
        lock (this)
        {
            if (!_flushing) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>
    /// Done when everything written so far has been given to the transport, or never will be. For a last word that is written while a
    /// flush is under way: <see cref="Shut"/> would drop it.
    /// </summary>
    public Task SentAsync()
    {
        lock (this)
        {
            if (_shut || (!_flushing && !_dirty)) return Task.CompletedTask;
            _sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _sent.Task;
        }
    }

    private async Task FinishAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            if (End(await flush)) return;
        }
        catch (Exception broken)
        {
            Break(broken);
            return;
        }
        Flush();
    }

    private bool Begin()
    {
        lock (this)
        {
            _scheduled = false;
            if (_flushing || !_dirty || _shut) return false;
            _flushing = true;
            _dirty = false;
            _unflushedBytes = 0;
            _flushingSince = _time.GetTimestamp();
            return true;
        }
    }

    /// <summary>True when the connection is over.</summary>
    private bool End(FlushResult flushed)
    {
        lock (this)
        {
            _flushing = false;
            if (flushed.IsCompleted) _shut = _lost = true;
            if (_shut)
            {
                Return();
                _idle?.TrySetResult();
                _sent?.TrySetResult();
                return true;
            }
            if (_waitingBytes > 0)
            {
                _writer.Write(_waiting.AsSpan(0, _waitingBytes));
                _unflushedBytes = _waitingBytes;
                _waitingBytes = 0;
                _dirty = true;
            }
            Return();
            // What found no room before may find it now.
            _owner.HasRoom();
            if (!_dirty) _sent?.TrySetResult();
        }
        return false;
    }

    private void Break(Exception broken)
    {
        lock (this)
        {
            _flushing = false;
            _shut = _lost = true;
            Return();
            _idle?.TrySetResult();
            _sent?.TrySetResult();
        }
        _owner.Broke(broken);
    }

    private byte[] Grow(int bytes)
    {
        if (_waiting is not null && _waiting.Length >= bytes) return _waiting;
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        _waiting?.AsSpan(0, _waitingBytes).CopyTo(larger);
        if (_waiting is not null) ArrayPool<byte>.Shared.Return(_waiting);
        return _waiting = larger;
    }

    private void Return()
    {
        if (_waiting is null) return;
        ArrayPool<byte>.Shared.Return(_waiting);
        _waiting = null;
        _waitingBytes = 0;
    }
}

/// <summary>Whose outlet it is.</summary>
internal interface IOutletOwner
{
    /// <summary>A flush has ended; called with the outlet's lock held, to write what waits. The outlet flushes it.</summary>
    void HasRoom();

    /// <summary>The connection does not take bytes any more.</summary>
    void Broke(Exception broken);
}
