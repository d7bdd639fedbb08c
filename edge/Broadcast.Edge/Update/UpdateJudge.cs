using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Link.Update;

namespace Broadcast.Edge.Update;

/// <summary>What may be installed, and what has proved itself. Pure rules; <see cref="Updater"/> does what they say.</summary>
internal static class UpdateJudge
{
    /// <summary>Faults that a new program may not bring with it. Sensors, mains and the like are the site's, not the program's.</summary>
    private const FaultFlags Programs = FaultFlags.Storage | FaultFlags.Audio | FaultFlags.Speech | FaultFlags.Board;

    /// <summary>The machine that this process runs on, as packages name it.</summary>
    public static string Target { get; } = "linux-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Why the head of a package is not for this machine; empty where it is.</summary>
    public static string Objection(UpdatePackage? head, ECDsa key, long highest)
    {
        if (head is null) return "it is no package";
        if (!head.IsSignedBy(key)) return "its signature is not of the key that this gateway trusts";
        if (head.Manifest.Target != Target) return $"it is for {head.Manifest.Target}, this is {Target}";
        if (head.Manifest.Number <= highest) return $"its number {head.Manifest.Number} is not above {highest}, which has proved itself here";
        return "";
    }

    /// <summary>What the cloud wants, from the bytes of its answer; null where it wants nothing, or says no such thing.</summary>
    public static UpdateWanted? Wanted(ReadOnlySpan<byte> answer)
    {
        try
        {
            return JsonSerializer.Deserialize<UpdateWanted>(answer, JsonSerializerOptions.Web) is { Revision: > 0, Bytes: >= 0, Package: not null } wanted && IsHash(wanted.Package) ? wanted : null;
        }
        catch (JsonException)
        {
            return null; // A proxy answered, or it was cut off; asked again at the next turn.
        }
    }

    /// <summary>Whether a text can name a package: its SHA-256 as packages write it.</summary>
    public static bool IsHash(string text) => text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>A new program begins only while nobody is being warned, or about to be.</summary>
    public static bool IsCalm(bool isPlaying, int waitingOrders, AlarmStage stage) => !isPlaying && waitingOrders == 0 && stage == AlarmStage.None;

    /// <summary>What keeps a program from having proved itself; empty for nothing.</summary>
    public static string Missing(bool isOnline, bool isAlive, bool diskTakes, FaultFlags before, FaultFlags now)
    {
        if (!isOnline) return "it is not online";
        if (!isAlive) return "its loop or its sound hangs";
        if (!diskTakes) return "the disk does not take its state";
        var brought = now & Programs & ~before;
        return brought == FaultFlags.None ? "" : $"it brought the fault {brought}";
    }
}
