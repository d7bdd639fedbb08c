using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broadcast.Edge.Hardware;

/// <summary>What hangs on which pin, from the board file. Everything is optional: a site has what it has.</summary>
internal sealed record Board
{
    private const long FileBytesMax = 64 * 1024;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    /// <summary>A machine without pins.</summary>
    public static Board None { get; } = new() { Name = "none" };

    public string Name { get; init; } = "";

    public int Revision { get; init; } = 1;

    /// <summary>Whose pins are meant; <see cref="BoardCheck"/> refuses any but a Raspberry Pi's.</summary>
    public string Chip { get; init; } = BoardCheck.ChipOfOurs;

    public BoardOutputs Outputs { get; init; } = new();

    public BoardInputs Inputs { get; init; } = new();

    public BoardRainGauge RainGauge { get; init; } = new();

    public BoardAdc? Adc { get; init; }

    public BoardModbus? Modbus { get; init; }

    /// <summary>The bus of the converter and the clock; the operating system drives it, the drawing shows it.</summary>
    public JsonElement? I2c { get; init; }

    /// <summary>The clock that runs without power; the operating system's driver reads it.</summary>
    public JsonElement? Rtc { get; init; }

    /// <summary>The technician's part: terminals, fuses, ratings. The drawing and the sheets are made from it; the gateway needs none of it.</summary>
    public JsonElement? Hardware { get; init; }

    /// <summary>Why the board file could not be used; null for a good one.</summary>
    [JsonIgnore]
    public string? Problem { get; private init; }

    /// <summary>As <see cref="Read"/>, but a file that cannot be used gives a machine without pins that says why: a wrong pin must not silence the loudspeaker.</summary>
    public static Board ReadOrNone(string path)
    {
        try
        {
            return Read(path);
        }
        catch (SettingsException wrong)
        {
            return None with { Problem = wrong.Message };
        }
    }

    /// <summary>Whether anything hangs on a pin.</summary>
    public bool HasPins => BoardCheck.Pins(this).Any();

    /// <exception cref="SettingsException">The file cannot be read, or something in it cannot be; the message names each.</exception>
    public static Board Read(string path)
    {
        if (path.Length == 0) return None;
        try
        {
            if (new FileInfo(path).Length > FileBytesMax) throw new SettingsException($"The board file {path} is larger than {FileBytesMax} bytes: that is no board file.");
            var board = JsonSerializer.Deserialize<Board>(File.ReadAllText(path), Format) ?? throw new SettingsException($"The board file {path} is empty.");
            var problems = BoardCheck.Problems(board);
            return problems.Count == 0 ? board : throw new SettingsException($"The board file {path}:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"The board file {path} cannot be read: {unreadable.Message}");
        }
    }
}

/// <summary>What the board switches.</summary>
internal sealed record BoardOutputs
{
    public BoardSiren? Siren { get; init; }

    public BoardOutput? Amplifier { get; init; }
}

/// <summary>A relay. It is off when the program starts, when it ends, and when the board resets.</summary>
internal record BoardOutput
{
    /// <summary>GPIO number of the chip, not of the connector.</summary>
    public int Pin { get; init; }

    public bool ActiveHigh { get; init; } = true;
}

/// <summary>The siren's contactor.</summary>
internal sealed record BoardSiren : BoardOutput
{
    /// <summary>Longest time on: a motor siren burns out. The hardware's own timer stands behind it.</summary>
    public int MaxOnSeconds { get; init; } = 180;

    /// <summary>Least time off between two times on: the motor cools, and the inrush current does not come twice.</summary>
    public int RestSeconds { get; init; } = 30;
}

/// <summary>The contacts of the board.</summary>
internal sealed record BoardInputs
{
    /// <summary>The stop button at the cabinet.</summary>
    public BoardInput? Stop { get; init; }

    /// <summary>The button that is held while somebody speaks into the site's microphone.</summary>
    public BoardInput? Talk { get; init; }

    /// <summary>Closed while the cabinet is shut.</summary>
    public BoardInput? Tamper { get; init; }

    /// <summary>Closed while mains power is there.</summary>
    public BoardInput? Mains { get; init; }

    /// <summary>Closes once a tip of the rain gauge.</summary>
    public BoardInput? Rain { get; init; }
}

/// <summary>A contact.</summary>
internal sealed record BoardInput
{
    public int Pin { get; init; }

