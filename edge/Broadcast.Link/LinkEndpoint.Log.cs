using System.Net;
using Microsoft.Extensions.Logging;

namespace Broadcast.Link;

public sealed partial class LinkEndpoint
{
    [LoggerMessage(1, LogLevel.Error, "The authority failed for {Device}.")]
    internal partial void LogAuthorityFailed(string device, Exception failed);

    [LoggerMessage(2, LogLevel.Warning, "{Device} broke the protocol: {Violation}.")]
    private partial void LogViolation(string device, Violation violation);

    [LoggerMessage(3, LogLevel.Debug, "The session of {Device} with epoch {Epoch} ended: {Reason}.")]
    private partial void LogClosed(string device, long epoch, LinkCloseReason reason);

    [LoggerMessage(4, LogLevel.Information, "{Remote} was closed before it signed in: {Violation}.")]
    private partial void LogHandshakeViolation(EndPoint? remote, Violation violation);

    [LoggerMessage(5, LogLevel.Information, "{Client} from {Remote} was refused: {Code}.")]
    private partial void LogRefused(string client, EndPoint? remote, ConnectCode code);
}
