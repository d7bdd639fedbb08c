using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Broadcast.Simulation.Cloud;

/// <summary>The server's end of one TCP connection: the pipes that Kestrel would fill and empty.</summary>
internal sealed class SimulatedConnection : ConnectionContext, IDuplexPipe
{
    private readonly Pipe _in, _out;
    private readonly CancellationTokenSource _closed = new();
    private Task _flushing = Task.CompletedTask;

    public SimulatedConnection(SimulatedProcess process, string id)
    {
        var options = new PipeOptions(readerScheduler: process.Aside, writerScheduler: process.Aside, useSynchronizationContext: true);
        (_in, _out) = (new Pipe(options), new Pipe(options));
        ConnectionId = id;
        ConnectionClosed = _closed.Token;
    }

    /// <summary>Done when the server has room for more.</summary>
    public Task Flushing => _flushing;

    public bool IsAborted { get; private set; }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get => this; set => throw new NotSupportedException("The simulated connection keeps its transport."); }

    PipeReader IDuplexPipe.Input => _in.Reader;

    PipeWriter IDuplexPipe.Output => _out.Writer;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (IsAborted) return;
        IsAborted = true;
        _in.Writer.Complete(abortReason);
        _out.Reader.Complete();
        _closed.Cancel();
    }

    /// <summary>Bytes that came from the device.</summary>
    public void Arrive(byte[] bytes)
    {
        if (IsAborted) return;
        _in.Writer.Write(bytes);
        // Not awaited: where the server reads slowly the bytes wait in the pipe, as they would in a socket.
        _flushing = _in.Writer.FlushAsync().AsTask();
    }

    /// <summary>The device closed its end, or its machine's reset came.</summary>
    public void PeerGone()
    {
        if (!IsAborted) _in.Writer.Complete();
    }

    /// <summary>What the server has flushed since the last time; null where there is nothing.</summary>
    public byte[]? Take()
    {
        if (IsAborted || !_out.Reader.TryRead(out var read)) return null;
        var bytes = read.Buffer.ToArray();
        _out.Reader.AdvanceTo(read.Buffer.End);
        return bytes.Length > 0 ? bytes : null;
    }
}
