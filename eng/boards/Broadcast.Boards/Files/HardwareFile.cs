namespace Broadcast.Boards.Files;

/// <summary>The technician's part of a board file. Reference designators are those of the parts list and the drawing.</summary>
public sealed record HardwareFile
{
    public required string TitleZh { get; init; }

    public required string TitleEn { get; init; }

    public required ControllerPart Controller { get; init; }

    public required ContactStage Contacts { get; init; }

    public required LevelStage Level { get; init; }

    public required IReadOnlyList<DividerStage> Dividers { get; init; }

    public required DriverStage Driver { get; init; }

    public StatusLamp? Status { get; init; }

    public SpeechStage? Speech { get; init; }

    public ServiceStage? Service { get; init; }

    public SoundStage? Sound { get; init; }

    public ConverterPart? Converter { get; init; }

    public SerialStage? Serial { get; init; }

    public required ClockPart Rtc { get; init; }

    public required SupplyPlan Supply { get; init; }

    public required IReadOnlyList<FusePart> Fuses { get; init; }

    public required SirenCircuit Siren { get; init; }

    public required MainsEntry Mains { get; init; }

    public LineSensorPart? LineSensor { get; init; }

    public required LoudspeakerPlan Loudspeaker { get; init; }
}

public sealed record ControllerPart(string Ref, string Zh, string En, string Type);

/// <summary>Field contacts: wetted from a fuse over a resettable limiter, so that a short in the field leaves the relays alive; over a resistor into an optocoupler whose transistor pulls the pin down.</summary>
public sealed record ContactStage(string Fuse, string Limiter, int LimiterMilliamps, int SeriesOhms, int DiodeMillivolts, int TransferPercentMin, int PullUpOhms, IReadOnlyList<ContactLine> Lines);

public sealed record ContactLine(
    string Input, string Terminal, string Opto, string Resistor, string PullUp, string Tvs, string Device, string Zh, string En);

/// <summary>The current loop: supply, resettable limiter, transmitter, shunt; the pin behind a resistor and a clamp.</summary>
public sealed record LevelStage(
    string Terminal, string Device, string Shunt, int ShuntMilliwattsMax, string Series, int SeriesOhms, string Capacitor, int Nanofarads, string Tvs,
    string Clamp, string Limiter, int LimiterMilliamps, int LimiterOhms, string Supply, int LoopMillivolts, int CableOhms, int TransmitterMillivoltsMin,
    string Zh, string En);

public sealed record DividerStage(
    string Adc, string Upper, string Lower, string Capacitor, int Nanofarads, string From, int MillivoltsHighest, string Zh, string En);

/// <summary>A Darlington array that draws relay coils to ground.</summary>
public sealed record DriverStage(
    string Ref, int SaturationMillivolts, int ChannelMilliampsMax, string Fuse, int PullDownOhms, IReadOnlyList<RelayGroup> Relays);

/// <summary>The coils of one output; each has a driver channel of its own.</summary>
public sealed record RelayGroup(string Output, string PullDown, IReadOnlyList<RelayCoil> Coils);

public sealed record RelayCoil(string Ref, int Channel, int CoilOhms, int OperatePercent, int ContactAmps, string Terminal, string Zh, string En);

public sealed record StatusLamp(string Ref, string Resistor, int Ohms);

public sealed record SpeechStage(string Ref, string Supply, string Transformer, string Level, int LevelOhms, string Terminal, int LineMillivolts);

/// <summary>The service port's terminal; its receiving pin has no pull-up of its own.</summary>
public sealed record ServiceStage(string Terminal, string PullUp, int PullUpOhms);

public sealed record SoundStage(string Ref, string Transformer, string Level, int LevelOhms, string Terminal, int LineMillivolts, IReadOnlyList<int> I2sPins);

public sealed record ConverterPart(string Ref);

public sealed record SerialStage(string Ref, string Port, int TxPin, int RxPin, string Terminal, string Termination, int TerminationOhms, string Tvs);

public sealed record ClockPart(string Ref);

public sealed record SupplyPlan
{
    public required int EmptyMillivolts { get; init; }

    public required int DisconnectMillivolts { get; init; }

    public required int NominalMillivolts { get; init; }

    public required int FloatMillivolts { get; init; }

    public required int HighestMillivolts { get; init; }

    public required string Battery { get; init; }

    public required string Charger { get; init; }

    public required string Disconnect { get; init; }

    public required string Converter { get; init; }

    public required int ConverterMillivolts { get; init; }

    public required int HoursOnBattery { get; init; }

    /// <summary>How long of those hours the loudspeakers sound.</summary>
    public required int SpeakingMinutes { get; init; }

    public required int UsablePercent { get; init; }

    public required int AgeingPercent { get; init; }

    public required int ColdPercent { get; init; }

    public required int BatteryAmpereHours { get; init; }

    public required int ChargerMilliamps { get; init; }

    /// <summary>Between the battery and what charges it: that cable is live from the battery.</summary>
    public required FusePart ChargeFuse { get; init; }

    public required IReadOnlyList<LoadItem> Loads { get; init; }

    public SolarPlan? Solar { get; init; }
}

/// <summary>Power drawn from the battery. <see cref="While"/>: <c>always</c> or <c>speaking</c>.</summary>
public sealed record LoadItem(string Ref, string Zh, string En, int Milliwatts, int PeakMilliwatts, string Fuse, string While, string Source);

/// <summary>A site without mains.</summary>
public sealed record SolarPlan(
    string Controller, string Panel, string Breaker, int BreakerAmps, string Surge, int PanelWatts, int PanelMillivoltsOpen, int ControllerMilliamps, int Days, int SunHoursTenths,
    int EfficiencyPercent, int ReservePercent, int ProgrammeMinutes, int BatteryAmpereHours);

public sealed record FusePart(string Ref, int Milliamps, int Mm2Tenths, string Zh, string En);

/// <summary>The mains side of the siren.</summary>
public sealed record SirenCircuit(
    string Breaker, string Contactor, string Timer, string Overload, string Motor, string Snubber, string MainsRelay, int Volts, int TimerSeconds,
    int MotorWatts, int EfficiencyPercent, int PowerFactorPercent, int InrushTimes, int ContactorAmps, int BreakerAmps, int BreakerTripTimesMin,
    int OverloadFromTenths, int OverloadToTenths, int CoilInrushVoltamperes, int CoilHoldVoltamperes, int SnubberNanofarads);

public sealed record MainsEntry(string Terminal, string Breaker, int BreakerAmps, string Surge, string Earth, int EarthOhmsMax);

public sealed record LoudspeakerPlan(
    string Ref, string Amplifier, string Existing, int Count, int SensitivityDecibels, int RatedWatts, int DrivenWatts, int Ohms, int CableMetres,
    int CableMm2Tenths, int DistanceMetres, int AbsorptionDecibelsAKilometre, int NoiseDecibels, int OverNoiseDecibels);

/// <summary>The module at the amplifier's output, and the most that its two outputs make.</summary>
public sealed record LineSensorPart(string Ref, int MillivoltsMax);
