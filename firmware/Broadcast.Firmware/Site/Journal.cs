using System.Collections;
using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Site;

/// <summary>
/// What the cloud is to have of a site and does not have yet, kept in flash: alarms, and readings that sum up a stretch of time. A number is
/// never given twice. When too many readings wait, neighbours are put together to hours and then to days, no rain lost; only then the
/// oldest go. With it lies what people were told last, and the rain of the last day.
/// </summary>
public sealed class Journal
{
    private const int RecordVersion = 1;
    private const int SecondsAnHour = 3_600;

    /// <summary>Numbers skipped at each start: what was numbered and never saved is not numbered again.</summary>
    private const long NumbersReserved = 65_536;

    private readonly TwoSlotStore _store;
    private readonly ArrayList _alarms = new ArrayList();
    private readonly ArrayList _readings = new ArrayList();
    private long _lastNumber;

    /// <summary>A journal on a store, empty until <see cref="Load"/>.</summary>
    public Journal(TwoSlotStore store, long nowMs)
    {
        _store = store;
        Rain = new RainHistory(nowMs);
    }

    /// <summary>The rain of the last day.</summary>
    public RainHistory Rain { get; }

    /// <summary>The stage that people were told last, over restarts.</summary>
    public AlarmStage Told { get; set; }

    /// <summary>What was kept as told and not yet handed to the core: a power cut in between must not swallow it. Empty for nothing.</summary>
    public byte[] Unsaid { get; set; } = new byte[0];

    /// <summary>When <see cref="Unsaid"/> was to be said, in UTC milliseconds; 0 when unknown.</summary>
    public long UnsaidMs { get; set; }

    /// <summary>Alarms that wait.</summary>
    public int Alarms => _alarms.Count;

    /// <summary>Readings that wait.</summary>
    public int Readings => _readings.Count;

    /// <summary>Messages that found no room, since the start.</summary>
    public int Dropped { get; private set; }

    /// <summary>Whether the last save failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The entry at a place, alarms before readings, each oldest first.</summary>
    public JournalEntry At(int index) => (JournalEntry)(index < _alarms.Count ? _alarms[index]! : _readings[index - _alarms.Count]!);

    /// <summary>Entries that wait.</summary>
    public int Count => _alarms.Count + _readings.Count;

    /// <summary>Reads what lies in flash. Without a record the numbers begin at a place that no other board's do.</summary>
    /// <param name="windows">Rolling windows that go on from the rain of before.</param>
    /// <param name="wallMs">UTC milliseconds now; 0 when unknown.</param>
    /// <param name="random">Four random bytes.</param>
    public void Load(RainWindows windows, long wallMs, byte[] random)
    {
        byte[]? record = _store.Load();
        long awayMs = wallMs > 0 && _store.WallMs > 0 && wallMs > _store.WallMs ? wallMs - _store.WallMs : 0;
        if (record == null || !Read(record, awayMs, windows))
        {
            _alarms.Clear();
            _readings.Clear();
            Told = AlarmStage.None;
            Unsaid = new byte[0];
            long first = 0;
            for (int i = 0; i < 4; i++)
                first = (first << 8) | random[i];
            // 31 random bits above 31 of room: far more than a board ever numbers.
            _lastNumber = (first & 0x7FFFFFFF) << 31;
        }

        _lastNumber += NumbersReserved;
    }

    /// <summary>Puts everything into flash. False when it did not take it.</summary>
    public bool Save(long wallMs)
    {
        HasFailed = !_store.Save(Write(), wallMs);
        return !HasFailed;
    }

    /// <summary>A stage was reached or left.</summary>
    public void Add(Alarm alarm, long nowMs)
    {
        alarm.Number = ++_lastNumber;
        if (_alarms.Count >= FirmwareLimits.JournalAlarmsMax)
            Drop(_alarms);
        _alarms.Add(new JournalEntry(alarm, nowMs));
    }

