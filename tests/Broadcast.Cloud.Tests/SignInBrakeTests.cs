using System.Net;
using Broadcast.Cloud.Accounts;
using Broadcast.Rules;
using Broadcast.Testing;

namespace Broadcast.Cloud.Tests;

public sealed class SignInBrakeTests : IDisposable
{
    private static readonly PersonId Victim = new("op-421202");
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Bureau = IPAddress.Parse("198.51.100.2");

    private readonly ManualClock _clock = new();
    private readonly SignInBrake _brake;

    public SignInBrakeTests() => _brake = new SignInBrake(_clock);

    public void Dispose() => _brake.Dispose();

    [Fact]
    public void Five_wrong_passwords_cost_a_minute_and_lock_nobody_else_out()
    {
        foreach (var _ in Enumerable.Range(0, 5)) _brake.Tried(Victim, Stranger, right: false);
        _brake.MayTry(Victim, Stranger).ShouldBeFalse();
        _brake.MayTry(Victim, Bureau).ShouldBeTrue("a stranger must not keep an operator from signing in");
        _clock.Advance(TimeSpan.FromSeconds(61));
        _brake.MayTry(Victim, Stranger).ShouldBeTrue();
    }

    [Fact]
    public void One_address_does_not_try_all_names()
    {
        foreach (var n in Enumerable.Range(0, 30)) _brake.Tried(new PersonId(FormattableString.Invariant($"op-{n}")), Stranger, right: false);
        _brake.MayTry(Victim, Stranger).ShouldBeFalse();
        _brake.MayTry(Victim, Bureau).ShouldBeTrue();
    }

    [Fact]
    public void The_addresses_of_one_network_are_one()
    {
        foreach (var n in Enumerable.Range(1, 5)) _brake.Tried(Victim, IPAddress.Parse(FormattableString.Invariant($"2001:db8:0:1::{n}")), right: false);
        _brake.MayTry(Victim, IPAddress.Parse("2001:db8:0:1::99")).ShouldBeFalse();
        _brake.MayTry(Victim, IPAddress.Parse("2001:db8:0:2::99")).ShouldBeTrue();
    }

    [Fact]
    public void Strangers_do_not_fill_the_audit_trail()
    {
        var noted = Enumerable.Range(0, 1_000).Count(n => _brake.Tried(Victim, new IPAddress([10, 0, (byte)(n / 250), (byte)(n % 250)]), right: false));
        noted.ShouldBe(60);
    }

    [Fact]
    public async Task Only_so_many_wait_for_their_turn_at_a_costly_check()
    {
        using var stop = new CancellationTokenSource();
        var turns = Enumerable.Range(0, 500).Select(_ => _brake.TurnAsync(stop.Token)).ToArray();
        turns.Count(t => t.IsCompletedSuccessfully && t.GetAwaiter().GetResult() is null).ShouldBeGreaterThan(400);
        await stop.CancelAsync();
        foreach (var turn in turns.Where(t => !t.IsCompletedSuccessfully)) await Should.ThrowAsync<OperationCanceledException>(turn);
    }
}
