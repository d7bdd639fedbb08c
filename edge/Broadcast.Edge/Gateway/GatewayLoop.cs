using System.Threading.Channels;
using Broadcast.Device;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Gateway;

/// <summary>
/// The gateway's one serialized loop around the device core: everything that happens (frames, acknowledgements, ends of
/// playbacks, buttons, time) comes as a letter, so that the core is never entered twice.
/// </summary>
internal sealed partial class GatewayLoop : BackgroundService
{
    /// <summary>Frames that may wait. Far above a link window; beyond it they are dropped, as a full radio drops them, and the cloud sends again.</summary>
    private const int FramesWaitingMax = 256;

    /// <summary>A machine whose clock is further off than this writes misleading logs, and counts nothing right without the cloud: five minutes.</summary>
    private const long ClockErrorMsMax = 300_000;

    /// <summary>How long a notice may begin to play: half an hour, after which what a village was to know today is old.</summary>
    private const long NoticeValidMs = 1_800_000;

    /// <summary>Longer than any talk may last: letting go ends it, not this.</summary>
    private const long TalkValidMs = 3_600_000;

    private readonly Channel<Letter> _letters = Channel.CreateUnbounded<Letter>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly Uplink _uplink;
    private readonly GatewayBody _body;
    private readonly SiteConfig _config;
    private readonly TimeZoneInfo _zone;
    private readonly ILogger<GatewayLoop> _logger;
    private readonly ITimer _wake;
    private int _framesWaiting;
    private bool _settingsUnsaid;
    private (bool Programmes, bool All) _held;
    private bool _wasOnline;
    private volatile ClockView _clock = new(0, ClockQuality.Unknown);

    public GatewayLoop(EdgeSettings settings, GatewayStore store, GatewayBody body, SiteConfig config, Board board, Uplink uplink, TimeProvider time, ILogger<GatewayLoop> logger)
    {
        _time = time;
        _uplink = uplink;
        _body = body;
        _config = config;
        _zone = TimeZoneInfo.FindSystemTimeZoneById(settings.Sound.TimeZone);
        _logger = logger;
        Core = new DeviceCore(settings.Device.Id, Convert.FromHexString(settings.Device.OrderKey), settings.Device.KeyEpoch, body, store.LoadState())
        {
            Firmware = Product.Name, Board = board.Name,
        };
        _wake = time.CreateTimer(_ => Post(new Letter(LetterKind.Wake)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        uplink.Post = Post;
        body.Post = Post;
        body.Line.IsBusy = () => Core.PlayingId != 0;
        body.Line.Stamp = Stamp;
        body.Recordings.WallMs = body.Live.WallMs = () => Core.WallMs(NowMs);
    }

    /// <summary>The one brain. Only the loop calls it; others read its counters, each of them one number.</summary>
    public DeviceCore Core { get; }

    /// <summary>Told after each letter, on the loop: for what has to look at the core.</summary>
    public event Action? Settled;

    /// <summary>Told on the loop: the cloud has the message of this token.</summary>
    public event Action<int>? Acknowledged;

    /// <summary>Told on the loop: the core has taken the local alarm of this warning id, and goes on with it after a power cut.</summary>
    public event Action<byte[]>? Raised;

    /// <summary>Told on the loop: this local alarm or notice sounds here, and is to be said to the township's other devices too. Before <see cref="Raised"/>: what the power cuts off between the two is raised again.</summary>
    public event Action<Order>? Spread;

    /// <summary>Told on the loop: a part of the list of children came.</summary>
    public event Action<byte[]>? TownshipCame;

    /// <summary>UTC less monotonic milliseconds by the core's clock, and how far it can be believed, as of the last letter. Any thread.</summary>
    public (long OffsetMs, ClockQuality Quality) Clock => (_clock.OffsetMs, _clock.Quality);

    /// <summary>Now, as it is known now. Any thread.</summary>
    public Stamp Stamp() => Storage.Stamp.At(NowMs, _clock.OffsetMs, _clock.Quality);

    public long NowMs => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>Hands something that happened to the loop. Any thread; never blocks.</summary>
    public void Post(Letter letter)
    {
        if (letter.Kind == LetterKind.Frame && Interlocked.Increment(ref _framesWaiting) > FramesWaitingMax)
        {
            Interlocked.Decrement(ref _framesWaiting);
            LogDropped();
            return;
        }
        _letters.Writer.TryWrite(letter);
    }

    /// <summary>Done when the loop has turned once more.</summary>
    public Task AnswerAsync()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Letter(LetterKind.Question) { Answer = answer });
        return answer.Task;
    }

