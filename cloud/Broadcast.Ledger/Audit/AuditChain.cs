using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Ledger.Storage;
using Broadcast.Ledger.Writing;

namespace Broadcast.Ledger.Audit;

/// <summary>An entry before it has its number and hash.</summary>
internal sealed record AuditDraft(string Actor, string Act, string Subject, string Detail);

/// <summary>The newest entry of a node's chain.</summary>
internal readonly record struct AuditHead(string Node, long Number, byte[] Hash);

/// <summary>An entry of the audit trail: who did what to what, in the chain of the node that wrote it.</summary>
public sealed record AuditEntry(string Node, long Number, DateTimeOffset At, string Actor, string Act, string Subject, string Detail, byte[] Hash);

/// <summary>Chains entries: each hash covers the hash before it and every field, each with its length, so that no two entries read alike.</summary>
internal static class AuditChain
{
    private const int ActorCharsMax = 100, ActCharsMax = 64, SubjectCharsMax = 200, DetailCharsMax = 4_000; // An entry is a line to read, no store of documents.

    private static readonly byte[] Genesis = new byte[32];

    /// <summary>An entry never fails for what is in it: what a database or a reader cannot hold is replaced, what is too long is cut and says so.</summary>
    public static AuditDraft Draft(string actor, string act, string subject, string detail) =>
        new(Clean(actor, ActorCharsMax), Clean(act, ActCharsMax), Clean(subject, SubjectCharsMax), Clean(detail, DetailCharsMax));

    public static byte[] Hash(byte[] previous, AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, entry.Number);
        hash.AppendData(number);
        BinaryPrimitives.WriteInt64BigEndian(number, entry.At.ToUnixTimeMilliseconds());
        hash.AppendData(number);
        foreach (var field in (string[])[entry.Node, entry.Actor, entry.Act, entry.Subject, entry.Detail])
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            BinaryPrimitives.WriteInt64BigEndian(number, bytes.Length);
            hash.AppendData(number);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Writes the group's entries behind the newest; null where there are none.</summary>
    public static async Task<AuditHead?> AppendAsync(GroupTransaction tx, string node)
    {
        if (tx.Audit.Count == 0) return null;
        var head = await HeadAsync(tx.Sql, node);
        var entries = new List<AuditEntry>(tx.Audit.Count);
        foreach (var draft in tx.Audit)
        {
            var entry = new AuditEntry(node, head.Number + 1, DateTimeOffset.FromUnixTimeMilliseconds(tx.NowMs), draft.Actor, draft.Act, draft.Subject, draft.Detail, []);
            entry = entry with { Hash = Hash(head.Hash, entry) };
            entries.Add(entry);
            head = new AuditHead(node, entry.Number, entry.Hash);
        }

        await tx.Sql.BulkAsync(
            "INSERT INTO audit (node, number, at, actor, act, subject, detail, hash) SELECT r.node, r.number, r.at, r.actor, r.act, r.subject, r.detail, r.hash FROM {rows}",
            Rows.Of(entries).Text("node", e => e.Node).Long("number", e => e.Number).Long("at", e => e.At.ToUnixTimeMilliseconds()).Text("actor", e => e.Actor)
                .Text("act", e => e.Act).Text("subject", e => e.Subject).Text("detail", e => e.Detail).Bytes("hash", e => e.Hash));
        return head;
    }

    public static async Task<AuditHead> HeadAsync(SqlSession sql, string node)
    {
        var heads = await sql.QueryAsync("SELECT number, hash FROM audit WHERE node = @node ORDER BY number DESC LIMIT 1",
            r => new AuditHead(node, r.GetInt64(0), r.GetBytes(1)), ("node", node));
        return heads.Count > 0 ? heads[0] : new AuditHead(node, 0, Genesis);
    }

    public static AuditEntry Read(RowReader r) => new(
        r.GetString(0), r.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(2)), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetBytes(7));

    private static string Clean(string text, int charsMax)
    {
        var cut = text.Length > charsMax ? string.Concat(text.AsSpan(0, charsMax - 1), "…") : text;
        // A half of a surrogate pair is what cutting may leave, and what hostile input brings; its round trip through UTF-8 replaces it.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut.Replace('\0', '\uFFFD')));
    }
}
