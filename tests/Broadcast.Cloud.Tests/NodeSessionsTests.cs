using Broadcast.Cloud.Link;
using Broadcast.Link;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

/// <summary>Who is here, and who is not any more.</summary>
public sealed class NodeSessionsTests
{
    private static readonly DeviceRecord Record = new(new DeviceId("d1"), new SiteId("s1"), 1, new byte[32], ServiceState.InService);

    [Fact]
    public void A_session_that_ended_on_its_way_in_does_not_stay()
    {
        var sessions = new NodeSessions();
        var line = new TestLine { Epoch = 1 };
        var device = new LiveDevice(line, Record, new byte[32], new ManualClock());
        line.Close(LinkCloseReason.LinkLost);
        sessions.Leave(device); // Its end was told before it was entered, and is not told again.

        sessions.Enter(device).ShouldBeFalse();
        sessions.Find(Record.Id).ShouldBeNull();
    }
}
