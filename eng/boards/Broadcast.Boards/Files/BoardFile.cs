using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Broadcast.Boards.Files;

/// <summary>One <c>board.json</c>: what programs read of it, and in <see cref="Hardware"/> what a technician builds.</summary>
public sealed record BoardFile
{
    private const long BytesMax = 64 * 1024; // What the gateway's own reader takes.

    internal static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(), // The schema is made from it.
    };

    public required string Name { get; init; }

    public required int Revision { get; init; }

    public required string Chip { get; init; }

    public string? Module { get; init; }

    public string? Uplink { get; init; }

    public required OutputsFile Outputs { get; init; }

    public required InputsFile Inputs { get; init; }

    public required RainGaugeFile RainGauge { get; init; }

    public required AdcFile Adc { get; init; }

    public SpeechFile? Speech { get; init; }

    public ServiceFile? Service { get; init; }

    public JsonElement? Modbus { get; init; }

    public required I2cFile I2c { get; init; }

    public required RtcFile Rtc { get; init; }

    public required HardwareFile Hardware { get; init; }

    [JsonIgnore]
    public bool IsEsp32 => Chip == "esp32";

    [JsonIgnore]
    public DividerFile BatteryDivider => Adc.Battery;

    public static BoardFile Read(string path) =>
        new FileInfo(path).Length <= BytesMax ? Parse(File.ReadAllText(path)) : throw new JsonException($"{path} is larger than {BytesMax} bytes: that is no board file.");

    public static BoardFile Parse(string json) => JsonSerializer.Deserialize<BoardFile>(json, Format) ?? throw new JsonException("The board file is empty.");

    public PinnedInput Input(string name) => name switch
    {
        "rain" => Inputs.Rain, "stop" => Inputs.Stop, "tamper" => Inputs.Tamper, "mains" => Inputs.Mains, "talk" when Inputs.Talk is { } talk => talk,
        _ => throw new JsonException($"There is no input '{name}'; give rain, stop, tamper, mains or talk."),
    };

    public PinnedOutput Output(string name) => name switch
    {
        "siren" => Outputs.Siren, "amplifier" => Outputs.Amplifier, "status" when Outputs.Status is { } status => status,
        _ => throw new JsonException($"There is no output '{name}'; give siren, amplifier or status."),
    };

    public DividerFile Divider(string name) => name switch
    {
        "battery" => Adc.Battery, "solar" when Adc.Solar is { } solar => solar,
        _ => throw new JsonException($"There is no divider '{name}'; give battery or solar."),
    };
}

public record PinnedOutput
{
    public required int Pin { get; init; }

    public required bool ActiveHigh { get; init; }
}

public sealed record SirenOutput : PinnedOutput
{
    public required int MaxOnSeconds { get; init; }

    public required int RestSeconds { get; init; }
}

public sealed record OutputsFile(SirenOutput Siren, PinnedOutput Amplifier, PinnedOutput? Status = null);

public sealed record PinnedInput(int Pin, bool ClosedIsLow, string Pull, int SettleMs);

public sealed record InputsFile(PinnedInput Stop, PinnedInput Tamper, PinnedInput Mains, PinnedInput Rain, PinnedInput? Talk = null);

public sealed record RainGaugeFile(int TenthsOfMillimetreATip, int StuckSeconds);

/// <summary>The ESP32's own converter (unit, bits …) or an ADS1115 (bus, address).</summary>
public sealed record AdcFile
{
    public int? Unit { get; init; }

    public int? Bits { get; init; }

    public int? AttenuationDb { get; init; }

    public int? MillivoltsMin { get; init; }

    public int? MillivoltsMax { get; init; }

    public int? OffsetMicrovolts { get; init; }

    public int? MicrovoltsACount { get; init; }

    public int? Bus { get; init; }

    public int? Address { get; init; }

    public required LevelFile Level { get; init; }

    public required DividerFile Battery { get; init; }

    public DividerFile? Solar { get; init; }

    public LoudspeakerFile? Loudspeaker { get; init; }
}

/// <summary>What measures the amplifier's output: a divider and a shunt with its amplifier, each behind a rectifier.</summary>
public sealed record LoudspeakerFile(
    int VoltageInput, int UpperOhms, int LowerOhms, int CurrentInput, int ShuntMilliohms, int Gain, int SmoothingMs, int FullScaleMillivolts, int NominalMilliohms, int TolerancePercent);

public sealed record LevelFile
{
    public int? Pin { get; init; }

    public int? Channel { get; init; }

    public int? Input { get; init; }

    public required int ShuntOhms { get; init; }

    [JsonPropertyName("millimetresAt4mA")]
    public required int MillimetresAtLow { get; init; }

    [JsonPropertyName("millimetresAt20mA")]
    public required int MillimetresAtHigh { get; init; }
}

public sealed record DividerFile
{
    public int? Pin { get; init; }

    public int? Channel { get; init; }

    public int? Input { get; init; }

    public required int UpperOhms { get; init; }

    public required int LowerOhms { get; init; }
}

public sealed record SpeechFile(string Chip, int Uart, int TxPin, int RxPin, int Baud, int BusyPin, bool BusyIsHigh);

/// <summary>The serial port by which a technician provisions the device; the first UART is the interpreter's own.</summary>
public sealed record ServiceFile(int Uart, int TxPin, int RxPin, int Baud);

public sealed record I2cFile(int Bus, int SdaPin, int SclPin, int Hertz);

public sealed record RtcFile(string Chip, int Address);
