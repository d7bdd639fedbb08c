using Broadcast.Device;

namespace Broadcast.Edge.Storage;

// The settings in force, and what became of the newest: one row, so that it is the old ones or the new ones whenever the power goes.
internal sealed partial class GatewayStore
{
    private const string SettingsTable = """
        CREATE TABLE IF NOT EXISTS site_settings (id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB, judged INTEGER NOT NULL, refusal INTEGER NOT NULL);
        """;

    /// <summary>What is in force (null for none), the newest revision that was judged, and why it was refused.</summary>
    public (byte[]? Body, int Judged, SettingsRefusal Refusal) LoadSettings() =>
        Query("SELECT body, judged, refusal FROM site_settings", row => (row.IsDBNull(0) ? null : BytesOf(row, 0), IntOf(row, 1), (SettingsRefusal)Math.Clamp(IntOf(row, 2), 0, (int)SettingsRefusal.Storage))) is [var row] ? row : (null, 0, SettingsRefusal.None);

    /// <summary>Keeps what was judged; a null body leaves in force what is. False when the disk did not take it.</summary>
    public bool SaveSettings(byte[]? body, int judged, SettingsRefusal refusal) => Try("""
        INSERT INTO site_settings (id, body, judged, refusal) VALUES (1, $body, $judged, $refusal)
            ON CONFLICT (id) DO UPDATE SET body = coalesce($body, body), judged = $judged, refusal = $refusal
        """, ("$body", (object?)body ?? DBNull.Value), ("$judged", judged), ("$refusal", (int)refusal));
}
