using System.Threading;

namespace Broadcast.Firmware;

/// <summary>What a letter tells.</summary>
public enum LetterKind : byte
{
    /// <summary>No letter.</summary>
    None = 0,
    /// <summary>The link is up and subscribed.</summary>
    LinkUp = 1,
    /// <summary>The link went, or could not be made.</summary>
    LinkDown = 2,
    /// <summary>A frame came.</summary>
    Frame = 3,
    /// <summary>The other side acknowledged what was published under the token.</summary>
    Acknowledged = 4,
}

/// <summary>
/// Letters from the link's threads to the loop: a ring of fixed size, filled under a lock and never waited on. A frame that
/// finds it full is dropped and counted; the cloud gives it again, because no receipt followed. Link news is kept
/// apart, so that no flood of frames hides that the link went.
/// </summary>
public sealed class Mailbox
{
    private readonly object _gate = new object();
    private readonly LetterKind[] _kinds = new LetterKind[FirmwareLimits.LettersMax];
    private readonly int[] _tokens = new int[FirmwareLimits.LettersMax];
    private readonly byte[]?[] _frames = new byte[FirmwareLimits.LettersMax][];
    private readonly AutoResetEvent _wake = new AutoResetEvent(false);
    private int _first;
    private int _count;
    private LetterKind _linkNews;

    /// <summary>Letters that found no room.</summary>
    public int Dropped { get; private set; }

    /// <summary>The letter taken last: its token.</summary>
    public int Token { get; private set; }

    /// <summary>The letter taken last: its frame.</summary>
    public byte[] Frame { get; private set; } = new byte[0];

    /// <summary>Puts a letter in; from any thread.</summary>
    public void Post(LetterKind kind, int token, byte[]? frame)
    {
        lock (_gate)
        {
            if (kind == LetterKind.LinkUp || kind == LetterKind.LinkDown)
            {
                // Of a link that came and went only the last is news; what was said over an older one is void with it.
                _linkNews = kind;
                DropAll();
            }
            else if (_count == FirmwareLimits.LettersMax)
            {
                Dropped++;
            }
            else
            {
                int at = (_first + _count) % FirmwareLimits.LettersMax;
                _kinds[at] = kind;
                _tokens[at] = token;
                _frames[at] = frame;
                _count++;
            }
        }

        _wake.Set();
    }

    /// <summary>Takes the next letter; None when there is none.</summary>
    public LetterKind Take()
    {
        lock (_gate)
        {
            if (_linkNews != LetterKind.None)
            {
                LetterKind news = _linkNews;
                _linkNews = LetterKind.None;
                return news;
            }

            if (_count == 0)
                return LetterKind.None;
            LetterKind kind = _kinds[_first];
            Token = _tokens[_first];
            Frame = _frames[_first] ?? Frame;
            _frames[_first] = null;
            _first = (_first + 1) % FirmwareLimits.LettersMax;
            _count--;
            return kind;
        }
    }

    /// <summary>Waits for a letter, at most that long.</summary>
    public void Wait(int milliseconds) => _wake.WaitOne(milliseconds, false);

    /// <summary>Ends a wait: something else than a letter is there.</summary>
    public void Wake() => _wake.Set();

    private void DropAll()
    {
        while (_count > 0)
        {
            _frames[_first] = null;
            _first = (_first + 1) % FirmwareLimits.LettersMax;
            _count--;
        }
    }
}
