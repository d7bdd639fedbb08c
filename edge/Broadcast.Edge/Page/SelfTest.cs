using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;

namespace Broadcast.Edge.Page;

/// <summary>One part of the self-test.</summary>
/// <param name="Part">What was tested.</param>
/// <param name="Passed">Null where the site has no such part.</param>
/// <param name="Detail">What was seen.</param>
internal sealed record TestResult(string Part, bool? Passed, string Detail);

/// <summary>
/// The technician's self-test: speech, a quiet tone, a click of the siren's contactor, each sensor, disk and clock. It says what
/// was done, not what was heard: only an ear or a microphone can say "audible" (R6).
/// </summary>
internal sealed class SelfTest(
    GatewayLoop loop, GatewayBody body, SoundLoop sound, SiteHardware hardware, SiteSensors sensors, GatewayStore store, DataFolder data, EdgeSettings settings, TimeProvider time)
{
    private const int TonePlayId = -1; // No playback of the core's; its end is told to nobody.
    private static readonly TimeSpan ToneLength = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Click = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LetsGoWithin = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<TestResult>> RunAsync(CancellationToken ct)
    {
        var speech = await body.CheckSpeechAsync(ct);
        return
        [
            new("语音 speech", speech.Length == 0, speech.Length == 0 ? settings.Speech.Engine : speech),
            await ToneAsync(ct), await LineAsync(ct), await SirenAsync(ct), Rain(), Level(), BatteryResult(),
            new("市电 mains", hardware.Mains?.IsClosed, hardware.Mains is null ? PageWords.NotHere : ""),
            new("引脚 pins", hardware.Faults.Count == 0, string.Join("; ", hardware.Faults)),
            new("磁盘 disk", store.Probe(), string.Join("; ", data.Faults.Prepend(data.Card))),
            new("时钟 clock", loop.Core.Clock >= ClockQuality.Network, PageWords.Of(loop.Core.Clock)),
        ];
    }

    private async Task<TestResult> ToneAsync(CancellationToken ct)
    {
        if (loop.Core.PlayingId != 0) return new("测试音 tone", null, "正在播出，未测 a broadcast plays: not tested");
        // -26 dB: heard at the cabinet, not in the village.
        sound.Play(new Playback(new PlaybackPlan(TonePlayId, new Tone(ToneKind.Single, ToneLength), null, 1, TimeSpan.Zero, 0.05f, time.GetTimestamp()), TimeSpan.Zero));
        await Task.Delay(ToneLength, time, ct);
        return new("测试音 tone", !sound.HasFailed, sound.HasFailed ? "无音频输出 no sound output" : "1 s, 1050 Hz, -26 dB；请在箱旁听 listen at the cabinet");
    }

    private async Task<TestResult> LineAsync(CancellationToken ct)
    {
        if (!body.Line.CanMeasure) return new("扬声器 loudspeakers", null, body.Line.Summary);
        if (await body.Line.MeasureAsync(ct) is not { } state) return new("扬声器 loudspeakers", null, "正在播出，未测 a broadcast plays: not tested");
        return new("扬声器 loudspeakers", state.Result == SoundTestResult.NotMeasured ? null : state.Result == SoundTestResult.Passed, body.Line.Summary);
    }

    private async Task<TestResult> SirenAsync(CancellationToken ct)
    {
        if (hardware.Siren is not { } siren) return new("警报器 siren", null, PageWords.NotHere);
        if (siren.IsOn || loop.Core.PlayingId != 0) return new("警报器 siren", null, "正在播出，未测 a broadcast plays: not tested");
        if (!siren.Click(Click)) return new("警报器 siren", false, "接触器冷却中，稍后再试 the contactor rests; try again later");
        // The siren lets go by itself, also where nobody waits any more; a busy processor lets it late. A broadcast that came meanwhile has it.
        for (var waited = TimeSpan.Zero; siren.IsOn && loop.Core.PlayingId == 0; waited += Click)
        {
            if (waited >= LetsGoWithin) return new("警报器 siren", false, "接触器未释放 the contactor has not let go");
            await Task.Delay(Click, time, ct);
        }

        return new("警报器 siren", true, "接触器吸合 0.2 s contactor clicked");
    }

    private TestResult Rain() => hardware.Rain is null
        ? new("雨量 rain", null, PageWords.NotHere)
        : new("雨量 rain", sensors.Last.RainFault == SensorFault.None, $"{sensors.Tips} tips since the start, {PageWords.Of(sensors.Last.RainFault)}");

    private TestResult Level() => sensors.Last.Level is not { } level
        ? new("水位 level", null, PageWords.NotHere)
        : new("水位 level", sensors.Last.LevelFault == SensorFault.None, $"{level.Millimetres} mm ({level.Detail}), {PageWords.Of(sensors.Last.LevelFault)}");

    private TestResult BatteryResult() => sensors.Last.BatteryMillivolts is not (> 0 and var millivolts)
        ? new("电池 battery", null, "未测 not measured")
        : new("电池 battery", millivolts >= Battery.EmptyMillivolts, $"{millivolts} mV");
}
