namespace Broadcast.Device;

/// <summary>Which settings are in force at a device, and what became of the newest it was sent. Said in each session, and when either changes.</summary>
public sealed class SettingsState
{
    private const int KnownPairs = 3;

    /// <summary>The revision in force; 0 while the device goes by its own settings.</summary>
    public int InForce { get; set; }

    /// <summary>The newest revision that it has judged; above <see cref="InForce"/> when that was refused.</summary>
    public int Judged { get; set; }

    /// <summary>Why <see cref="Judged"/> was refused; None when it is in force.</summary>
    public SettingsRefusal Refusal { get; set; }

    /// <summary>The encoded body map.</summary>
    public byte[] Encode()
    {
        CborWriter writer = new CborWriter(24);
        writer.Map(KnownPairs);
        writer.Pair(0, InForce);
        writer.Pair(1, Judged);
        writer.Pair(2, (int)Refusal);
        return writer.ToArray();
    }

    /// <summary>Reads a body map; null when it is not one. Never throws on bad bytes.</summary>
    public static SettingsState? Decode(byte[] body)
    {
        CborReader reader = new CborReader(body, 0, body.Length);
        int pairs = reader.Map(Limits.FrameBytesMax);
        SettingsState state = new SettingsState();
        state.InForce = (int)reader.Pair(0, 0, int.MaxValue);
        state.Judged = (int)reader.Pair(1, 0, int.MaxValue);
        state.Refusal = (SettingsRefusal)reader.Pair(2, 0, 255);
        reader.Rest(pairs, KnownPairs);
        return reader.Complete && state.Judged >= state.InForce ? state : null;
    }
}