    /// <summary>Hands a message to the link; gives the token, or 0 when it was not taken now.</summary>
    public Task<int> SendAsync(MessageType type, byte[] body)
    {
        var sent = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Letter(LetterKind.Send, body) { Message = type, Sent = sent });
        return sent.Task;
    }

    /// <summary>Says a notice here and, where this gateway carries a township, to its children; gives what the core says of it.</summary>
    public Task<Refusal> GiveNoticeAsync(Order notice)
    {
        var judged = new TaskCompletionSource<Refusal>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Letter(LetterKind.LocalNotice) { Alarm = notice, Judged = judged });
        return judged.Task;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        StartCore();
        AfterCall();
        var link = _uplink.RunAsync(stoppingToken);
        _ = _body.CheckSpeechAsync(stoppingToken);
        try
        {
            await foreach (var letter in _letters.Reader.ReadAllAsync(stoppingToken))
            {
                Read(letter);
                AfterCall();
            }
        }
        catch (OperationCanceledException)
        {
            LogStopping(); // A stop is no power cut, but nothing more is needed: the core's state was saved after its last change.
        }
        await link;
    }

    // The system's clock: on a board without a battery clock it may stand in 1970, and then counts as unknown.
    private void StartCore()
    {
        var wallMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _body.ClockIsWrong = wallMs < Limits.WallMsMin;
        Core.Start(NowMs, wallMs, wallMs >= Limits.WallMsMin ? ClockQuality.Network : ClockQuality.Unknown, resetReason: 0);
    }

    private void Read(Letter letter)
    {
        switch (letter.Kind)
        {
            case LetterKind.Wake: Core.Tick(NowMs); break;
            case LetterKind.LinkUp: Core.LinkUp(NowMs); break;
            case LetterKind.LinkDown: Core.LinkDown(NowMs); break;
            case LetterKind.Frame: TakeFrame(letter); break;
            case LetterKind.Published: TakeAcknowledgement(letter.Number); break;
            case LetterKind.PlaybackEnded: TakeEnd(letter); break;
            case LetterKind.BodyChanged: Core.BodyChanged(NowMs); break;
            case LetterKind.OperatorStop: _body.StopPressed(Core.OperatorStop(NowMs)); break;
            case LetterKind.Talk: TakeTalk(letter.Number == 1); break;
            case LetterKind.Send: letter.Sent!.SetResult(Core.Send(letter.Message, letter.Frame!, NowMs)); break;
            case LetterKind.Question: letter.Answer!.SetResult(); break;
            case LetterKind.LocalAlarm: RaiseAlarm(letter.Alarm!); break;
            case LetterKind.LocalNotice: GiveNotice(letter); break;
        }
    }

    private void TakeFrame(Letter letter)
    {
        Interlocked.Decrement(ref _framesWaiting);
        _body.OrderedAt = letter.At;
        Core.Received(letter.Frame!, NowMs);
        _body.OrderedAt = 0;
        if (Core.TakeTownship() is { } part) TownshipCame?.Invoke(part);
        if (Core.TakeSettings() is not { } settings) return;
        _settingsUnsaid |= _config.Take(settings);
    }

    /// <summary>Quiet hours and the times of programmes, by the local minute; nothing is held while the time is not known.</summary>
    private void HoldByTheClock()
    {
        (bool, bool) held = (false, false);
        if (_config.Current is { } wanted && Core.WallMs(NowMs) is > 0 and var wallMs)
        {
            var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(wallMs), _zone);
            var minute = (local.Hour * 60) + local.Minute;
            held = (!wanted.MayBeginProgrammeAt(minute), wanted.IsQuietAt(minute));
        }
        if (held == _held) return;
        _held = held;
        Core.Hold(held.Item1, held.Item2, NowMs);
    }

    /// <summary>When the core wants to be woken, or the next minute begins that may change what is held.</summary>
    private long NextWakeMs()
    {
        if (_config.Current is null || Core.WallMs(NowMs) is not (> 0 and var wallMs)) return Core.NextWakeMs;
        return Math.Min(Core.NextWakeMs, NowMs + 60_000 - (wallMs % 60_000));
    }

    private void RaiseAlarm(Order order)
    {
        var refusal = Core.RaiseLocalAlarm(order, Broadcast.Device.Sensing.LocalAlarm.ValidMs, NowMs);
        if (refusal != Refusal.None) LogAlarmRefused(refusal);
        if (refusal is Refusal.None or Refusal.QueueFull) Spread?.Invoke(order); // Where there is no room here, there may be elsewhere.
        Raised?.Invoke(order.WarningId); // One that is refused would be refused again.
    }

    private void GiveNotice(Letter letter)
    {
        var refusal = Core.RaiseLocalNotice(letter.Alarm!, NoticeValidMs, NowMs);
        if (refusal == Refusal.None) Spread?.Invoke(letter.Alarm!);
        letter.Judged!.SetResult(refusal);
    }

    private void TakeTalk(bool isHeld)
    {
        if (!isHeld)
        {
            if (_body.Talk.Release(Core.PlayingId) is { } withdrawn) Core.EndTalk(withdrawn, NowMs);
        }
        else if (_body.Talk.Press() is { } order)
        {
            WithdrawTalk(playingId: 0); // Before the new one, which would break it off.
            var refusal = Core.RaiseTalk(order, TalkValidMs, NowMs);
            if (refusal == Refusal.None) return;
            LogTalkRefused(refusal);
            _body.Talk.Release(0);
        }
    }

    private void WithdrawTalk(int playingId)
    {
        if (_body.Talk.TakeBrokenOff(playingId) is { } over) Core.EndTalk(over, NowMs);
    }

    private void TakeAcknowledgement(int token)
    {
        Core.Published(token, NowMs);
        Acknowledged?.Invoke(token);
    }

    private void TakeEnd(Letter letter)
    {
        _body.Forget(letter.Number);
        Core.PlaybackEnded(letter.Number, letter.Failure, letter.Check, NowMs);
    }

    private void AfterCall()
    {
        WithdrawTalk(Core.PlayingId);
        if (Core.IsSessionUp != _wasOnline)
        {
            _wasOnline = Core.IsSessionUp;
            if (_wasOnline)
            {
                LogOnline(Product.Age(_time).TotalMilliseconds, Core.SessionEpoch);
                _body.ClockIsWrong = Math.Abs(Core.WallMs(NowMs) - _time.GetUtcNow().ToUnixTimeMilliseconds()) > ClockErrorMsMax;
                if (_body.Faults != FaultFlags.None || _uplink.Name.Length > 0) Core.BodyChanged(NowMs); // What is wrong from the start, and which way this is, is not for the first regular report.
                _settingsUnsaid = true; // Said in each session: what was lost with the last one is made up for.
            }
            else LogOffline(_uplink.Condition);
        }
        var now = NowMs;
        if (Core.WallMs(now) is var wall && (wall - now, Core.Clock) != (_clock.OffsetMs, _clock.Quality)) _clock = new ClockView(wall - now, Core.Clock);
        Settled?.Invoke();
        if (_settingsUnsaid && Core.IsSessionUp) _settingsUnsaid = Core.Send(MessageType.SettingsState, _config.State.Encode(), NowMs) == 0;
        HoldByTheClock();
        var wakeMs = NextWakeMs();
        if (wakeMs == long.MaxValue) _wake.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        else _wake.Change(TimeSpan.FromMilliseconds(Math.Clamp(wakeMs - NowMs, 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    private sealed record ClockView(long OffsetMs, ClockQuality Quality);

    [LoggerMessage(1, LogLevel.Information, "online {Milliseconds:0} ms after the start of the process, epoch {Epoch}")]
    private partial void LogOnline(double milliseconds, long epoch);

    [LoggerMessage(2, LogLevel.Warning, "offline: {Why}")]
    private partial void LogOffline(string why);

    [LoggerMessage(3, LogLevel.Warning, "A frame was dropped: too many wait")]
    private partial void LogDropped();

    [LoggerMessage(5, LogLevel.Error, "The local alarm cannot be said: {Refusal}")]
    private partial void LogAlarmRefused(Refusal refusal);

    [LoggerMessage(4, LogLevel.Information, "stopping")]
    private partial void LogStopping();

    [LoggerMessage(20, LogLevel.Error, "The talk cannot be said: {Refusal}")]
    private partial void LogTalkRefused(Refusal refusal);
}
