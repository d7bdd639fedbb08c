using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Broadcast.Link;

/// <summary>
/// A connected socket as its session wants it: for who reads, a connection that broke has come to its end, and that is all. With the framework's own
/// stream every session of a county that is cut off would throw, and an exception costs half of what a session does. Only a write that fails
/// throws: what it took has not left.
/// </summary>
internal sealed class SocketStream(Socket socket) : Stream
{
    private readonly Receiving _receiving = new();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Bytes that came; 0 at the end, whoever brought it about. One at a time.</summary>
    /// <param name="buffer">May be empty: then it is only waited until something is there.</param>
    /// <param name="cancellationToken">Ends the reading for good: a session that is woken is over.</param>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _receiving.FromAsync(socket, buffer, cancellationToken);

    /// <summary>Done when the kernel has the bytes.</summary>
    /// <exception cref="IOException">It will not have them: the connection is over.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Sending.ToAsync(socket, buffer);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A session never blocks.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A session never blocks.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static bool IsGone(Exception thrown) => thrown is SocketException or ObjectDisposedException;

    /// <summary>The one read of a connection; no execution context goes with it, since what reads has none of its own.</summary>
    private sealed class Receiving() : SocketAsyncEventArgs(true), IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _done;
        private CancellationTokenRegistration _watch;

        public ValueTask<int> FromAsync(Socket socket, Memory<byte> buffer, CancellationToken ct)
        {
            _done.Reset();
            SetBuffer(buffer);
            try
            {
                if (!socket.ReceiveAsync(this)) return new(Received);
            }
            catch (Exception e) when (IsGone(e))
            {
                return new(0);
            }

            if (ct.CanBeCanceled) _watch = ct.UnsafeRegister(static socket => Deafen((Socket)socket!), socket);
            return new(this, _done.Version);
        }

        int IValueTaskSource<int>.GetResult(short token)
        {
            _watch.Dispose();
            return _done.GetResult(token);
        }

        ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _done.GetStatus(token);

        void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _done.OnCompleted(continuation, state, token, flags);

        protected override void OnCompleted(SocketAsyncEventArgs e) => _done.SetResult(Received);

        private int Received => SocketError == SocketError.Success ? BytesTransferred : 0;

        /// <summary>The read that is under way has its buffer until the kernel lets go of it, so it is ended and not abandoned.</summary>
        private static void Deafen(Socket socket)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Receive);
            }
            catch (Exception e) when (IsGone(e))
            {
                // Then the read has ended already.
            }
        }
    }

    /// <summary>Nearly every send is over when the call returns, so few are needed for thousands of connections.</summary>
    private sealed class Sending() : SocketAsyncEventArgs(true), IValueTaskSource
    {
        private const int FreeMax = 64;

        private static readonly ConcurrentQueue<Sending> Free = new();

        private ManualResetValueTaskSourceCore<bool> _done;

        public static ValueTask ToAsync(Socket socket, ReadOnlyMemory<byte> buffer)
        {
            if (!Free.TryDequeue(out var sending)) sending = new Sending();
            sending._done.Reset();
            sending.SetBuffer(System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer)); // Only read from.
            var fault = SocketError.Success;
            try
            {
                if (socket.SendAsync(sending)) return new(sending, sending._done.Version);
                fault = sending.SocketError;
            }
            catch (Exception e) when (IsGone(e))
            {
                fault = SocketError.Shutdown;
            }

            sending.Release();
            return fault == SocketError.Success ? default : ValueTask.FromException(Over(fault));
        }

        void IValueTaskSource.GetResult(short token)
        {
            _done.GetResult(token);
            var fault = SocketError;
            Release();
            if (fault != SocketError.Success) throw Over(fault);
        }

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

        void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _done.OnCompleted(continuation, state, token, flags);

        protected override void OnCompleted(SocketAsyncEventArgs e) => _done.SetResult(true);

        private static IOException Over(SocketError why) => new($"The connection is over: {why}.");

        private void Release()
        {
            SetBuffer(default);
            if (Free.Count < FreeMax) Free.Enqueue(this);
            else Dispose();
        }
    }
}
