using Broadcast.Device;
using Broadcast.Firmware.Hardware;

namespace Broadcast.Firmware.Speech;

/// <summary>
/// One playback after the other: amplifier on, tone, text as often as ordered with a breath between, amplifier off. Each step
/// is one frame for the chip. A chip that fails ends the playback with NoSpeech, but not before the tone's and text's own
/// time when the siren sounds with it: a warning whose voice is broken still has its siren.
/// </summary>
public sealed class Announcer
{
    /// <summary>Time a spoken character takes, in milliseconds: the slowest of both chips at their ordinary speed reads three and a half a second.</summary>
    public const int CharMs = 290;

    /// <summary>What a part takes at most: its characters, digits read out as numbers among them, and the chip's own breath.</summary>
    public const long PartExtraMs = 4_000;

    /// <summary>Longest alarm tone of a chip in one piece, and some: it is interrupted by what follows.</summary>
    public const long TonePieceMs = 6_000;

    /// <summary>Silence between two repetitions, in milliseconds.</summary>
    public const long PauseMs = 2_000;

    /// <summary>A siren without tone and text sounds this long for each repetition, in milliseconds.</summary>
    public const long SirenAloneMs = 30_000;

    /// <summary>The amplifier is on for this long before the first sound, in milliseconds: its supply has to rise.</summary>
    public const long LeadMs = 150;

    /// <summary>The amplifier stays on for this long behind the last sound, in milliseconds, so that the relay's click is not the last word.</summary>
    public const long TailMs = 500;

    private readonly SpeechChip _chip;
    private readonly Relay? _amplifier;
    private string _text = "";
    private Order? _order;
    private Stage _stage;
    private int _playId;
    private int _at;
    private int _left;
    private int _percent;
    private int _partsSaid;
    private long _beganMs;
    private long _stageEndMs;
    private long _amplifierOffMs = -1;
    private bool _failed;
    private bool _sending;

    /// <summary>An announcer.</summary>
    /// <param name="chip">The chip that speaks.</param>
    /// <param name="amplifier">The amplifier's relay; null where it is always on.</param>
    public Announcer(SpeechChip chip, Relay? amplifier)
    {
        _chip = chip;
        _amplifier = amplifier;
    }

    private enum Stage : byte
    {
        Silent = 0,
        Lead = 1,
        Marks = 2,
        Tone = 3,
        Text = 4,
        Pause = 5,
        Hold = 6,
    }

    /// <summary>Whether something plays.</summary>
    public bool IsPlaying => _stage != Stage.Silent;

    /// <summary>The playback that ended by itself since <see cref="TakeEnded"/> was asked last; 0 for none.</summary>
    public int Ended { get; private set; }

    /// <summary>How it ended.</summary>
    public Failure EndedWith { get; private set; }

    /// <summary>Begins a playback; another one must not be under way.</summary>
    public void Play(int playId, Order order, int percent, long nowMs)
    {
        _playId = playId;
        _order = order;
        _percent = percent;
        _text = TextCutter.Readable(order.SpokenText());
        _left = _text.Length == 0 ? 0 : order.Repetitions;
        _at = 0;
        _partsSaid = 0;
        _failed = false;
        _beganMs = nowMs;
        Ended = 0;
        Switch(true);
        Enter(Stage.Lead, nowMs, LeadMs);
        Step(nowMs);
    }

    /// <summary>Ends it at once.</summary>
    public void Stop(int playId, long nowMs)
    {
        if (!IsPlaying || playId != _playId)
            return;
        if (_sending)
            _chip.Stop(nowMs);
        Rest(nowMs);
    }

    /// <summary>Gives the playback that ended by itself, once; 0 for none.</summary>
    public int TakeEnded()
    {
        int ended = Ended;
        Ended = 0;
        return ended;
    }

    /// <summary>Time passes.</summary>
    public void Step(long nowMs)
    {
        if (_stage != Stage.Silent)
            _amplifierOffMs = -1;
        else if (_amplifierOffMs >= 0 && nowMs >= _amplifierOffMs)
            SwitchOff();

        // Each round goes one stage on; a stage that waits ends the rounds. Bounded, because a stage may end at once.
        for (int round = 0; round < 8 && _stage != Stage.Silent; round++)
        {
            Stage before = _stage;
            int at = _at;
            Advance(nowMs);
            if (_stage == before && _at == at)
                break;
        }
    }

