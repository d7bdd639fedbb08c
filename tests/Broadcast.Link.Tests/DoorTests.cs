using System.Net;

namespace Broadcast.Link.Tests;

/// <summary>Who comes in when more knock than may.</summary>
public sealed class DoorTests
{
    private const int TicksPerSecond = 100_000;
    private static readonly IPEndPoint Flood = new(IPAddress.Parse("10.0.0.1"), 1);

    [Fact]
    public void One_address_that_knocks_without_end_keeps_nobody_else_out()
    {
        var door = new Door(new LinkLimits(), TicksPerSecond, 0);
        var (flood, sites, came) = (0, 0, 0);
        for (var tick = 0; tick < 10 * TicksPerSecond; tick += 5)
        {
            if (door.TryEnter(Flood, 0, tick)) flood++; // 20,000 a second.
            if (tick % 250 != 0) continue;
            came++; // 400 a second, which is nearly all that may come, each from a place of its own.
            if (door.TryEnter(new IPEndPoint(new IPAddress([10, 1, (byte)(came >> 8), (byte)came]), 1), 0, tick)) sites++;
        }

        sites.ShouldBeGreaterThan(came * 99 / 100, "only who shares the flood's slot may have to come again");
        (flood + sites).ShouldBeLessThanOrEqualTo(12 * new LinkLimits().ConnectionsPerSecond, "ten seconds and the burst");
    }

    [Fact]
    public void A_county_behind_one_address_has_the_whole_rate_while_nobody_else_comes()
    {
        var door = new Door(new LinkLimits(), TicksPerSecond, 0);
        var came = 0;
        for (var tick = 0; tick < 10 * TicksPerSecond; tick += 50)
            if (door.TryEnter(Flood, 0, tick)) came++;
        came.ShouldBeGreaterThan(10 * new LinkLimits().ConnectionsPerSecond);
    }

    [Fact]
    public void Who_knocks_without_end_leaves_places_to_others()
    {
        var limits = new LinkLimits { ConnectionsMax = 800, ConnectionsPerSecond = 100_000 };
        var door = new Door(limits, TicksPerSecond, 0);
        var held = 0;
        for (var n = 0; n < 2_000; n++)
            if (door.TryEnter(Flood, held, 0)) held++;
        held.ShouldBe(700);
        for (var n = 0; n < 200; n++)
            if (door.TryEnter(new IPEndPoint(new IPAddress([10, 2, 0, (byte)n]), 1), held, 0)) held++;
        held.ShouldBe(800);
    }

    [Theory]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("2001:db8::1", "2001:db8::2")]
    public void Addresses_of_one_network_count_as_one(string one, string other) => IsSeldomAfter(one, other).ShouldBeFalse();

    [Fact]
    public void Other_networks_are_not_held_to_account() =>
        Enumerable.Range(2, 20).Count(n => IsSeldomAfter("2001:db8:1::1", $"2001:db8:{n}::1")).ShouldBeGreaterThan(15, "one of a thousand shares its slot");

    private static bool IsSeldomAfter(string flood, string from)
    {
        var door = new Door(new LinkLimits { ConnectionsMax = 8 }, TicksPerSecond, 0);
        for (var n = 0; n < 3 * Door.SeldomPerSecond; n++) door.TryEnter(new IPEndPoint(IPAddress.Parse(flood), n), 0, 0);
        return door.TryEnter(new IPEndPoint(IPAddress.Parse(from), 1), connections: 7, 0); // The last place is kept for who knocks seldom.
    }
}
