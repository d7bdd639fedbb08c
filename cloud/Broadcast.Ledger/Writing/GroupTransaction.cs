using Broadcast.Ledger.Audit;
using Broadcast.Ledger.Storage;

namespace Broadcast.Ledger.Writing;

/// <summary>The transaction that a group of acts shares.</summary>
/// <param name="Commit">Its commit number; stamps every order that it changes.</param>
/// <param name="Now">Its one time.</param>
internal sealed record GroupTransaction(SqlSession Sql, long Commit, DateTimeOffset Now)
{
    /// <summary>Entries for the audit trail, written at the end of the transaction; an act that fails takes its own back.</summary>
    public List<AuditDraft> Audit { get; } = [];

    public long NowMs => Now.ToUnixTimeMilliseconds();
}
