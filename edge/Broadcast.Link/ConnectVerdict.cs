namespace Broadcast.Link;

/// <summary>What the authority answers to a CONNECT: who this is and what it may do, or why not.</summary>
public sealed record ConnectVerdict
{
    private ConnectVerdict()
    {
    }

    /// <summary><see cref="ConnectCode.Accepted"/>, or what CONNACK says before the connection is closed.</summary>
    public ConnectCode Code { get; private init; }

    /// <summary>The device that is speaking; empty in a refusal.</summary>
    public string DeviceId { get; private init; } = "";

    /// <summary>The session's fencing epoch. Of two sessions of a device the higher one stays; of equals, the later one.</summary>
    public long Epoch { get; private init; }

    /// <summary>Every topic of a message from this device, its will's too, starts so.</summary>
    public string PublishPrefix { get; private init; } = "";

    /// <summary>The one topic that this device may subscribe to.</summary>
    public string CommandTopic { get; private init; } = "";

    /// <summary>What the session's <see cref="LinkSession.State"/> begins with; the authority's own.</summary>
    public object? State { get; init; }

    /// <summary>Opens the session.</summary>
    /// <param name="deviceId">Not empty.</param>
    /// <param name="epoch">The fencing epoch; each session of a device should get a higher one than the last.</param>
    /// <param name="publishPrefix">Not empty, ends in a level, such as <c>d/7/</c>.</param>
    /// <param name="commandTopic">Not empty, no wildcard, such as <c>d/7/down</c>.</param>
    /// <exception cref="ArgumentException">One of them is not so.</exception>
    public static ConnectVerdict Accept(string deviceId, long epoch, string publishPrefix, string commandTopic)
    {
        ArgumentException.ThrowIfNullOrEmpty(deviceId);
        ArgumentException.ThrowIfNullOrEmpty(publishPrefix);
        ArgumentException.ThrowIfNullOrEmpty(commandTopic);
        if (commandTopic.AsSpan().ContainsAny('+', '#', '\0'))
            throw new ArgumentException($"commandTopic is '{commandTopic}': a command topic names one topic, without +, # or U+0000.", nameof(commandTopic));
        return new ConnectVerdict
        {
            Code = ConnectCode.Accepted, DeviceId = deviceId, Epoch = epoch, PublishPrefix = publishPrefix, CommandTopic = commandTopic,
        };
    }

    /// <summary>Refuses the connection: CONNACK says <paramref name="code"/>, and the connection is closed.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="code"/> is <see cref="ConnectCode.Accepted"/> or no code of the standard.</exception>
    public static ConnectVerdict Refuse(ConnectCode code)
    {
        if (code is ConnectCode.Accepted or > ConnectCode.NotAuthorized)
            throw new ArgumentOutOfRangeException(nameof(code), code, "A refusal has a code from UnacceptableProtocol to NotAuthorized.");
        return new ConnectVerdict { Code = code };
    }
}
