using System.Net;
using Broadcast.Testing;

namespace Broadcast.EndToEnd.Processes;

/// <summary>
/// A client that does what the API tells it to: it repeats a release under the same idempotency key until it has an answer.
/// What it was told, and how often it had to ask, is what the service is held to.
/// </summary>
internal sealed class HonestRelease
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly string _key = Guid.NewGuid().ToString("N");

    public int Attempts { get; private set; }

    /// <summary>Answers that were no success: a fault said openly.</summary>
    public IReadOnlyList<HttpStatusCode> Refusals => _refusals;

    private readonly List<HttpStatusCode> _refusals = [];

    public async Task<ApiAnswer> UntilAcknowledgedAsync(Prefecture prefecture, string id, TimeSpan within)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var pause = new PeriodicTimer(Interval);
        while (TimeProvider.System.GetElapsedTime(start) < within)
        {
            Attempts++;
            try
            {
                var answer = await prefecture.ReleaseAsync(id, _key);
                if (answer.Status == HttpStatusCode.OK) return answer;
                // Only what says "repeat" may be repeated; anything else is an answer to hold the service to.
                if ((int)answer.Status is not (500 or 503 or 507)) throw new InvalidOperationException($"Release answered {(int)answer.Status}: {answer.Text}");
                _refusals.Add(answer.Status);
            }
            catch (Exception e) when (Prefecture.IsUnreachable(e))
            {
                // Nobody knows whether it was committed; the same key asks again.
            }

            await pause.WaitForNextTickAsync();
        }

        throw new TimeoutException($"The release was not acknowledged within {within}; {Attempts} attempts, refused with {string.Join(", ", _refusals)}.");
    }
}
