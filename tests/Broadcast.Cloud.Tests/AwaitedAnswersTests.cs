using Broadcast.Cloud.Link;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

public class AwaitedAnswersTests
{
    private readonly ManualClock _clock = new();
    private readonly List<long> _handed = [];
    private readonly AwaitedAnswers _awaited;
    private readonly WarningId _warning;
    private bool _takes = true;

    public AwaitedAnswersTests()
    {
        _warning = WarningId.New(_clock);
        _awaited = new AwaitedAnswers(
            (_, sequence) =>
            {
                if (_takes) _handed.Add(sequence);
                return _takes;
            }, _clock);
    }

    private bool Send(long sequence, int revision, OrderKind kind = OrderKind.Alert) => _awaited.Send(
        new OrderForm(new Order { WarningId = _warning.ToWire(), Revision = revision, Kind = kind, ExpiresMs = _clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() }), sequence, []);

    private void Retry(List<long>? first = null) => _awaited.Retry(s => first?.Add(s));

    [Fact]
    public void What_was_cancelled_is_not_handed_over_again()
    {
        Send(1, 1);
        Send(2, 2, OrderKind.Cancel);
        _clock.Advance(Dispatch.FirstRetry);
        Retry();
        _handed.ShouldBe([1, 2, 2]);
    }

    [Fact]
    public void A_warning_read_before_its_cancel_does_not_overtake_it()
    {
        _takes = false;
        Send(2, 2, OrderKind.Cancel).ShouldBeFalse();
        _takes = true;
        Send(1, 1).ShouldBeFalse();
        _handed.ShouldBeEmpty();
    }

    [Fact]
    public void A_clock_that_is_set_back_puts_off_no_retry()
    {
        Send(1, 1);
        _clock.StepWallClock(TimeSpan.FromHours(-1));
        _clock.Advance(Dispatch.FirstRetry);
        Retry();
        _handed.ShouldBe([1, 1]);
    }

    [Fact]
    public void What_the_session_takes_only_at_a_retry_is_noted_as_sent_once()
    {
        _takes = false;
        Send(1, 1).ShouldBeFalse();
        _takes = true;
        var first = new List<long>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            _clock.Advance(Dispatch.RetryMax);
            Retry(first);
        }

        first.ShouldBe([1]);
        _handed.ShouldBe([1, 1]);
    }

    [Fact]
    public void Asking_again_what_is_owed_does_not_shorten_the_wait()
    {
        Send(1, 1).ShouldBeTrue();
        Send(1, 1).ShouldBeFalse();
        _handed.ShouldBe([1]);
    }

    [Fact]
    public void What_was_answered_or_has_expired_is_not_handed_over_again()
    {
        Send(1, 1);
        _awaited.Answered(1);
        Send(2, 2);
        _clock.Advance(TimeSpan.FromHours(1));
        Retry();
        _handed.ShouldBe([1, 2]);
    }
}
