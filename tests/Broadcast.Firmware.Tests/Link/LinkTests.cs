using Broadcast.Firmware.Link;

namespace Broadcast.Firmware.Tests.Links;

public sealed class LinkTests
{
    private const long Floor = 1_795_219_200_000;
    private const long Day = 86_400_000;

    [Fact]
    public void Attempts_back_off_to_two_minutes_with_jitter()
    {
        var bench = new BoardBench { NetworkUp = false };
        List<long> at = [];
        for (var connects = 0; bench.Clock.MonotonicMs < 3_600_000;)
        {
            bench.Run(100);
            if (bench.Connects == connects) continue;
            connects = bench.Connects;
            at.Add(bench.Clock.MonotonicMs);
        }

        var waits = at.Zip(at.Skip(1), (a, b) => b - a).ToList();
        waits[0].ShouldBeLessThan(2_000);
        waits.Skip(10).ShouldAllBe(w => w > 59_000 && w < 122_000);
        waits.Skip(10).Select(w => w / 1_000).Distinct().Count().ShouldBeGreaterThan(10, "jitter");
    }

    [Fact]
    public void A_cold_clock_is_brought_up_to_the_floor_before_the_first_attempt()
    {
        var clock = new ManualBoardClock();
        _ = new CertificateTime(clock, Floor);
        clock.WallMs.ShouldBe(Floor);
    }

    [Fact]
    public void Failures_ask_the_network_first_and_then_guess_ahead_until_a_certificate_of_any_of_five_years_fits()
    {
        for (var years = 0.0; years < 4.95; years += 0.1)
        {
            var clock = new ManualBoardClock();
            var time = new CertificateTime(clock, Floor);
            // A certificate of one year, issued at any time after the floor.
            var notBefore = Floor + (long)(years * 365 * Day);
            var tries = 0;
            for (; clock.WallMs < notBefore || clock.WallMs > notBefore + (365 * Day); tries++)
            {
                tries.ShouldBeLessThan(10, $"a certificate issued {years} years after the floor");
                time.Failed();
                time.Prepare();
            }

            if (tries > 0) clock.Asked.ShouldBe(1);
        }
    }

    [Fact]
    public void The_networks_time_is_taken_when_it_is_not_before_the_floor()
    {
        var clock = new ManualBoardClock { NetworkMs = Floor + Day };
        var time = new CertificateTime(clock, Floor);
        time.Failed();
        time.Prepare();
        (clock.WallMs, time.IsGuess).ShouldBe((Floor + Day, false));
        clock.NetworkMs = Floor - Day;
        var other = new CertificateTime(clock, Floor);
        other.Failed();
        other.Prepare();
        (clock.WallMs, other.IsGuess).ShouldBe((Floor, true));
    }

    [Fact]
    public void A_welcome_sets_the_clock()
    {
        var bench = new BoardBench();
        bench.Run(2_000);
        bench.Clock.WallMs.ShouldBeInRange(bench.TrueMs - 2_500, bench.TrueMs + 2_500);
    }

    [Fact]
    public void An_outage_moves_no_clock_that_the_cloud_has_set()
    {
        var clock = new ManualBoardClock();
        var time = new CertificateTime(clock, Floor);
        time.Known(Floor + (30 * Day));
        var offset = clock.WallMs - clock.MonotonicMs;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            time.Prepare();
            (clock.WallMs - clock.MonotonicMs).ShouldBe(offset, $"attempt {attempt}: with a guess years ahead the certificate is over, and the outage goes on");
            time.Failed();
            clock.Advance(LinkKeeper.WaitMsMax);
        }
    }

    [Fact]
    public void Attempts_without_a_network_say_nothing_of_the_time()
    {
        var clock = new ManualBoardClock();
        var time = new CertificateTime(clock, Floor);
        var mailbox = new Mailbox();
        var settings = Settings.Read("device=x\nkey=0000000000000000000000000000000000000000000000000000000000000000\nhost=cloud\nsecret=s\nauthority=3082\n"u8.ToArray(), out _);
        var uplink = new MqttUplink(settings, mailbox, new NoNetwork(), time);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            uplink.Begin();
            while (mailbox.Take() != LetterKind.LinkDown) mailbox.Wait(1_000);
        }

        uplink.End();
        time.Prepare();
        clock.WallMs.ShouldBe(Floor + clock.MonotonicMs - 1_000, "a router that starts more slowly than the board costs no handshake");
    }

    private sealed class NoNetwork : INetwork
    {
        public bool IsReady() => false;
    }
}
