using System.Security.Cryptography;

namespace Broadcast.Edge.Update;

/// <summary>Updates of the gateway's own program.</summary>
internal sealed class UpdateSettings
{
    /// <summary>PEM file of the public key (ECDSA P-256) that packages are signed under; empty for no updates.</summary>
    public string Key { get; init; } = "";

    /// <summary>Minutes between two questions to the cloud, 0.05 to 1440. Ten: a county's gateways ask it fifteen times a second.</summary>
    public double CheckMinutes { get; init; } = 10;

    /// <summary>Minutes in which a new program must be online and have passed its check, 0.1 to 60.</summary>
    public double TrialMinutes { get; init; } = 5;

    public void Check(Action<bool, string, object, string> need)
    {
        need(Key.Length == 0 || Load(Key) is not null, "update:key", Key, "name a PEM file with the public key (ECDSA P-256) of whoever signs the packages");
        need(CheckMinutes is >= 0.05 and <= 1_440, "update:checkMinutes", CheckMinutes, "give 0.05 to 1440");
        need(TrialMinutes is >= 0.1 and <= 60, "update:trialMinutes", TrialMinutes, "give 0.1 to 60");
    }

    /// <summary>The key; null where the file holds none.</summary>
    public static ECDsa? Load(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value) return key;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null; // The check of the settings says what to give.
        }
        key.Dispose();
        return null;
    }
}