    private void Advance(long nowMs)
    {
        switch (_stage)
        {
            case Stage.Lead:
                if (nowMs >= _stageEndMs)
                    Marks(nowMs);
                break;
            case Stage.Marks:
                if (IsSaid())
                    Tone(nowMs);
                break;
            case Stage.Tone:
                TurnTone(nowMs);
                break;
            case Stage.Text:
                if (IsSaid())
                    PartSaid(nowMs);
                break;
            case Stage.Pause:
                if (nowMs >= _stageEndMs)
                    Part(nowMs);
                break;
            case Stage.Hold:
                if (nowMs >= _stageEndMs)
                    Finish(nowMs);
                break;
            default:
                break;
        }
    }

    private void Marks(long nowMs)
    {
        Enter(Stage.Marks, nowMs, 0);
        _sending = true;
        _chip.Ascii(_chip.Protocol.Marks(_percent), PartExtraMs, nowMs);
    }

    private void Tone(long nowMs)
    {
        if (_order!.ToneMs == 0)
        {
            AfterTone(nowMs);
            return;
        }

        Enter(Stage.Tone, nowMs, _order.ToneMs);
        _chip.Ascii(_chip.Protocol.ToneText, TonePieceMs, nowMs);
    }

    private void TurnTone(long nowMs)
    {
        if (nowMs >= _stageEndMs)
            AfterTone(nowMs);
        else if (_chip.State == ChipState.Idle)
            _chip.Ascii(_chip.Protocol.ToneText, TonePieceMs, nowMs);
    }

    // What speaks next interrupts the tone by itself; only a tone alone has to be stopped.
    private void AfterTone(long nowMs)
    {
        if (_left > 0)
        {
            Part(nowMs);
            return;
        }

        // A recording without words is nothing this body can say.
        _failed = (_order!.ToneMs > 0 && _chip.State == ChipState.Failed) || _order.HasAudio;
        if (_chip.State == ChipState.Speaking)
            _chip.Stop(nowMs);
        if (_text.Length == 0 && _order.ToneMs == 0 && _order.OpensSiren)
            Enter(Stage.Hold, nowMs, SirenAloneMs * _order.Repetitions);
        else
            Finish(nowMs);
    }

    private void Part(long nowMs)
    {
        int count = TextCutter.Next(_text, _at, _chip.Protocol.TextCharsMax);
        Enter(Stage.Text, nowMs, 0);
        _chip.Speak(_text, _at, count, (2L * CharMs * count) + PartExtraMs, nowMs);
        _at += count;
    }

    private void PartSaid(long nowMs)
    {
        if (_failed)
        {
            GiveUp(nowMs);
            return;
        }

        _partsSaid++;
        if (_at < _text.Length)
        {
            Part(nowMs);
            return;
        }

        _at = 0;
        _left--;
        if (_left > 0)
            Enter(Stage.Pause, nowMs, PauseMs);
        else
            Finish(nowMs);
    }

    // The voice failed. With the siren open the playback lasts as long as it would have, because its end closes the siren.
    private void GiveUp(long nowMs)
    {
        long wouldEndMs = _beganMs + _order!.ToneMs + ((((long)CharMs * _text.Length) + PauseMs) * _order.Repetitions);
        if (_order.OpensSiren && wouldEndMs > nowMs)
            Enter(Stage.Hold, nowMs, wouldEndMs - nowMs);
        else
            Finish(nowMs);
    }

    private bool IsSaid()
    {
        if (_chip.State == ChipState.Failed)
            _failed = _stage == Stage.Text;
        return _chip.State == ChipState.Idle || _chip.State == ChipState.Failed;
    }

    private void Finish(long nowMs)
    {
        Ended = _playId;
        EndedWith = _failed ? Failure.NoSpeech : Failure.None;
        Rest(nowMs);
    }

    private void Rest(long nowMs)
    {
        _stage = Stage.Silent;
        _sending = false;
        _order = null;
        _amplifierOffMs = nowMs + TailMs;
    }

    private void Enter(Stage stage, long nowMs, long lastsMs)
    {
        _stage = stage;
        _stageEndMs = nowMs + lastsMs;
    }

    private void SwitchOff()
    {
        _amplifierOffMs = -1;
        Switch(false);
    }

    private void Switch(bool on)
    {
        if (_amplifier != null)
            _amplifier.Switch(on);
    }
}
