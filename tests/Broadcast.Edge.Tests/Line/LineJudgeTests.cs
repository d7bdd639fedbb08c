using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Line;

namespace Broadcast.Edge.Tests.Line;

/// <summary>The pure rules: what a measured line is, and when a playback was audible.</summary>
public sealed class LineJudgeTests
{
    private const double Pilot = 440; // Millivolts that the pilot makes.
    private const int Nominal = 4_000;

    [Theory]
    [InlineData(440, 110, SoundTestResult.Passed)] // 4.0 Ω
    [InlineData(440, 92, SoundTestResult.Passed)] // 4.78 Ω, 19.6 % more
    [InlineData(440, 91, SoundTestResult.LineChanged)] // 4.84 Ω, 20.9 % more
    [InlineData(440, 137, SoundTestResult.Passed)] // 3.21 Ω, 19.7 % less
    [InlineData(440, 138, SoundTestResult.LineChanged)] // 3.19 Ω, 20.3 % less
    [InlineData(440, 55, SoundTestResult.LineChanged)] // One of two loudspeakers is gone.
    [InlineData(440, 22, SoundTestResult.LineChanged)] // Four of five are gone.
    [InlineData(440, 21, SoundTestResult.LineOpen)]
    [InlineData(440, 0, SoundTestResult.LineOpen)]
    [InlineData(0, 0, SoundTestResult.AmplifierSilent)]
    [InlineData(219, 55, SoundTestResult.AmplifierSilent)] // 6 dB too little.
    [InlineData(220, 55, SoundTestResult.Passed)]
    [InlineData(100, 900, SoundTestResult.LineShort)] // The short pulls the voltage down: no dead amplifier.
    [InlineData(440, 340, SoundTestResult.LineShort)]
    [InlineData(440, 320, SoundTestResult.LineChanged)]
    [InlineData(1, 10, SoundTestResult.AmplifierSilent)] // Noise.
    public void A_line_is_judged_by_its_voltage_and_its_impedance(double millivolts, double milliamps, SoundTestResult result) =>
        LineJudge.Judge(new LineReading(millivolts, milliamps), Pilot, Nominal, 20).ShouldBe(result);

    [Theory]
    [InlineData(100, 0, SoundCheck.AmplifierDriven)]
    [InlineData(80, 20, SoundCheck.AmplifierDriven)]
    [InlineData(79, 21, SoundCheck.AmplifierSilent)]
    [InlineData(0, 100, SoundCheck.AmplifierSilent)]
    [InlineData(4, 0, SoundCheck.NotMeasured)] // Too few looks prove nothing.
    [InlineData(0, 0, SoundCheck.NotMeasured)]
    public void Four_fifths_of_what_was_to_be_heard_must_have_been_measured(int driven, int silent, SoundCheck check)
    {
        var tally = new SoundTally();
        for (var i = 0; i < driven; i++) tally.Look(0.2, new LineReading(2_000, 500), 10_000, Nominal);
        for (var i = 0; i < silent; i++) tally.Look(0.2, new LineReading(2_000, 0), 10_000, Nominal);
        for (var i = 0; i < 50; i++) tally.Look(0.009, new LineReading(0, 0), 10_000, Nominal); // Pauses count neither way.
        tally.Check.ShouldBe(check);
    }

    [Theory]
    [InlineData(20, SoundCheck.AmplifierDriven)]
    [InlineData(21, SoundCheck.NotMeasured)]
    public void What_was_not_looked_at_is_not_inferred(int failed, SoundCheck check)
    {
        var tally = new SoundTally();
        for (var i = 0; i < 100 - failed; i++) tally.Look(0.2, new LineReading(2_000, 500), 10_000, Nominal);
        for (var i = 0; i < failed; i++) tally.Look(0.2, null, 10_000, Nominal);
        tally.Check.ShouldBe(check);
    }

    [Fact]
    public void Against_a_line_that_was_never_learned_nothing_is_measured()
    {
        var tally = new SoundTally();
        for (var i = 0; i < 50; i++) tally.Look(0.2, new LineReading(2_000, 500), 10_000, nominalMilliohms: 0);
        (tally.Check, tally.Fault).ShouldBe((SoundCheck.NotMeasured, FaultFlags.None));
    }

    [Fact]
    public void Voltage_without_current_is_an_open_line_and_neither_is_a_dead_amplifier()
    {
        SoundTally open = new(), dead = new();
        for (var i = 0; i < 50; i++)
        {
            open.Look(0.2, new LineReading(2_000, 0), 10_000, Nominal);
            dead.Look(0.2, new LineReading(0, 0), 10_000, Nominal);
        }
        (open.Fault, dead.Fault).ShouldBe((FaultFlags.LineOpen, FaultFlags.Amplifier));
    }

    [Fact]
    public void The_meter_shows_what_leaves_the_loudspeaker_and_not_what_is_still_on_its_way()
    {
        var meter = new OutputMeter(TimeSpan.FromMilliseconds(1));
        var loud = Enumerable.Repeat(short.MaxValue, Pcm.BlockSamples).ToArray();
        var silent = new short[Pcm.BlockSamples];
        meter.Take(loud);
        for (var i = 0; i < 4; i++) meter.Take(silent);
        meter.Mean(TimeSpan.Zero).ShouldBe(0, 0.001f);
        meter.Mean(TimeSpan.FromMilliseconds(80)).ShouldBe(1, 0.001f);
        meter.Clear();
        meter.Mean(TimeSpan.FromMilliseconds(80)).ShouldBe(0);
    }
}
