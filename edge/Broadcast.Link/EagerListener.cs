using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Broadcast.Link;

/// <summary>One address of <see cref="EagerListening"/>: a thread that waits in accept, and a bounded queue from which Kestrel takes.</summary>
internal sealed partial class EagerListener : IConnectionListener
{
    /// <summary>So many are accepted and not yet taken at most; then the kernel's queue takes as many more. A county that comes back in one
    /// second finds a place, and who only knocks takes no more than a fifth of the descriptors that the cloud has for sessions.</summary>
    public const int WaitingMax = 4_096;

    /// <summary>The pause after an error that the next call would meet again at once, as when no descriptor is free: long enough to cost
    /// nothing, short enough that nobody in the kernel's queue notices.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _unbound = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _places;
    private readonly Func<bool> _isScarce;
    private readonly Channel<Socket> _waiting = Channel.CreateUnbounded<Socket>(new UnboundedChannelOptions { SingleWriter = true }); // Bounded by the places.
    private bool _failing;

    /// <param name="socket">Listens; is this listener's from now on.</param>
    /// <param name="logger">Hears of it when nothing can be accepted, and when it can again.</param>
    /// <param name="waitingMax">Places for those who are accepted and not yet taken.</param>
    /// <param name="isScarce">Whether there is none left for one more connection.</param>
    public EagerListener(Socket socket, ILogger logger, int waitingMax = WaitingMax, Func<bool>? isScarce = null)
    {
        (_socket, _logger, _places, _isScarce) = (socket, logger, new SemaphoreSlim(waitingMax), isScarce ?? Descriptors.AreScarce);
        EndPoint = socket.LocalEndPoint!;
        new Thread(AcceptAll) { IsBackground = true, Name = $"accept {EndPoint}" }.Start();
    }

    public EndPoint EndPoint { get; }

    /// <summary>Accepted and not yet taken.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>The next connection; null once nothing is accepted any more.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken) && !_unbound.IsCancellationRequested)
        {
            if (!_waiting.Reader.TryRead(out var socket)) continue;
            _places.Release();
            try
            {
                socket.NoDelay = true; // An order does not wait for company.
                return new LinkConnection(socket);
            }
            catch (Exception e) when (e is SocketException or IOException) // It has gone again, and with it what there was to know of it.
            {
                socket.Dispose();
            }
        }

        return null;
    }

    /// <summary>Accepts no more. Who was accepted and not taken is let go, as the kernel does with those in its own queue.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        _socket.Dispose(); // This wakes the thread out of its call.
        await _ended.Task.WaitAsync(cancellationToken);
        while (_waiting.Reader.TryRead(out var socket)) socket.Dispose();
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                _places.Wait(_unbound.Token);
                _waiting.Writer.TryWrite(AcceptOne());
            }
        }
        catch (OperationCanceledException) // Unbound, which is the only end of it.
        {
            _waiting.Writer.Complete();
            _ended.SetResult();
        }
    }

    private Socket AcceptOne()
    {
        while (true)
        {
            try
            {
                if (_isScarce()) throw new IOException("What the process may have open is nearly used up: raise its limit of open files.");
                var accepted = _socket.Accept();
                if (_failing) LogAcceptsAgain(EndPoint);
                _failing = false;
                return accepted;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                _unbound.Token.ThrowIfCancellationRequested();
                // Who has gone while waiting in the kernel's queue is out of it: the next call is about somebody else.
                if (e is not SocketException { SocketErrorCode: SocketError.ConnectionAborted or SocketError.ConnectionReset }) Pause(e);
            }
        }
    }

    /// <summary>Nobody can be accepted now, and they wait where they are: nothing is lost, and nothing spins.</summary>
    private void Pause(Exception why)
    {
        if (!_failing) LogCannotAccept(EndPoint, why);
        _failing = true;
        _unbound.Token.WaitHandle.WaitOne(AfterFailure);
    }

    [LoggerMessage(1, LogLevel.Error, "Nobody can be accepted at {Address} for now; it is tried again.")]
    private partial void LogCannotAccept(EndPoint address, Exception why);

    [LoggerMessage(2, LogLevel.Warning, "Connections are accepted at {Address} again.")]
    private partial void LogAcceptsAgain(EndPoint address);
}
