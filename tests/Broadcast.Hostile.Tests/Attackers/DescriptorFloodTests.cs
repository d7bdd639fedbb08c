using System.Globalization;
using System.Runtime.InteropServices;
using Broadcast.Hostile.Tests.Live;
using Broadcast.Testing;

namespace Broadcast.Hostile.Tests.Attackers;

/// <summary>So many connections that the process may open hardly more: it waits for one to end, without spinning, and then serves again.</summary>
public sealed class DescriptorFloodTests
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux.
    private const int Left = 40, Attackers = 400;
    private const double PartForConnections = 0.75; // The rest is for everything else: a runtime that cannot start a thread ends the process.

    /// <summary>Of one processor, by the thread that accepts. Who tries again at once all the time takes all of it, and half of it on a busy machine.</summary>
    private const double ProcessorShareMax = 0.25;

    private static readonly TimeSpan LookedAt = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_cloud_without_a_free_descriptor_neither_spins_nor_ends_and_serves_when_there_is_one()
    {
        await using var cloud = await RealCloud.StartNewAsync();
        var row = cloud.Devices[0];
        ApiClient[] people = [await cloud.SignInAsync("op-city"), await cloud.SignInAsync("appr-city")];
        LeaveDescriptors(cloud.Id, Left);
        var waiting = new List<RawPeer>();
        for (var n = 0; n < Attackers; n++) waiting.Add(await RawPeer.DialAsync(cloud.PlainLink));
        await Eventually.HoldsAsync(() => cloud.Output.Contains("nearly used up", StringComparison.Ordinal), RealCloud.Patience);

        var (before, since) = (ProcessorMs(cloud.Id), TimeProvider.System.GetTimestamp());
        await Task.Delay(LookedAt);
        ((ProcessorMs(cloud.Id) - before) / TimeProvider.System.GetElapsedTime(since).TotalMilliseconds).ShouldBeLessThan(ProcessorShareMax);
        cloud.HasExited.ShouldBeFalse();

        foreach (var peer in waiting) await peer.DisposeAsync();
        foreach (var person in people) await Eventually.HoldsAsync(() => AnswersAsync(person), RealCloud.Patience, "the doors for people open again, too");
        await using var device = new HonestDevice(row, cloud.PlainLink);
        var id = await cloud.WarnAsync(row.Site);
        await cloud.StateAsync(id, row.Device, "played");
    }

    private static async Task<bool> AnswersAsync(ApiClient person)
    {
        try
        {
            return (await person.GetAsync("/api/warnings")).Status == System.Net.HttpStatusCode.OK;
        }
        catch (HttpRequestException) // What it held open while there was no descriptor may be gone.
        {
            return false;
        }
    }

    /// <summary>Of the threads that accept, by the kernel's count in hundredths of a second.</summary>
    private static double ProcessorMs(int id)
    {
        var threads = Directory.GetDirectories($"/proc/{id}/task").Where(t => File.ReadAllText(t + "/comm").StartsWith("accept", StringComparison.Ordinal)).ToList();
        threads.ShouldNotBeEmpty();
        return threads.Sum(t => File.ReadAllText(t + "/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[11..13].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture))) * 10;
    }

    private static void LeaveDescriptors(int process, int left)
    {
        var most = (ulong)((Directory.GetFiles($"/proc/{process}/fd").Length + left) / PartForConnections);
        var limit = new Limit { Now = most, Most = most };
        if (prlimit(process, OpenFiles, ref limit, IntPtr.Zero) != 0) throw new InvalidOperationException($"prlimit: {Marshal.GetLastPInvokeError()}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int prlimit(int process, int resource, ref Limit limit, IntPtr before);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Now;

        public ulong Most;
    }
}