    /// <summary>A stretch is over.</summary>
    public void Add(Reading reading, long nowMs)
    {
        reading.Number = ++_lastNumber;
        _readings.Add(new JournalEntry(reading, nowMs));
        if (_readings.Count > FirmwareLimits.JournalReadingsMax && !Thin(SecondsAnHour) && !Thin(Limits.ReadingSecondsMax))
            Drop(_readings);
    }

    /// <summary>The cloud has it for good.</summary>
    public void Remove(JournalEntry entry)
    {
        _alarms.Remove(entry);
        _readings.Remove(entry);
    }

    // Puts the oldest neighbours together that the cloud cannot have and that make no more than a stretch. True when there were some.
    private bool Thin(int secondsMax)
    {
        for (int i = 0; i + 1 < _readings.Count; i++)
        {
            JournalEntry older = (JournalEntry)_readings[i]!;
            JournalEntry newer = (JournalEntry)_readings[i + 1]!;
            if (older.WasOffered || newer.WasOffered || older.Reading!.Seconds + newer.Reading!.Seconds > secondsMax)
                continue;
            int rain = older.Reading.RainTenths + newer.Reading.RainTenths;
            newer.Reading.RainTenths = rain > Limits.SensorValueMax ? Limits.SensorValueMax : rain;
            newer.Reading.Seconds += older.Reading.Seconds;
            _readings.RemoveAt(i);
            return true;
        }

        return false;
    }

    private void Drop(ArrayList entries)
    {
        entries.RemoveAt(0);
        Dropped++;
    }

    private byte[] Write()
    {
        CborWriter writer = new CborWriter(512 + (Count * 64));
        writer.Int(RecordVersion);
        writer.Int(_lastNumber);
        writer.Int((int)Told);
        writer.Bytes(Unsaid);
        writer.Int(UnsaidMs);
        Rain.Write(writer);
        Write(writer, _alarms);
        Write(writer, _readings);
        return writer.ToArray();
    }

    private static void Write(CborWriter writer, ArrayList entries)
    {
        writer.Array(entries.Count);
        for (int i = 0; i < entries.Count; i++)
        {
            JournalEntry entry = (JournalEntry)entries[i]!;
            writer.Bool(entry.WasOffered);
            writer.Bytes(entry.Encode());
        }
    }

    private bool Read(byte[] record, long awayMs, RainWindows windows)
    {
        CborReader reader = new CborReader(record, 0, record.Length);
        if (reader.Int(0, int.MaxValue) != RecordVersion)
            return false;
        _lastNumber = reader.Int(0, long.MaxValue - (2 * NumbersReserved));
        Told = (AlarmStage)reader.Int((int)AlarmStage.None, (int)AlarmStage.Leave);
        Unsaid = reader.Bytes(0, Limits.WarningIdBytes);
        if (Unsaid.Length != 0 && Unsaid.Length != Limits.WarningIdBytes)
            reader.Fail();
        UnsaidMs = reader.Int(0, Limits.WallMsMax);
        Rain.Restore(reader, awayMs, windows);
        int alarms = reader.Array(FirmwareLimits.JournalAlarmsMax);
        for (int i = 0; i < alarms && !reader.Failed; i++)
            Read(reader, true);
        int readings = reader.Array(FirmwareLimits.JournalReadingsMax);
        for (int i = 0; i < readings && !reader.Failed; i++)
            Read(reader, false);
        return reader.Complete;
    }

    private void Read(CborReader reader, bool isAlarm)
    {
        bool offered = reader.Bool();
        byte[] body = reader.Bytes(0, Limits.FrameBytesMax);
        Alarm? alarm = isAlarm ? Alarm.Decode(body) : null;
        Reading? reading = isAlarm ? null : Reading.Decode(body);
        if (alarm != null)
            _alarms.Add(new JournalEntry(alarm, JournalEntry.EarlierBoot) { WasOffered = offered });
        else if (reading != null)
            _readings.Add(new JournalEntry(reading, JournalEntry.EarlierBoot) { WasOffered = offered });
        else
            reader.Fail();
    }
}
