using Broadcast.Edge.Audio;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Talk;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Talk;

public sealed class MicrophoneTests : IDisposable
{
    private readonly TempFolder _folder = new("microphone");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_button_that_is_pressed_again_while_the_microphone_still_opens_leaves_none_open()
    {
        var input = new SlowInput();
        using var hardware = new SiteHardware(Board.None, HardwareAccess.Real, TimeProvider.System, NullLogger<SiteHardware>.Instance);
        var talk = new PushToTalk(new EdgeSettings(), hardware, input, new WavOutput(_folder["wav"], TimeProvider.System), TimeProvider.System, NullLogger<PushToTalk>.Instance);

        talk.Begin(talk.Press()!, 1, TestContext.Current.CancellationToken);
        await input.FirstOpens.Task;
        talk.Release(1);
        talk.Begin(talk.Press()!, 2, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => input.Opened == 2, EdgeProcess.Patience);
        talk.Release(2);
        await Eventually.HoldsAsync(() => input.Open == 0, EdgeProcess.Patience);
        input.OpenMost.ShouldBe(1, "one recorder would be forgotten, and hold the sound card for ever");
    }

    /// <summary>A recorder that takes its time to start on a busy machine: the first is there when the second begins, or after a second.</summary>
    private sealed class SlowInput : ISoundInput
    {
        private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open;
        private int _opened;

        public TaskCompletionSource FirstOpens { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Open => Volatile.Read(ref _open);

        public int Opened => Volatile.Read(ref _opened);

        public int OpenMost { get; private set; }

        public TimeSpan Lag => TimeSpan.Zero;

        public async Task OpenAsync()
        {
            OpenMost = Math.Max(OpenMost, Interlocked.Increment(ref _open));
            if (Interlocked.Increment(ref _opened) > 1)
            {
                _second.TrySetResult();
                return;
            }
            FirstOpens.SetResult();
            await Task.WhenAny(_second.Task, Task.Delay(TimeSpan.FromSeconds(1)));
        }

        public async ValueTask<bool> ReadAsync(Memory<short> block, CancellationToken ct)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return false;
        }

        public void Close() => Interlocked.Decrement(ref _open);
    }
}
