using System.IO.Pipelines;

namespace Broadcast.Link.Tests;

/// <summary>The sending half of a connection, where a flush takes its time.</summary>
public sealed class OutletTests : IOutletOwner
{
    [Fact]
    public async Task Last_word_written_during_a_flush_is_waited_for_and_leaves()
    {
        // Two bytes fill it: the first flush is under way until somebody reads.
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var outlet = new Outlet(pipe.Writer, 100, TimeProvider.System, this);
        Write(outlet, [1, 2, 3]);
        Write(outlet, [9]);

        var sent = outlet.SentAsync();
        sent.IsCompleted.ShouldBeFalse();
        HasUnsent(outlet).ShouldBeTrue();

        var heard = new List<byte>();
        while (heard.Count < 4)
        {
            var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TestServer.Patience, TestContext.Current.CancellationToken);
            foreach (var part in read.Buffer) heard.AddRange(part.Span);
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }
        heard.ShouldBe([1, 2, 3, 9]);
        await sent.WaitAsync(TestServer.Patience, TestContext.Current.CancellationToken);
        outlet.SentAsync().IsCompleted.ShouldBeTrue();
        HasUnsent(outlet).ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_waits_for_what_a_shut_outlet_will_never_send()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var outlet = new Outlet(pipe.Writer, 100, TimeProvider.System, this);
        Write(outlet, [1, 2, 3]);
        Write(outlet, [9]);
        var sent = outlet.SentAsync();

        lock (outlet) outlet.Shut().ShouldBeFalse();
        await pipe.Reader.CompleteAsync();
        await sent.WaitAsync(TestServer.Patience, TestContext.Current.CancellationToken);
        HasUnsent(outlet).ShouldBeTrue("what was dropped was never sent");
    }

    [Fact]
    public void What_was_written_and_not_flushed_when_the_outlet_was_shut_stays_unsent()
    {
        var pipe = new Pipe();
        var outlet = new Outlet(pipe.Writer, 100, TimeProvider.System, this);
        Write(outlet, [1, 2, 3]);
        HasUnsent(outlet).ShouldBeFalse();
        lock (outlet)
        {
            outlet.TryWrite([9]).ShouldBeTrue();
            outlet.Shut().ShouldBeFalse();
        }
        HasUnsent(outlet).ShouldBeTrue();
    }

    [Fact]
    public async Task An_outlet_that_broke_does_not_close_in_good_order()
    {
        var pipe = new Pipe();
        var outlet = new Outlet(pipe.Writer, 100, TimeProvider.System, this);
        await pipe.Reader.CompleteAsync();
        Write(outlet, [1, 2, 3]);
        lock (outlet) outlet.Shut().ShouldBeFalse("what was written is left in the transport's writer");
    }

    [Fact]
    public async Task No_flush_begins_after_the_outlet_was_shut()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var outlet = new Outlet(pipe.Writer, 100, TimeProvider.System, this);
        lock (outlet)
        {
            outlet.TryWrite([1, 2, 3]).ShouldBeTrue();
            outlet.Shut().ShouldBeFalse();
        }
        await outlet.IdleAsync(); // Whoever closes the transport completes its writer now.
        outlet.Flush(); // A sender's second half: what it wrote before is flushed when it has let go of its locks.
        outlet.IdleAsync().IsCompleted.ShouldBeTrue("a writer must not be completed under a flush");
        pipe.Reader.TryRead(out _).ShouldBeFalse("nothing leaves any more");
    }

    void IOutletOwner.HasRoom()
    {
    }

    void IOutletOwner.Broke(Exception broken)
    {
    }

    private static bool HasUnsent(Outlet outlet)
    {
        lock (outlet) return outlet.HasUnsent;
    }

    private static void Write(Outlet outlet, byte[] packet)
    {
        lock (outlet) outlet.TryWrite(packet).ShouldBeTrue();
        outlet.Flush();
    }
}
