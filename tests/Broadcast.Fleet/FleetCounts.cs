using System.Text.Json;
using Broadcast.Link;

namespace Broadcast.Fleet;

/// <summary>What a fleet's status line says.</summary>
/// <param name="Online">Devices whose session is welcomed.</param>
/// <param name="Orders">Order frames that came, repeats included.</param>
/// <param name="Plays">Playbacks begun.</param>
/// <param name="Refusals">Frames and orders that devices refused.</param>
/// <param name="ConnectsFailed">Attempts that did not come as far as a session.</param>
/// <param name="LastFailure">Why the last of them did not; null where none did.</param>
public sealed record FleetStatus(
    int Devices, int Online, int Playing, long Plays, long Played, long Orders, long Refusals, long ConnectsFailed, string? LastFailure)
{
    public override string ToString() => $"devices {Devices} · online {Online} · playing {Playing} · played {Played} · orders {Orders} · refusals {Refusals}"
        + (Online < Devices && LastFailure is not null ? $" · last connect: {LastFailure}" : "");

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}

/// <summary>Counts over all devices of a process, moved by many threads.</summary>
internal sealed class FleetCounts
{
    private int _online;
    private int _playing;
    private long _plays;
    private long _played;
    private long _orders;
    private long _refusals;
    private long _connectsFailed;
    private volatile string? _lastFailure;

    public void OnlineChanged(bool online) => Interlocked.Add(ref _online, online ? 1 : -1);

    public void OrderCame() => Interlocked.Increment(ref _orders);

    public void PlayBegan()
    {
        Interlocked.Increment(ref _playing);
        Interlocked.Increment(ref _plays);
    }

    public void PlayEnded(bool toTheEnd)
    {
        Interlocked.Decrement(ref _playing);
        if (toTheEnd) Interlocked.Increment(ref _played);
    }

    public void Refused(int more) => Interlocked.Add(ref _refusals, more);

    public void ConnectFailed(LinkDown why)
    {
        Interlocked.Increment(ref _connectsFailed);
        _lastFailure = why.Reason == LinkDownReason.Refused ? $"refused, {why.Code}" : why.Error?.Message ?? why.Reason.ToString();
    }

    public FleetStatus Read(int devices) => new(
        devices,
        Volatile.Read(ref _online),
        Volatile.Read(ref _playing),
        Volatile.Read(ref _plays),
        Volatile.Read(ref _played),
        Volatile.Read(ref _orders),
        Volatile.Read(ref _refusals),
        Volatile.Read(ref _connectsFailed),
        _lastFailure);
}
