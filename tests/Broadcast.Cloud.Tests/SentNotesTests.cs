using Broadcast.Cloud.Link;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Link;
using Broadcast.Rules;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Cloud.Tests;

/// <summary>"Sent" is said of what left this process, and of nothing else (R6).</summary>
public sealed class SentNotesTests : IAsyncLifetime
{
    private static readonly DeviceId Id = new("d421202100001");

    private readonly TestLine _line = new();
    private DeskBench _bench = null!;
    private SentNotes _notes = null!;
    private LiveDevice _live = null!;
    private WarningId _warning;
    private long _sequence;

    [Fact]
    public async Task Order_that_left_is_noted_as_sent()
    {
        Hand();
        await NoteAsync();
        (await StateAsync()).ShouldBe(OrderState.Sent);
    }

    [Fact]
    public async Task Order_that_its_session_still_holds_is_noted_once_it_has_left()
    {
        _line.HasUnsent = true;
        Hand();
        await NoteAsync();
        (await StateAsync()).ShouldBe(OrderState.Queued);

        _line.HasUnsent = false;
        await NoteAsync();
        (await StateAsync()).ShouldBe(OrderState.Sent);
    }

    [Fact]
    public async Task Order_that_a_session_held_when_it_ended_was_never_sent()
    {
        _line.HasUnsent = true;
        Hand();
        _line.Close(LinkCloseReason.LinkLost);
        await NoteAsync();
        (await StateAsync()).ShouldBe(OrderState.Queued);
    }

    [Fact]
    public async Task Order_that_left_before_its_session_ended_was_sent()
    {
        Hand();
        _line.Close(LinkCloseReason.LinkLost);
        await NoteAsync();
        (await StateAsync()).ShouldBe(OrderState.Sent);
    }

    public async ValueTask InitializeAsync()
    {
        _bench = await DeskBench.OpenAsync();
        _notes = new SentNotes(_bench.Ledger, new ProgressBatcher(null!, _bench.Clock, NullLogger<ProgressBatcher>.Instance), _bench.Clock, NullLogger<SentNotes>.Instance);
        _live = new LiveDevice(_line, _bench.Places.Current.Find(Id).ShouldNotBeNull(), new byte[32], _bench.Clock);
        _warning = await _bench.ReleasedAsync(DeskBench.Here);
    }

    public async ValueTask DisposeAsync()
    {
        _notes.Dispose();
        await _bench.DisposeAsync();
    }

    private void Hand()
    {
        var batch = _bench.HandedOn.ShouldHaveSingleItem();
        _sequence = batch.Sequences[Array.IndexOf(batch.Devices, Id.Value)];
        var order = new Order { WarningId = _warning.ToWire(), Revision = 1, Kind = OrderKind.Alert, ExpiresMs = _bench.Clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() };
        _live.Send(new OrderForm(order), _sequence).ShouldBeTrue();
        _notes.Taken(_live, _sequence);
    }

    private Task NoteAsync() => _notes.NoteTakenAsync(TestContext.Current.CancellationToken);

    private async Task<OrderState> StateAsync() =>
        (await _bench.Ledger.OrdersAsync(_warning, 1, null, 10, cancel: TestContext.Current.CancellationToken)).Items.Single(o => o.Device == Id).State;
}
