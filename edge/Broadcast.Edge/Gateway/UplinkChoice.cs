namespace Broadcast.Edge.Gateway;

/// <summary>
/// Which way to the cloud is used: the cheapest that works. A way that failed rests, longer each time; while a dearer one is used, a
/// cheaper one must answer several probes in a row before it is gone back to, and more of them after each return that did not last. Pure: the
/// time is an argument.
/// </summary>
/// <param name="costs">Cost of each way.</param>
/// <param name="probeMs">Time between two probes.</param>
internal sealed class UplinkChoice(IReadOnlyList<int> costs, long probeMs)
{
    /// <summary>Answered probes in a row before the way back: a line that comes and goes does not drag the session along.</summary>
    public const int GoodProbesMin = 3;

    /// <summary>The most that are ever asked for: at 20 s, a quarter of an hour.</summary>
    public const int GoodProbesMax = 48;

    /// <summary>A return that broke within this did not last.</summary>
    public const long LastedMs = 600_000;

    private const long RestMsMin = 5_000;
    private const long RestMsMax = 300_000;
    private const int DoublingsMax = 10;

    private readonly Way[] _ways = [.. costs.Select(cost => new Way { Cost = cost })];
    private int _goodProbes;
    private int _needed = GoodProbesMin;
    private long _probeDueMs;
    private long? _returnedMs;
    private bool _isProbing;
    private bool _isLeaving;

    /// <summary>The way in use, or tried last.</summary>
    public int Current { get; private set; }

    /// <summary>Why it is that one; for people.</summary>
    public string Why { get; private set; } = "the cheapest";

    /// <summary>The way for the next attempt.</summary>
    public int Pick(long nowMs)
    {
        // All of them rest: the one whose rest ends first. So a machine with one way behaves as ever.
        var best = Enumerable.Range(0, _ways.Length).OrderBy(i => Math.Max(_ways[i].RestUntilMs, nowMs)).ThenBy(i => _ways[i].Cost).ThenBy(i => i).First();
        if (best != Current) (Current, Why) = (best, _ways[best].Cost > _ways[Current].Cost ? "the cheaper one failed" : "it is cheaper");
        return best;
    }

    /// <summary>The way in use carries a session.</summary>
    public void Up(long nowMs)
    {
        _ways[Current].Failures = 0;
        _ways[Current].RestUntilMs = 0;
        (_goodProbes, _probeDueMs) = (0, nowMs + probeMs);
        (_isProbing, _isLeaving) = (false, false);
    }

    /// <summary>An attempt on the way in use failed, or its session ended. A way that was left for a cheaper one has not failed.</summary>
    public void Failed(long nowMs)
    {
        var wasLeft = _isLeaving;
        (_isProbing, _isLeaving) = (false, false);
        if (wasLeft) return;
        var way = _ways[Current];
        way.Failures = Math.Min(way.Failures + 1, DoublingsMax);
        way.RestUntilMs = nowMs + Math.Min(RestMsMin << (way.Failures - 1), RestMsMax);
        if (_returnedMs is not { } returned) return;
        _needed = nowMs - returned < LastedMs ? Math.Min(_needed * 2, GoodProbesMax) : GoodProbesMin;
        _returnedMs = null;
    }

    /// <summary>The way to probe now; null for none.</summary>
    public int? ProbeDue(long nowMs)
    {
        if (nowMs < _probeDueMs) return null;
        _probeDueMs = nowMs + probeMs;
        var cheapest = Enumerable.Range(0, _ways.Length).MinBy(i => _ways[i].Cost);
        _isProbing = _ways[cheapest].Cost < _ways[Current].Cost;
        return _isProbing ? cheapest : null;
    }

    /// <summary>What a probe found; true when the session is to go back to that way now. One whose session has ended meanwhile says nothing any more.</summary>
    public bool Probed(int way, bool answered, long nowMs)
    {
        if (!_isProbing) return false;
        _isProbing = false;
        _goodProbes = answered ? _goodProbes + 1 : 0;
        if (_goodProbes < _needed) return false;
        _ways[way].RestUntilMs = 0;
        (_returnedMs, _goodProbes, _isLeaving) = (nowMs, 0, true);
        return true;
    }

    private sealed class Way
    {
        public int Cost { get; init; }

        public int Failures { get; set; }

        public long RestUntilMs { get; set; }
    }
}
