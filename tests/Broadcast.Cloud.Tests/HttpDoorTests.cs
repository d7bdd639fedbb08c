using System.Net;
using Broadcast.Cloud.Http;
using Broadcast.Rules;

namespace Broadcast.Cloud.Tests;

public sealed class HttpDoorTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Bureau = IPAddress.Parse("198.51.100.2");

    [Fact]
    public void One_address_takes_its_share_and_no_more_and_gets_a_place_back_for_each_it_leaves()
    {
        var door = new HttpDoor(new DoorLimits { ConnectionsMax = 10, ConnectionsOfAddressMax = 3 });
        Enumerable.Range(0, 5).Count(_ => door.TryEnter(Stranger)).ShouldBe(3);
        door.TryEnter(Bureau).ShouldBeTrue("a stranger does not take the others' places");
        door.Leave(Stranger);
        door.TryEnter(Stranger).ShouldBeTrue();
        door.TurnedAway.ShouldBe(2);
        door.Connections.ShouldBe(4);
    }

    [Fact]
    public void Who_has_a_network_of_IPv6_has_one_share_and_not_one_an_address()
    {
        var door = new HttpDoor(new DoorLimits { ConnectionsMax = 10, ConnectionsOfAddressMax = 3 });
        IPAddress Of(int host) => IPAddress.Parse(FormattableString.Invariant($"2001:db8:0:1::{host:x}"));
        Enumerable.Range(1, 5).Count(n => door.TryEnter(Of(n))).ShouldBe(3);
        door.TryEnter(IPAddress.Parse("2001:db8:0:2::1")).ShouldBeTrue("another network");
        door.Leave(Of(1));
        door.TryEnter(Of(9)).ShouldBeTrue();
        Enumerable.Range(0, 3).Count(_ => door.TryEnter(Stranger)).ShouldBe(3);
        door.TryEnter(Stranger.MapToIPv6()).ShouldBeFalse("the same address, written otherwise");
    }

    [Fact]
    public void This_machine_is_bounded_by_the_whole_alone()
    {
        var door = new HttpDoor(new DoorLimits { ConnectionsMax = 10, ConnectionsOfAddressMax = 3 });
        Enumerable.Range(0, 20).Count(_ => door.TryEnter(IPAddress.Loopback)).ShouldBe(10);
        door.TryEnter(Bureau).ShouldBeFalse();
    }

    [Fact]
    public void Streams_are_bounded_by_person_and_in_all()
    {
        var door = new HttpDoor(new DoorLimits { StreamsMax = 5, StreamsOfPersonMax = 3 });
        var (one, two) = (new PersonId("one"), new PersonId("two"));
        Enumerable.Range(0, 4).Count(_ => door.TryEnterStream(one)).ShouldBe(3);
        Enumerable.Range(0, 4).Count(_ => door.TryEnterStream(two)).ShouldBe(2);
        door.LeaveStream(one);
        door.TryEnterStream(two).ShouldBeTrue();
    }

    [Fact]
    public void The_limits_fit_each_other()
    {
        var limits = new DoorLimits();
        limits.ConnectionsOfAddressMax.ShouldBeLessThan(limits.ConnectionsMax / 2, "no stranger takes the door");
        limits.StreamsOfPersonMax.ShouldBeLessThan(limits.StreamsMax / 10);
        limits.StreamsMax.ShouldBeLessThan(limits.ConnectionsMax, "streams leave room for acts");
    }

    [Fact]
    public void A_body_full_of_wrong_entries_is_read_to_the_hundredth()
    {
        var problems = new List<Problem>();
        AreaBody.Read(new AreaBody(Sites: [.. Enumerable.Repeat<string?>("?", 10_000)]), problems);
        problems.Count.ShouldBe(Problems.Max);
    }
}
