using Broadcast.Device;

namespace Broadcast.Rules.Tests;

public class HelloAgeTests
{
    [Theory]
    [InlineData(4, 9, ClockQuality.Cloud, 900, true)] // An earlier start.
    [InlineData(6, 1, ClockQuality.Unknown, 0, false)] // A later one, whatever else it says.
    [InlineData(5, 6, ClockQuality.Cloud, 900, true)] // The same start, and an order less.
    [InlineData(5, 8, ClockQuality.Unknown, 0, false)] // An order more.
    [InlineData(5, 7, ClockQuality.Unknown, 0, true)] // Before it knew the time.
    [InlineData(5, 7, ClockQuality.Cloud, 499, true)]
    [InlineData(5, 7, ClockQuality.Cloud, 500, false)]
    [InlineData(5, 7, ClockQuality.Network, 501, false)]
    public void A_hello_of_an_earlier_start_of_fewer_orders_or_of_an_earlier_time_is_the_older_one(int boot, long highWater, ClockQuality clock, long wallMs, bool isOlder) =>
        HelloAge.IsNotAfter(Hello(1, boot, highWater, clock, wallMs), Hello(2, 5, 7, ClockQuality.Cloud, 500)).ShouldBe(isOlder);

    [Fact]
    public void The_same_hello_again_is_not_after_itself_and_without_a_time_two_of_one_start_cannot_be_told_apart()
    {
        HelloAge.IsNotAfter(Hello(1, 5, 7, ClockQuality.Cloud, 500), Hello(1, 5, 7, ClockQuality.Cloud, 500)).ShouldBeTrue();
        HelloAge.IsNotAfter(Hello(1, 5, 7, ClockQuality.Unknown, 0), Hello(2, 5, 7, ClockQuality.Unknown, 0)).ShouldBeFalse();
        HelloAge.IsNotAfter(Hello(1, 5, 7, ClockQuality.Cloud, 1), Hello(2, 5, 7, ClockQuality.Unknown, 0)).ShouldBeFalse("it has learned the time since");
    }

    private static Hello Hello(byte nonce, int boot, long highWater, ClockQuality clock, long wallMs) => new() { Nonce = [.. new byte[15], nonce], Boot = boot, HighWater = highWater, Clock = clock, WallMs = wallMs };
}