    /// <summary>Whether the pin reads low when the contact is closed.</summary>
    public bool ClosedIsLow { get; init; } = true;

    /// <summary><c>up</c>, <c>down</c> or <c>none</c>.</summary>
    public string Pull { get; init; } = "up";

    /// <summary>Quiet after which the contact counts as settled, milliseconds.</summary>
    public int SettleMs { get; init; } = 20;
}

/// <summary>The tipping-bucket gauge.</summary>
internal sealed record BoardRainGauge
{
    /// <summary>2 for a gauge of 0.2 mm a tip, 5 for 0.5 mm.</summary>
    public int TenthsOfMillimetreATip { get; init; } = 2;

    /// <summary>Contact closed for so long: the bucket hangs.</summary>
    public int StuckSeconds { get; init; } = 600;
}

/// <summary>An ADS1115 on I2C.</summary>
internal sealed record BoardAdc
{
    public int Bus { get; init; } = 1;

    public int Address { get; init; } = 0x48;

    public BoardCurrentInput? Level { get; init; }

    public BoardVoltageInput? Battery { get; init; }

    /// <summary>What measures the amplifier's output; null where nothing does.</summary>
    public BoardLoudspeaker? Loudspeaker { get; init; }
}

/// <summary>The loudspeakers' line, measured at the amplifier's output: two rectifiers with a low-pass each.</summary>
internal sealed record BoardLoudspeaker
{
    /// <summary>Half an ohm: less is a short circuit, whatever it is called.</summary>
    public const int MilliohmsMin = 500;

    /// <summary>10 kΩ: the input of one 1 W loudspeaker on a 100 V line.</summary>
    public const int MilliohmsMax = Broadcast.Device.SoundTest.MilliohmsMax;

    /// <summary>Input of the voltage, over a divider.</summary>
    public int VoltageInput { get; init; } = 3;

    public int UpperOhms { get; init; }

    public int LowerOhms { get; init; }

    /// <summary>Input of the current, over a shunt and its amplifier.</summary>
    public int CurrentInput { get; init; } = 2;

    public int ShuntMilliohms { get; init; }

    /// <summary>Volts a volt of the shunt's amplifier.</summary>
    public int Gain { get; init; } = 20;

    /// <summary>Time constant of the low-pass behind the rectifiers.</summary>
    public int SmoothingMs { get; init; } = 100;

    /// <summary>Peak at the output when the samples are at full scale, as set at commissioning.</summary>
    public int FullScaleMillivolts { get; init; }

    /// <summary>The line's impedance as planned; what is learned at commissioning takes its place. 0 for not known.</summary>
    public int NominalMilliohms { get; init; }

    /// <summary>How far the line may be from its nominal impedance.</summary>
    public int TolerancePercent { get; init; } = 20;
}

/// <summary>4–20 mA over a shunt.</summary>
internal sealed record BoardCurrentInput
{
    public int Input { get; init; }

    /// <summary>100 Ω makes 0.4 to 2.0 V of 4 to 20 mA, and 22 mA is still inside the converter's 4.096 V range.</summary>
    public int ShuntOhms { get; init; } = 100;

    [JsonPropertyName("millimetresAt4mA")]
    public int MillimetresAtLow { get; init; }

    [JsonPropertyName("millimetresAt20mA")]
    public int MillimetresAtHigh { get; init; }
}

/// <summary>A voltage over a divider.</summary>
internal sealed record BoardVoltageInput
{
    public int Input { get; init; }

    public int UpperOhms { get; init; }

    public int LowerOhms { get; init; }
}

/// <summary>A radar gauge on RS-485, Modbus RTU.</summary>
internal sealed record BoardModbus
{
    public string Port { get; init; } = "/dev/ttyAMA0";

    public int Baud { get; init; } = 9_600;

    public int Unit { get; init; } = 1;

    /// <summary>Holding register of the level, as it is on the wire (from 0).</summary>
    public int Register { get; init; }

    /// <summary>Millimetres a count.</summary>
    public int MillimetresACount { get; init; } = 1;

    /// <summary>Whether the register holds the distance down to the water; the level is then <see cref="MountedAtMillimetres"/> less it.</summary>
    public bool IsDistance { get; init; }

    /// <summary>Height of the sensor above the gauge's zero.</summary>
    public int MountedAtMillimetres { get; init; }
}
