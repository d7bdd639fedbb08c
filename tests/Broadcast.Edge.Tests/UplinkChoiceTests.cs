using Broadcast.Edge.Gateway;

namespace Broadcast.Edge.Tests;

public sealed class UplinkChoiceTests
{
    private const long ProbeMs = 20_000;

    private readonly UplinkChoice _choice = new([0, 10], ProbeMs);
    private long _nowMs = 1_000_000;

    [Fact]
    public void The_cheapest_is_used_whatever_its_place_in_the_list() => new UplinkChoice([10, 5, 7], ProbeMs).Pick(0).ShouldBe(1);

    [Fact]
    public void A_way_that_fails_hands_over_to_the_next_and_says_why()
    {
        _choice.Pick(_nowMs).ShouldBe(0);
        _choice.Failed(_nowMs);
        (_choice.Pick(_nowMs), _choice.Why).ShouldBe((1, "the cheaper one failed"));
    }

    [Fact]
    public void With_one_way_only_it_is_tried_again_and_again()
    {
        var one = new UplinkChoice([0], ProbeMs);
        for (var i = 0; i < 100; i++)
        {
            one.Pick(_nowMs).ShouldBe(0);
            one.Failed(_nowMs);
        }
        one.ProbeDue(_nowMs + 1_000_000).ShouldBeNull("there is nothing cheaper");
    }

    [Fact]
    public void Where_both_fail_both_are_tried_in_turn_and_the_cheaper_one_first()
    {
        var tried = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            tried.Add(_choice.Pick(_nowMs));
            _choice.Failed(_nowMs);
            _nowMs += 100;
        }
        tried.ShouldBe([0, 1, 0, 1, 0, 1]);
    }

    [Fact]
    public void Back_to_the_cheaper_one_only_after_three_answers_in_a_row()
    {
        OnTheDearer();
        Probes(true, true, false, true, true).ShouldBeFalse();
        Probes(true).ShouldBeTrue();
        (_choice.Pick(_nowMs), _choice.Why).ShouldBe((0, "it is cheaper"));
    }

    [Fact]
    public void A_return_that_does_not_last_makes_the_next_one_harder_and_one_that_lasts_forgives()
    {
        OnTheDearer();
        Probes(true, true, true).ShouldBeTrue();
        _choice.Pick(_nowMs);
        _choice.Up(_nowMs);
        _choice.Failed(_nowMs += 60_000);
        _choice.Pick(_nowMs).ShouldBe(1);
        _choice.Up(_nowMs);
        Probes(true, true, true, true, true).ShouldBeFalse();
        Probes(true).ShouldBeTrue();

        _choice.Pick(_nowMs);
        _choice.Up(_nowMs);
        _choice.Failed(_nowMs += UplinkChoice.LastedMs);
        _choice.Pick(_nowMs);
        _choice.Up(_nowMs);
        Probes(true, true, true).ShouldBeTrue();
    }

    [Fact]
    public void A_session_that_drops_by_itself_during_a_probe_is_not_left_by_it_and_the_next_failure_counts()
    {
        OnTheDearer();
        Probes(true, true);
        _choice.ProbeDue(_nowMs += ProbeMs).ShouldBe(0);
        _choice.Failed(_nowMs);
        _choice.Pick(_nowMs).ShouldBe(0, "both rest, and its rest is over");
        _choice.Probed(0, true, _nowMs).ShouldBeFalse("the session it was for is gone");
        _choice.Failed(_nowMs);
        _choice.Pick(_nowMs).ShouldBe(1, "the attempt on it failed");
    }

    [Fact]
    public void A_way_that_is_left_for_a_cheaper_one_has_not_failed()
    {
        OnTheDearer();
        Probes(true, true, true).ShouldBeTrue();
        _choice.Failed(_nowMs); // The session that was cut.
        _choice.Pick(_nowMs).ShouldBe(0);
        _choice.Failed(_nowMs);
        _choice.Pick(_nowMs).ShouldBe(1, "it does not rest, and the other does");
    }

    [Fact]
    public void Probes_keep_their_distance()
    {
        OnTheDearer();
        _choice.ProbeDue(_nowMs + ProbeMs - 1).ShouldBeNull();
        _choice.ProbeDue(_nowMs + ProbeMs).ShouldBe(0);
        _choice.ProbeDue(_nowMs + ProbeMs + 1).ShouldBeNull();
    }

    [Fact]
    public void However_often_it_flaps_the_way_back_stays_open()
    {
        OnTheDearer();
        for (var i = 0; i < 20; i++)
        {
            var needed = 1;
            while (!Probes(true)) needed++;
            needed.ShouldBeLessThanOrEqualTo(UplinkChoice.GoodProbesMax);
            _choice.Pick(_nowMs).ShouldBe(0);
            _choice.Up(_nowMs);
            _choice.Failed(_nowMs += 1_000);
            _choice.Pick(_nowMs).ShouldBe(1);
            _choice.Up(_nowMs);
        }
    }

    private void OnTheDearer()
    {
        _choice.Pick(_nowMs);
        _choice.Failed(_nowMs);
        _choice.Pick(_nowMs).ShouldBe(1);
        _choice.Up(_nowMs);
    }

    private bool Probes(params bool[] answers)
    {
        var back = false;
        foreach (var answer in answers)
        {
            _choice.ProbeDue(_nowMs += ProbeMs).ShouldBe(0);
            back = _choice.Probed(0, answer, _nowMs);
        }
        return back;
    }
}
