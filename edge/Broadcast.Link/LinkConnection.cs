using System.Collections;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Broadcast.Link;

/// <summary>
/// A device's connection with nothing between the session and its socket. Kestrel's own has a pipe in each direction and a loop for each, so that a
/// request may wait while bytes go on; a session reads when it has done with what it read, and writes what it flushes. So the thousands cost
/// less processor and memory, and what a device sends too much stays in its own buffers.
/// </summary>
internal sealed class LinkConnection : ConnectionContext, IDuplexPipe, IFeatureCollection
{
    private static readonly StreamPipeReaderOptions Reading = new(leaveOpen: true, useZeroByteReads: true); // Who is silent holds no buffer.
    private static readonly StreamPipeWriterOptions Writing = new(leaveOpen: true);
    private static long s_connections;

    private readonly Lock _gate = new();
    private CancellationTokenSource? _closed;
    private bool _isClosed;
    private (Type Kind, object Feature)[] _features = new (Type, object)[4]; // As many as Kestrel sets.
    private int _featureCount;

    /// <param name="socket">Is this connection's from now on.</param>
    public LinkConnection(Socket socket)
    {
        Socket = socket;
        var stream = new SocketStream(socket);
        (Input, Output) = (PipeReader.Create(stream, Reading), PipeWriter.Create(stream, Writing));
        Transport = this;
        RemoteEndPoint = socket.RemoteEndPoint;
    }

    internal Socket Socket { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get => field ??= Interlocked.Increment(ref s_connections).ToString(CultureInfo.InvariantCulture); set; }

    public override EndPoint? LocalEndPoint { get => field ??= Socket.LocalEndPoint; set; }

    public override IFeatureCollection Features => this;

    public override IDictionary<object, object?> Items { get => field ??= new ConnectionItems(); set; }

    /// <summary>Cancelled when this side closes; that the other side is gone is seen by who reads.</summary>
    public override CancellationToken ConnectionClosed
    {
        get
        {
            lock (_gate) return _isClosed ? new CancellationToken(canceled: true) : (_closed ??= new()).Token;
        }
        set => throw new NotSupportedException("A connection says itself when it is closed.");
    }

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _featureCount;

    object? IFeatureCollection.this[Type key]
    {
        get
        {
            for (var i = 0; i < _featureCount; i++)
                if (_features[i].Kind == key) return _features[i].Feature;
            return null;
        }
        set
        {
            for (var i = 0; i < _featureCount; i++)
            {
                if (_features[i].Kind != key) continue;
                _features[i].Feature = value!;
                return;
            }
            if (_featureCount == _features.Length) Array.Resize(ref _features, 2 * _featureCount);
            _features[_featureCount++] = (key, value!);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)((IFeatureCollection)this)[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => ((IFeatureCollection)this)[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.Take(_featureCount).Select(f => KeyValuePair.Create(f.Kind, f.Feature)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Ends it now, also under a read or a write that is under way.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => Close();

    public override ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    private void Close()
    {
        CancellationTokenSource? closed;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            closed = _closed;
        }

        try
        {
            Socket.Shutdown(SocketShutdown.Both); // A farewell and no reset: what was written last still arrives.
        }
        catch (SocketException)
        {
            // The other side was faster.
        }

        Socket.Dispose();
        // Who closes may hold locks that those who are told want.
        if (closed is not null) ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), closed, preferLocal: false);
    }
}
