using System.Threading.Channels;
using Broadcast.Device;
using Broadcast.Edge.Line;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Edge.Gateway;

/// <summary>
/// Brings alarms and readings from the store to the cloud, alarms first, a few at a time so that receipts always find room. What is not
/// acknowledged before the link goes down is sent again under its own number. The disk is asked here and not on the loop, where a warning may wait.
/// </summary>
internal sealed class CloudJournal : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    /// <summary>Readings that go out on a metered way after an outage: a day by the hour. What was not offered yet is put together, as in a long outage.</summary>
    private const int MeteredReadingsMax = 24;

    private readonly Channel<News> _news = Channel.CreateUnbounded<News>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Offering _offering;
    private readonly GatewayStore _store;
    private readonly GatewayLoop _loop;
    private readonly Uplink _uplink;
    private readonly ITimer _retry;
    private volatile bool _isUp;

    public CloudJournal(GatewayStore store, GatewayLoop loop, LineWatch line, Uplink uplink, TimeProvider time)
    {
        (_store, _loop, _uplink, _offering) = (store, loop, uplink, new Offering(store));
        _retry = time.CreateTimer(_ => Nudge(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        line.Kept += Nudge;
        loop.Settled += LookAtSession;
        loop.Acknowledged += token => _news.Writer.TryWrite(new News(Token: token));
        loop.Raised += id => _news.Writer.TryWrite(new News(Said: id));
    }

    private readonly record struct News(int Token = 0, bool IsNewSession = false, byte[]? Said = null);

    /// <summary>There is something new in the store. Any thread; never blocks.</summary>
    public void Nudge() => _news.Writer.TryWrite(new News());

    public override void Dispose()
    {
        _retry.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var news in _news.Reader.ReadAllAsync(stoppingToken))
            {
                Take(news);
                if (_isUp) await OfferAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // What is under way is in the store until it is acknowledged.
        }
    }

    // On the loop.
    private void LookAtSession()
    {
        if (_loop.Core.IsSessionUp == _isUp) return;
        _isUp = !_isUp;
        if (_isUp) _news.Writer.TryWrite(new News(IsNewSession: true));
    }

    private void Take(News news)
    {
        if (news.Said is { } id) _store.MarkSaid(id);
        if (news.IsNewSession) _offering.NewSession();
        if (news.Token != 0) _offering.Acknowledged(news.Token);
    }

    private async Task OfferAsync(CancellationToken ct)
    {
        var (offset, clock) = _loop.Clock;
        if (clock != ClockQuality.Unknown) _store.CompleteTimes(offset, clock);
        if (_uplink.IsMetered) _store.ThinWaitingTo(MeteredReadingsMax);
        foreach (var message in _offering.Due())
        {
            var token = _offering.MayGo(message) ? await _loop.SendAsync(message.Type, message.Body).WaitAsync(ct) : 0;
            if (token == 0)
            {
                _retry.Change(RetryEvery, Timeout.InfiniteTimeSpan);
                return;
            }
            _offering.Went(message, token);
        }
    }
}
