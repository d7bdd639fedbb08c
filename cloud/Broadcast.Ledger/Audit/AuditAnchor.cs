using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Broadcast.Ledger.Storage;
using Microsoft.Extensions.Logging;

namespace Broadcast.Ledger.Audit;

/// <summary>A keyed checkpoint outside the database: at that time the node's chain ended with that entry; or, Restored, a backup was put back that ends there.</summary>
internal readonly record struct Checkpoint(string Node, long Number, string Hash, long AtMs, bool Restored);

/// <summary>
/// The file of checkpoints. Who can change the database but does not hold the key cannot rewrite the trail unseen: the chain would end elsewhere.
/// A line a second at most; when the file is opened it is cut to the newest lines, since each covers all before it.
/// </summary>
internal sealed class AuditAnchor(string path, byte[] key, LedgerFiles files)
{
    private const int LinesMax = 10_000;
    private const int FieldsOfLine = 6, SealDigits = 64;
    private const string Words = "broadcast/audit-anchor/v1"; // Keeps this use of the key apart from any other.

    /// <summary>Appends a line and flushes it to the disk.</summary>
    public void Append(Checkpoint point)
    {
        // A line that a crash cut off must not swallow this one.
        files.AppendFlushed(path, (files.EndsInsideLine(path) ? "\n" : "") + Line(point) + "\n");
    }

    /// <summary>All checkpoints whose key is right, oldest first, and how many whole lines are not ours.</summary>
    public (IReadOnlyList<Checkpoint> Points, int Forged) Read()
    {
        if (!files.Exists(path)) return ([], 0);
        var points = new List<Checkpoint>();
        var forged = 0;
        foreach (var line in files.ReadText(path).Split('\n').TakeLast(LinesMax))
        {
            if (line.Length == 0) continue;
            if (Parse(line) is { } point) points.Add(point);
            else if (IsWhole(line)) forged++;
        }

        return (points, forged);
    }

    // A full disk or a power cut leaves the beginning of a line, and the next checkpoint covers what it would have. Who could pass a line off as broken could take it away.
    private static bool IsWhole(string line) => line.Split(' ') is { Length: >= FieldsOfLine } fields && fields[^1].Length >= SealDigits;

    /// <summary>Cuts the file to the newest lines.</summary>
    public void Compact()
    {
        if (!files.Exists(path)) return;
        var lines = files.ReadText(path).Split('\n');
        if (lines.Length <= LinesMax) return;
        files.WriteText(path + ".new", string.Join('\n', lines[^(LinesMax / 2)..]));
        files.FlushToDisk(path + ".new"); // Else a power cut may keep the new name and not what is in it.
        files.Move(path + ".new", path);
    }

    private string Line(Checkpoint p)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"{(p.Restored ? "restored" : "head")} {p.Node} {p.Number} {p.Hash} {p.AtMs}");
        return $"{body} {Seal(body)}";
    }

    private Checkpoint? Parse(string line)
    {
        var cut = line.LastIndexOf(' ');
        if (cut < 0) return null;
        var body = line[..cut];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Seal(body)), Encoding.UTF8.GetBytes(line[(cut + 1)..]))) return null;
        var parts = body.Split(' ');
        return new Checkpoint(parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture), parts[3], long.Parse(parts[4], CultureInfo.InvariantCulture), parts[0] == "restored");
    }

    private string Seal(string body) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(Words + "\n" + body)));
}

/// <summary>Writes checkpoints while the ledger runs: at once after the first new entry, then at most every so often, and at the end.</summary>
internal sealed class AnchorWriter : IAsyncDisposable
{
    private readonly AuditAnchor _anchor;
    private readonly TimeSpan _every;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private readonly Lock _gate = new();
    private AuditHead? _head;

    public AnchorWriter(AuditAnchor anchor, LedgerOptions options, TimeProvider clock, ILogger log)
    {
        (_anchor, _every, _clock, _log) = (anchor, options.AnchorEvery ?? LedgerOptions.AnchorEveryDefault, clock, log);
        _loop = options.Run(RunAsync);
    }

    public void Note(AuditHead head)
    {
        lock (_gate) _head = head;
        _news.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        Write();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _news.Reader.ReadAsync(_stop.Token);
                Write();
                await Task.Delay(_every, _clock, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return; // The last line is written by whoever stops it.
        }
    }

    private void Write()
    {
        AuditHead? head;
        lock (_gate) (head, _head) = (_head, null);
        if (head is not { } h) return;
        try
        {
            _anchor.Append(new Checkpoint(h.Node, h.Number, Convert.ToHexStringLower(h.Hash), _clock.GetUtcNow().ToUnixTimeMilliseconds(), Restored: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // The next checkpoint covers what this one would have.
        {
            Log.AnchorFailed(_log, e);
            lock (_gate) _head ??= h;
        }
    }
}
