namespace Broadcast.Device.Sensing;

/// <summary>What a site says when its own sensors reach a stage: stored phrases and the siren. It needs neither cloud nor known time.</summary>
public static class LocalAlarm
{
    /// <summary>How long a local alarm is worth saying, in milliseconds: an hour. By then the next reading has spoken, or people are gone.</summary>
    public const long ValidMs = 3_600_000;

    /// <summary>Tone before the text, in milliseconds.</summary>
    public const int ToneMs = 8_000;

    /// <summary>The order that says a stage. <see cref="DeviceCore.RaiseLocalAlarm"/> fills in id, sequence and times.</summary>
    /// <param name="stage">Prepare or Leave.</param>
    /// <param name="phrase">What is said; empty for the stored phrase.</param>
    /// <param name="siren">Whether the siren opens.</param>
    public static Order For(AlarmStage stage, string phrase, bool siren)
    {
        bool leave = stage == AlarmStage.Leave;
        return new Order
        {
            Class = WarningClass.LocalAlarm,
            Level = leave ? WarningLevel.Red : WarningLevel.Orange,
            Issuer = RegionLevel.Village,
            Event = leave ? "LOCAL-LEAVE" : "LOCAL-PREPARE",
            Text = phrase.Length > 0 ? phrase
                : leave ? "紧急通知:本站监测值已达到立即转移指标,请全体村民立即转移到安全地带!"
                : "注意:本站监测值已达到准备转移指标,请做好转移准备,听从村干部指挥。",
            Repetitions = leave ? 5 : 3,
            Volume = 100,
            ToneMs = ToneMs,
            Siren = siren,
        };
    }
}
