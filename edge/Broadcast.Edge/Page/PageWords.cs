using Broadcast.Device;
using Broadcast.Device.Sensing;

namespace Broadcast.Edge.Page;

/// <summary>What the page says, in both languages, Chinese first: whoever stands at the cabinet reads one of them.</summary>
internal static class PageWords
{
    public const string NotHere = "本机未装 not on this board";

    public static IReadOnlyList<(FaultFlags Fault, string Words)> Faults { get; } =
    [
        (FaultFlags.Storage, "存储写入失败 storage"), (FaultFlags.Clock, "时钟落后 clock behind"), (FaultFlags.StateLost, "状态丢失 state lost"),
        (FaultFlags.OutboxFull, "回执积压丢弃 receipts dropped"), (FaultFlags.Speech, "不能合成语音 no speech"), (FaultFlags.Audio, "无音频输出 no audio output"),
        (FaultFlags.Amplifier, "功放故障 amplifier"), (FaultFlags.Battery, "电池低或缺失 battery"), (FaultFlags.Tamper, "箱门被打开 cabinet open"),
        (FaultFlags.Sensor, "传感器故障 sensor"), (FaultFlags.Board, "主板文件、引脚或总线 board, pin or bus"), (FaultFlags.Cloud, "云端消息无法理解 cloud not understood"),
        (FaultFlags.MachineClock, "系统时钟错误 machine clock"), (FaultFlags.Recording, "录音未取到 recording"), (FaultFlags.LineOpen, "扬声器线路断开 loudspeaker line open"),
        (FaultFlags.LineShort, "扬声器线路短路 loudspeaker line short"), (FaultFlags.LineChanged, "扬声器线路阻抗改变 loudspeaker line changed"),
        (FaultFlags.Microphone, "话筒无声 microphone"), (FaultFlags.Listening, "端口无法监听 address not available"),
    ];

    public static string Of(FaultFlags faults) => faults == FaultFlags.None ? "无 none" : string.Join("; ", Faults.Where(f => faults.HasFlag(f.Fault)).Select(f => f.Words));

    public static string Of(SensorFault fault) => fault switch
    {
        SensorFault.None => "正常 good",
        SensorFault.Silent => "无应答 no answer",
        SensorFault.WireBroken => "断线 wire broken",
        SensorFault.ShortCircuit => "短路 short circuit",
        SensorFault.Impossible => "数值不可能 impossible value",
        SensorFault.Stuck => "卡住 stuck",
        _ => NotHere,
    };

    public static string Of(AlarmStage stage) => stage switch
    {
        AlarmStage.Prepare => "准备转移 prepare to leave",
        AlarmStage.Leave => "立即转移 leave now",
        _ => "无 none",
    };

    public static string Of(ClockQuality clock) => clock switch
    {
        ClockQuality.Cloud => "由云端校准 told by the cloud",
        ClockQuality.Network => "网络时间 network time",
        ClockQuality.Rtc => "电池时钟 battery clock",
        _ => "未知 unknown",
    };
}
