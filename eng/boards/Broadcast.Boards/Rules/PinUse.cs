using Broadcast.Boards.Files;

namespace Broadcast.Boards.Rules;

/// <summary>What a pin is asked to do.</summary>
public enum PinRole
{
    Output,
    Input,
    Analogue,
    Transmit,
    Receive,
    Data,
    Clock,
    Reserved,
}

/// <summary>One pin that a board file gives away.</summary>
/// <param name="Where">Its place in the file.</param>
/// <param name="Pin">GPIO number of the chip.</param>
public sealed record PinUse(string Where, int Pin, PinRole Role, bool ActiveHigh = true, string Pull = "none", bool NeedsEdges = false)
{
    private bool Drives => Role is PinRole.Output or PinRole.Transmit or PinRole.Data or PinRole.Clock;

    /// <summary>Whether the chip has to be able to drive this pin.</summary>
    public bool IsDriven => Drives;

    /// <summary>Every pin of the board, in the order of the file.</summary>
    public static IReadOnlyList<PinUse> Of(BoardFile board)
    {
        var uses = new List<PinUse>
        {
            new("outputs.siren", board.Outputs.Siren.Pin, PinRole.Output, board.Outputs.Siren.ActiveHigh),
            new("outputs.amplifier", board.Outputs.Amplifier.Pin, PinRole.Output, board.Outputs.Amplifier.ActiveHigh),
        };
        if (board.Outputs.Status is { } status) uses.Add(new("outputs.status", status.Pin, PinRole.Output, status.ActiveHigh));
        foreach (var name in (string[])["stop", "tamper", "mains", "rain"])
            uses.Add(new("inputs." + name, board.Input(name).Pin, PinRole.Input, Pull: board.Input(name).Pull, NeedsEdges: true));
        if (board.Inputs.Talk is { } talk) uses.Add(new("inputs.talk", talk.Pin, PinRole.Input, Pull: talk.Pull, NeedsEdges: true));
        AddAnalogue(uses, board.Adc);
        if (board.Speech is { } speech)
            uses.AddRange([new("speech.txPin", speech.TxPin, PinRole.Transmit), new("speech.rxPin", speech.RxPin, PinRole.Receive), new("speech.busyPin", speech.BusyPin, PinRole.Input)]);
        if (board.Service is { } service) uses.AddRange([new("service.txPin", service.TxPin, PinRole.Transmit), new("service.rxPin", service.RxPin, PinRole.Receive)]);
        uses.AddRange([new("i2c.sdaPin", board.I2c.SdaPin, PinRole.Data), new("i2c.sclPin", board.I2c.SclPin, PinRole.Clock)]);
        if (board.Hardware.Serial is { } serial)
            uses.AddRange([new("hardware.serial.txPin", serial.TxPin, PinRole.Transmit), new("hardware.serial.rxPin", serial.RxPin, PinRole.Receive)]);
        if (board.Hardware.Sound is { } sound) uses.AddRange(sound.I2sPins.Select((pin, i) => new PinUse($"hardware.sound.i2sPins[{i}]", pin, PinRole.Reserved)));
        return uses;
    }

    private static void AddAnalogue(List<PinUse> uses, AdcFile adc)
    {
        if (adc.Level.Pin is { } level) uses.Add(new("adc.level", level, PinRole.Analogue));
        if (adc.Battery.Pin is { } battery) uses.Add(new("adc.battery", battery, PinRole.Analogue));
        if (adc.Solar?.Pin is { } solar) uses.Add(new("adc.solar", solar, PinRole.Analogue));
    }
}
