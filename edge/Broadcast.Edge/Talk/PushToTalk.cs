using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Gateway;
using Microsoft.Extensions.Logging;

namespace Broadcast.Edge.Talk;

/// <summary>
/// The talk button of the site: held, what is said into the microphone is a local notice here and now. An actual warning takes over at once and
/// the button waits; let go, the notice is over or withdrawn. The core's receipts tell the cloud of it, with their true times, also after
/// a power cut. On the loop, but for what is said to be of any thread.
/// </summary>
internal sealed partial class PushToTalk
{
    /// <summary>Short: who hears it looks up, and who speaks does not wait.</summary>
    private const int ToneMs = 500;

    /// <summary>More than this ahead of the loudspeaker, and a block is left out: the voice stays with the speaker.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromMilliseconds(200);

    private readonly ISoundInput _input;
    private readonly ISoundOutput _output;
    private readonly MicrophoneSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<PushToTalk> _logger;
    private readonly ITimer _limit;
    private Held? _held;
    private Held? _released; // Let go while it sounded: the rest of it is heard, and no more than that.
    private Task _listening = Task.CompletedTask;
    private volatile Line _line = new("", false);

    public PushToTalk(EdgeSettings settings, SiteHardware hardware, ISoundInput input, ISoundOutput output, TimeProvider time, ILogger<PushToTalk> logger)
    {
        (_settings, _input, _output, _time, _logger) = (settings.Microphone, input, output, time, logger);
        _limit = time.CreateTimer(_ => Post(new Letter(LetterKind.Talk)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (hardware.Talk is { } button) button.Settled += pressed => Post(new Letter(LetterKind.Talk, Number: pressed ? 1 : 0));
    }

    private sealed class Held(byte[] warningId)
    {
        public byte[] WarningId { get; } = warningId;

        public int PlayId { get; set; }

        public CancellationTokenSource LetGo { get; } = new();
    }

    private sealed record Line(string Text, bool Fails);

    /// <summary>Set by the body: takes what happens; never blocks.</summary>
    public Action<Letter> Post { get; set; } = _ => { };

    /// <summary>Whether the microphone could not be heard the last time. Any thread.</summary>
    public bool HasFailed => _line.Fails;

    /// <summary>For the technician: how the last talk went, with its delay. Any thread.</summary>
    public string Summary => _line.Text;

    /// <summary>The button is held: the order of what is said now; null where it is held already.</summary>
    public Order? Press()
    {
        if (_held is not null) return null;
        var order = new Order { Event = "LOCAL-TALK", Text = "现场讲话", Issuer = RegionLevel.Village, Repetitions = 1, Volume = 100, ToneMs = ToneMs };
        System.Security.Cryptography.RandomNumberGenerator.Fill(order.WarningId);
        _held = new Held(order.WarningId);
        _limit.Change(TimeSpan.FromSeconds(_settings.TalkSecondsMax), Timeout.InfiniteTimeSpan);
        Say("the button is held");
        return order;
    }

    /// <summary>
    /// The button was let go, or held for too long: what sounds comes to its end by itself. Gives the warning id of what does not sound, and is to be
    /// withdrawn; null where nothing is.
    /// </summary>
    /// <param name="playingId">The playback that runs.</param>
    public byte[]? Release(int playingId)
    {
        if (_held is not { } held) return null;
        _held = null;
        _limit.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        held.LetGo.Cancel();
        if (held.PlayId == 0 || held.PlayId != playingId) return held.WarningId;
        _released = held;
        return null;
    }

    /// <summary>
    /// The warning id of a talk that was let go while it sounded, once something else plays or nothing does: broken off, it would wait and come
    /// back with nobody to speak it. Null where none is to be withdrawn.
    /// </summary>
    /// <param name="playingId">The playback that runs; 0 withdraws what still sounds, too.</param>
    public byte[]? TakeBrokenOff(int playingId)
    {
        if (_released is not { } released || released.PlayId == playingId) return null;
        _released = null;
        return released.WarningId;
    }

    /// <summary>Whether the order is for the microphone, whoever holds the button now: its text is a name for the records, never spoken.</summary>
    public static bool IsTalk(Order order) => order.OrderedBy == Order.TalkButton;

    /// <summary>It plays now: the voice, until the button is let go or the playback ends. Nothing where the button is not held for it any more.</summary>
    public Speech Begin(Order order, int playId, CancellationToken stop)
    {
        var speech = new Speech();
        if (_held is not { } held || !held.WarningId.AsSpan().SequenceEqual(order.WarningId))
        {
            speech.Fail("nobody holds the button");
            return speech;
        }
        held.PlayId = playId;
        var letGo = held.LetGo.Token;
        var before = _listening;
        _listening = Task.Run(() => ListenAsync(before, speech, letGo, stop), CancellationToken.None);
        return speech;
    }

    private async Task ListenAsync(Task before, Speech speech, CancellationToken letGo, CancellationToken stop)
    {
        // There is one microphone: a recorder that still starts on a busy machine is closed before the next is opened, or it would hold the sound card for ever.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(letGo, stop);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            await _input.OpenAsync();
            await HearAsync(speech, either.Token);
            speech.Complete(); // A file that has ended; a microphone never does.
        }
        catch (OperationCanceledException)
        {
            speech.Complete();
        }
        catch (IOException silent)
        {
            _line = new Line($"no microphone: {silent.Message}", true);
            LogSilent(silent.Message);
            speech.Fail(silent.Message);
        }
        finally
        {
            _input.Close();
        }
    }

    private async Task HearAsync(Speech speech, CancellationToken ct)
    {
        var block = new short[Pcm.BlockSamples];
        var (worst, late, blocks) = (TimeSpan.Zero, 0, 0);
        while (await _input.ReadAsync(block, ct))
        {
            var ahead = speech.Ahead;
            if (ahead > AheadMax) late++;
            else if (!speech.Add(block)) return;
            var delay = _input.Lag + ahead + _output.Lead + Pcm.Block;
            if (delay > worst) worst = delay;
            if (++blocks % 50 != 0) continue; // Once a second.
            _line = new Line($"{delay.TotalMilliseconds:0} ms from the microphone to the loudspeaker, at most {worst.TotalMilliseconds:0}; {late} blocks left out", false);
            LogDelay(delay.TotalMilliseconds, worst.TotalMilliseconds, late);
        }
    }

    private void Say(string what)
    {
        _line = _line with { Text = what };
        LogTalk(what);
    }

    [LoggerMessage(1, LogLevel.Information, "talk: {What}")]
    private partial void LogTalk(string what);

    [LoggerMessage(2, LogLevel.Information, "talk: {Delay:0} ms from the microphone to the loudspeaker, at most {Worst:0}, {Late} blocks left out")]
    private partial void LogDelay(double delay, double worst, int late);

    [LoggerMessage(3, LogLevel.Error, "talk: no microphone: {Why}")]
    private partial void LogSilent(string why);
}
