using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Broadcast.Link;

public sealed partial class LinkEndpoint
{
    internal async Task ServeAsync(ConnectionContext connection)
    {
        var session = await OpenAsync(connection);
        if (session is not null) await session.RunAsync();
    }

    /// <summary>From the connection to the CONNACK, within <see cref="LinkLimits.HalfOpenMax"/>; null where it does not come to a session.</summary>
    private async Task<LinkSession?> OpenAsync(ConnectionContext connection)
    {
        var halfOpen = new HalfOpen(this, connection);
        _scan.Add(halfOpen);
        try
        {
            var packet = await ReadConnectAsync(connection);
            return packet is null ? null : await AnswerAsync(connection, packet);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            Counters.CountNeverConnected();
            return null;
        }
        finally
        {
            _scan.Remove(halfOpen);
        }
    }

    private async Task<ConnectPacket?> ReadConnectAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync();
            var rest = read.Buffer;
            var violation = TryTakeConnect(ref rest, out var packet);
            input.AdvanceTo(rest.Start, packet is null ? rest.End : rest.Start);
            if (packet is not null) return packet;
            if (violation != Violation.None)
            {
                Counters.CountViolation(violation);
                LogHandshakeViolation(connection.RemoteEndPoint, violation);
                connection.Abort(new ConnectionAbortedException(violation.ToString()));
                return null;
            }
            if (!read.IsCompleted) continue;
            Counters.CountNeverConnected();
            return null;
        }
    }

    private Violation TryTakeConnect(ref ReadOnlySequence<byte> rest, out ConnectPacket? packet)
    {
        packet = null;
        if (rest.IsEmpty) return Violation.None;
        var hasHeader = Frame.TryPeek(rest, Limits.PacketBytesMax, out var frame, out var violation);
        if ((PacketType)(rest.FirstSpan[0] >> 4) != PacketType.Connect) return Violation.NotConnectFirst;
        if (!hasHeader || rest.Length < frame.Bytes) return violation;
        var body = rest.Slice(frame.HeaderBytes, frame.BodyBytes);
        violation = ConnectPacket.Read(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), out packet);
        if (violation == Violation.None) rest = rest.Slice(frame.Bytes);
        return violation;
    }

    private async Task<LinkSession?> AnswerAsync(ConnectionContext connection, ConnectPacket packet)
    {
        if (!packet.IsSupported) return await RefuseAsync(connection, packet, ConnectCode.UnacceptableProtocol);
        // [MQTT-3.1.3-8]: a session that is to be found again cannot be one without a name.
        if (packet.ClientId.Length == 0 && !packet.CleanSession) return await RefuseAsync(connection, packet, ConnectCode.IdentifierRejected);
        var request = new ConnectRequest(packet.ClientId, packet.UserName, packet.Password, KeepAliveOf(packet), packet.Will, connection.RemoteEndPoint)
        {
            AskedClean = packet.CleanSession,
        };
        var verdict = await AskAsync(request, connection.ConnectionClosed);
        if (verdict.Code != ConnectCode.Accepted) return await RefuseAsync(connection, packet, verdict.Code);
        if (packet.Will is not null && !packet.Will.Topic.StartsWith(verdict.PublishPrefix, StringComparison.Ordinal))
            return await RefuseAsync(connection, packet, ConnectCode.NotAuthorized);
        var session = new LinkSession(this, connection, verdict, request);
        if (Volatile.Read(ref _stopping) || !TryRegister(session)) return await RefuseAsync(connection, packet, ConnectCode.ServerUnavailable);
        // Who stopped the endpoint a moment ago may not have seen this session.
        if (Volatile.Read(ref _stopping)) session.Close(LinkCloseReason.ServerStopping);
        session.Accept();
        _scan.Add(session);
        Counters.CountAccepted();
        return session;
    }

    private async ValueTask<ConnectVerdict> AskAsync(ConnectRequest request, CancellationToken closed)
    {
        try
        {
            return await Authority.AuthenticateAsync(request, closed);
        }
        catch (Exception failed) when (!closed.IsCancellationRequested)
        {
            LogAuthorityFailed(request.ClientId, failed);
            return ConnectVerdict.Refuse(ConnectCode.ServerUnavailable);
        }
    }

    private async Task<LinkSession?> RefuseAsync(ConnectionContext connection, ConnectPacket packet, ConnectCode code)
    {
        Counters.CountRefused(code);
        LogRefused(packet.ClientId, connection.RemoteEndPoint, code);
        await connection.Transport.Output.WriteAsync(Packets.ConnAck(code));
        return null;
    }

    private TimeSpan KeepAliveOf(ConnectPacket packet)
    {
        if (packet.KeepAliveSeconds == 0) return Limits.KeepAliveDefault;
        var asked = TimeSpan.FromSeconds(packet.KeepAliveSeconds);
        return asked < Limits.KeepAliveMax ? asked : Limits.KeepAliveMax;
    }

    /// <summary>A connection that has not become a session yet.</summary>
    private sealed class HalfOpen(LinkEndpoint endpoint, ConnectionContext connection) : IScanned
    {
        private readonly long _since = endpoint.Time.GetTimestamp();

        public long ScanTicket { get; set; }

        public void Look(long now)
        {
            if (Volatile.Read(ref endpoint._stopping) || endpoint.Time.GetElapsedTime(_since, now) > endpoint.Limits.HalfOpenMax)
                connection.Abort(new ConnectionAbortedException("half-open for too long"));
        }
    }
}
