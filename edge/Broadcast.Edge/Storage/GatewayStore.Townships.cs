using Broadcast.Device;
using Broadcast.Edge.Townships;

namespace Broadcast.Edge.Storage;

// The township's children with their keys, and what was said to them and is still valid.
internal sealed partial class GatewayStore : ITownshipStore
{
    private const string TownshipTables = """
        CREATE TABLE IF NOT EXISTS township (part INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS township_order (id BLOB PRIMARY KEY, body BLOB NOT NULL, expires INTEGER NOT NULL);
        """;

    public IReadOnlyList<byte[]> LoadTownship() => Query("SELECT body FROM township ORDER BY part", row => BytesOf(row, 0));

    public bool SaveTownship(IReadOnlyList<byte[]> parts)
    {
        var rows = Enumerable.Range(0, parts.Count).Select(part => $"INSERT INTO township (part, body) VALUES ({part}, $part{part});");
        return Try("DELETE FROM township; " + string.Concat(rows), [.. parts.Select((body, part) => ($"$part{part}", (object)body))]);
    }

    public IReadOnlyList<Order> TownshipOrders(long nowMs) => [.. Query("SELECT body FROM township_order WHERE expires > $now ORDER BY rowid", row => Order.Decode(BytesOf(row, 0)), ("$now", nowMs)).OfType<Order>()];

    public bool KeepTownshipOrder(Order order, long untilMs, long nowMs, int most) => Try("""
        DELETE FROM township_order WHERE expires <= $now;
        INSERT INTO township_order (id, body, expires) VALUES ($id, $body, $expires) ON CONFLICT (id) DO NOTHING;
        DELETE FROM township_order WHERE rowid NOT IN (SELECT rowid FROM township_order ORDER BY rowid DESC LIMIT $most);
        """, ("$now", nowMs), ("$id", order.WarningId), ("$body", order.Encode()), ("$expires", untilMs), ("$most", most));
}
