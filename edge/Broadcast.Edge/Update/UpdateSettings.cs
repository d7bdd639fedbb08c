using System.Security.Cryptography;

namespace Broadcast.Edge.Update;

/// <summary>Updates of the gateway's own program.</summary>
internal sealed class UpdateSettings
{
    /// <summary>PEM file of the public key (ECDSA P-256) that packages are signed under; empty for no updates.</summary>
    public string Key { get; init; } = "";

    /// <summary>Minutes between two questions to the cloud, 0.05 to 1440. Ten: a county's gateways ask it fifteen times a second.</summary>
    public double CheckMinutes { get; init; } = 10;

    /// <summary>Below the 15 minutes after which <c>broadcast-edge-start</c> ends a program on trial, so that one that can goes back by itself.</summary>
    public const double TrialMinutesMax = 14;

    /// <summary>Minutes in which a new program must be online and have passed its check, 0.1 to <see cref="TrialMinutesMax"/>.</summary>
    public double TrialMinutes { get; init; } = 5;

    /// <summary>Seconds for which it must be online and pass its check without a break, 0 to less than the trial's minutes: what leaks or dies soon shows it by then.</summary>
    public int SoakSeconds { get; init; } = 120;

    public void Check(Action<bool, string, object, string> need)
    {
        need(Key.Length == 0 || Load(Key) is not null, "update:key", Key, "name a PEM file with the public key (ECDSA P-256) of whoever signs the packages");
        need(CheckMinutes is >= 0.05 and <= 1_440, "update:checkMinutes", CheckMinutes, "give 0.05 to 1440");
        need(TrialMinutes is >= 0.1 and <= TrialMinutesMax, "update:trialMinutes", TrialMinutes, $"give 0.1 to {TrialMinutesMax}");
        need(SoakSeconds >= 0 && SoakSeconds < TrialMinutes * 60, "update:soakSeconds", SoakSeconds, "give 0 or more, and less than update:trialMinutes are");
    }

    /// <summary>The key; null where the file holds none.</summary>
    public static ECDsa? Load(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.ExportParameters(false).Curve.Oid?.Value == ECCurve.NamedCurves.nistP256.Oid.Value) return key;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            return null; // The check of the settings says what to give.
        }
        key.Dispose();
        return null;
    }
}
