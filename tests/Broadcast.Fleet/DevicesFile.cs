using System.Globalization;

namespace Broadcast.Fleet;

/// <summary>One simulated device: who it is and what it proves itself with.</summary>
public sealed record DeviceRow(string Device, string Site, string Village, string LinkSecret, byte[] OrderKey, int KeyEpoch);

/// <summary>Reads devices.csv, which a demo service writes: a header, then a device a line. Fields hold no commas or quotes.</summary>
public static class DevicesFile
{
    private const int DevicesMax = 100_000; // Ten times a large province's city; a wrong file is not read into memory.
    private const int OrderKeyBytes = 32;
    private static readonly string[] Header = ["device", "site", "village", "linkSecret", "orderKeyHex", "keyEpoch"];

    /// <exception cref="InvalidDataException">A line is not a device; the message names file, line and column.</exception>
    public static IReadOnlyList<DeviceRow> Read(string path)
    {
        var rows = new List<DeviceRow>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (number == 1) CheckHeader(path, line);
            else if (line.Length > 0) rows.Add(ReadRow(path, number, line));
            if (rows.Count > DevicesMax) throw new InvalidDataException($"{path}: more than {DevicesMax} devices.");
        }

        return rows.Count > 0 ? rows : throw new InvalidDataException($"{path}: no devices.");
    }

    /// <summary>The part of the devices that this process simulates.</summary>
    public static IReadOnlyList<DeviceRow> Choose(IReadOnlyList<DeviceRow> rows, Slice? slice, int? take, IReadOnlySet<string>? except = null)
    {
        IEnumerable<DeviceRow> chosen = rows;
        if (slice is { } s) chosen = rows.Where((_, i) => i % s.Of == s.Index - 1);
        if (take is { } n) chosen = chosen.Take(n);
        return [.. chosen.Where(row => except is null || !except.Contains(row.Device))];
    }

    private static void CheckHeader(string path, string line)
    {
        if (!line.TrimStart('\uFEFF').Split(',').Take(Header.Length).SequenceEqual(Header, StringComparer.Ordinal))
            throw new InvalidDataException($"{path}, line 1: expected the columns {string.Join(',', Header)}.");
    }

    private static DeviceRow ReadRow(string path, int number, string line)
    {
        var fields = line.Split(',');
        if (fields.Length < Header.Length) throw new InvalidDataException($"{path}, line {number}: {fields.Length} columns, expected {Header.Length} or more.");
        if (fields[4].Length != 2 * OrderKeyBytes || !fields[4].All(char.IsAsciiHexDigit))
            throw new InvalidDataException($"{path}, line {number}: orderKeyHex is not {OrderKeyBytes} bytes in hex.");
        if (!int.TryParse(fields[5], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
            throw new InvalidDataException($"{path}, line {number}: keyEpoch is not a number.");
        return new DeviceRow(fields[0], fields[1], fields[2], fields[3], Convert.FromHexString(fields[4]), epoch);
    }
}
