using Broadcast.Ledger.Audit;

namespace Broadcast.Ledger;

/// <summary>What is wrong with the audit trail.</summary>
public enum AuditFault
{
    /// <summary>An entry's hash does not follow from it and the one before: it was changed, or put elsewhere.</summary>
    Changed,

    /// <summary>A number in the chain has no entry.</summary>
    Missing,

    /// <summary>The chain ends before an entry that a checkpoint has seen.</summary>
    CutOff,

    /// <summary>A checkpoint saw another entry under this number: the chain was written anew.</summary>
    Rewritten,

    /// <summary>A line of the checkpoint file was not written with the key.</summary>
    CheckpointForged,
}

/// <summary>One fault, at one entry of a node's chain.</summary>
public sealed record AuditFinding(AuditFault Fault, string Node, long Number);

/// <summary>What verifying the audit trail found.</summary>
/// <param name="LostByRestore">Entries that a restored backup no longer holds; known, because the restore itself left a keyed line.</param>
public sealed record AuditVerdict(long Entries, IReadOnlyList<AuditFinding> Findings, long LostByRestore)
{
    public bool Intact => Findings.Count == 0;
}

/// <summary>The audit trail, read and verified.</summary>
public sealed partial class LedgerStore
{
    private const int FindingsMax = 1_000; // A trail that broken needs no longer list.

    /// <summary>A node's entries after a number, oldest first.</summary>
    public Task<Page<AuditEntry>> AuditEntriesAsync(string node, long after, int max, CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var rows = await sql.QueryAsync("SELECT node, number, at, actor, act, subject, detail, hash FROM audit WHERE node = @node AND number > @after ORDER BY number LIMIT @max",
            AuditChain.Read, ("node", Storable(node) ? node : ""), ("after", after), ("max", (long)PageOf(max)));
        return new Page<AuditEntry>(rows, rows.Count < PageOf(max) ? null : rows[^1].Number);
    }, cancel);

    /// <summary>Reads the whole trail against its own chain and the checkpoints of this node's anchor file.</summary>
    public Task<AuditVerdict> VerifyAuditAsync(CancellationToken cancel = default) => _readers.ReadAsync(async sql =>
    {
        var check = new AuditCheck(_anchor, FindingsMax);
        foreach (var node in await sql.QueryAsync("SELECT DISTINCT node FROM audit ORDER BY node", r => r.GetString(0)))
        {
            for (long after = 0, more = 1; more > 0;)
            {
                var entries = await sql.QueryAsync("SELECT node, number, at, actor, act, subject, detail, hash FROM audit WHERE node = @node AND number > @after ORDER BY number LIMIT 10000",
                    AuditChain.Read, ("node", node), ("after", after));
                foreach (var entry in entries) check.Next(entry);
                more = entries.Count;
                if (more > 0) after = entries[^1].Number;
            }
        }

        return check.End();
    }, cancel);
}
