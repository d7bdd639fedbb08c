using Broadcast.Firmware.OnTarget;

namespace Broadcast.Firmware.Tests;

/// <summary>The on-target program on the host: what must hold on the microcontroller holds here first.</summary>
public sealed class OnTargetTests
{
    [Fact]
    public void Every_sentence_of_the_on_target_tests_holds()
    {
        Verdict verdict = new();
        OnTarget.Program.RunAll(verdict);
        verdict.First.ShouldBe("");
        verdict.Failed.ShouldBe(0);
        verdict.Passed.ShouldBeGreaterThan(40);
    }
}
