namespace Broadcast.Ledger.Audit;

/// <summary>Walks the chains of all nodes, entry by entry, against the checkpoints.</summary>
internal sealed class AuditCheck
{
    private readonly Dictionary<(string Node, long Number), List<string>> _seen = [];
    private readonly Dictionary<string, long> _mustReach = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AuditHead> _heads = new(StringComparer.Ordinal);
    private readonly List<AuditFinding> _findings = [];
    private readonly int _findingsMax;
    private long _entries, _lost;

    public AuditCheck(AuditAnchor anchor, int findingsMax)
    {
        _findingsMax = findingsMax;
        var (points, forged) = anchor.Read();
        for (var i = 0; i < forged; i++) Find(AuditFault.CheckpointForged, "", 0);
        foreach (var point in points) Take(point);
    }

    public void Next(AuditEntry entry)
    {
        _entries++;
        var head = _heads.GetValueOrDefault(entry.Node, new AuditHead(entry.Node, 0, new byte[32]));
        for (var missing = head.Number + 1; missing < entry.Number && _findings.Count < _findingsMax; missing++) Find(AuditFault.Missing, entry.Node, missing);
        // After a gap the hash cannot be checked: the entry before is not there. It is taken as it stands, and the next is checked against it.
        if (entry.Number == head.Number + 1 && !AuditChain.Hash(head.Hash, entry).AsSpan().SequenceEqual(entry.Hash)) Find(AuditFault.Changed, entry.Node, entry.Number);
        if (_seen.TryGetValue((entry.Node, entry.Number), out var hashes) && hashes.Exists(h => h != Convert.ToHexStringLower(entry.Hash))) Find(AuditFault.Rewritten, entry.Node, entry.Number);
        _heads[entry.Node] = new AuditHead(entry.Node, entry.Number, entry.Hash);
    }

    public AuditVerdict End()
    {
        foreach (var (node, number) in _mustReach)
        {
            if (number > _heads.GetValueOrDefault(node).Number) Find(AuditFault.CutOff, node, number);
        }

        return new AuditVerdict(_entries, _findings, _lost);
    }

    private void Take(Checkpoint point)
    {
        if (point.Restored)
        {
            // What the backup did not hold is gone, and known to be; its numbers are given again.
            _lost += Math.Max(0, _mustReach.GetValueOrDefault(point.Node) - point.Number);
            foreach (var key in _seen.Keys.Where(k => k.Node == point.Node && k.Number > point.Number).ToList()) _seen.Remove(key);
            _mustReach[point.Node] = point.Number;
        }
        else _mustReach[point.Node] = Math.Max(_mustReach.GetValueOrDefault(point.Node), point.Number);

        if (point.Number == 0) return;
        if (!_seen.TryGetValue((point.Node, point.Number), out var hashes)) _seen[(point.Node, point.Number)] = hashes = [];
        hashes.Add(point.Hash);
    }

    private void Find(AuditFault fault, string node, long number)
    {
        if (_findings.Count < _findingsMax) _findings.Add(new AuditFinding(fault, node, number));
    }
}
