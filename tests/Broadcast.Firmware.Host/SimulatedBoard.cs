using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broadcast.Firmware.Hardware;
using Broadcast.Firmware.Storage;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Host;

/// <summary>Who a board is and where its cloud is.</summary>
internal sealed record BoardLink(string Secret, string Key, string Epoch, string Host, int Port, string AuthorityFile);

/// <summary>
/// One board with what hangs on it: a speech chip that takes as long as the real one, a level gauge, a rain gauge in a drizzle, a full battery, a
/// battery clock. Everything that it does with its pins and its chip is a line of the log. Its flash is a folder, and outlives the process.
/// </summary>
internal sealed class SimulatedBoard : IDisposable
{
    private const double MsACharacter = 250; // Four characters a second, the SYN6288's ordinary speed.
    private const int LevelMicroamps = 9_600; // 3.5 m of a 10 m gauge.
    private const int BatteryMillivolts = 12_900;
    private static readonly TimeSpan TipEvery = TimeSpan.FromMinutes(2); // 6 mm an hour.
    private static readonly TimeSpan TipFor = TimeSpan.FromMilliseconds(50);

    private readonly BoardMachine _machine = new();
    private readonly string _device;
    private readonly string _flash;
    private readonly TextWriter _log;
    private readonly SpeechChipModel _chip;
    private readonly Timer _rain;
    private bool _tipping;
    private volatile bool _off;
    private volatile Runner? _runner;
    private Thread? _thread;

    public SimulatedBoard(string device, string flash, TextWriter log)
    {
        // Keys lie in it: the owner's alone.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(flash);
        else Directory.CreateDirectory(flash, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (_device, _flash, _log) = (device, flash + "/", log);
        _chip = new SpeechChipModel(hasCheckByte: true, () => Environment.TickCount64) { MsACharacter = MsACharacter };
        _chip.Heard += frame => Log(frame.Text.Length > 0 ? $"chip {Convert.ToHexString(frame.Bytes.AsSpan(0, 5))}… says {frame.Text}" : $"chip {Convert.ToHexString(frame.Bytes)}");
        Wire();
        _rain = new Timer(_ => Tip(), null, TipEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes the settings where the service port would have.</summary>
    public void Provision(BoardLink link)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(link.AuthorityFile);
        var settings = new StringBuilder()
            .Append("device=").Append(_device).Append("\nkey=").Append(link.Key).Append("\nepoch=").Append(link.Epoch).Append("\nsecret=").Append(link.Secret)
            .Append("\nhost=").Append(link.Host).Append("\nport=").Append(link.Port)
            .Append("\nauthority=").Append(Convert.ToHexStringLower(authority.RawData))
            .Append("\nrain=60:300:500\nlevel=8000:9000\n").ToString();
        var store = new TwoSlotStore(new FileSlots(_flash, "settings", FirmwareLimits.SettingsSlotBytes));
        store.Load();
        if (!store.Save(Encoding.UTF8.GetBytes(settings), 0)) throw new IOException($"{_flash}: the settings could not be written");
    }

    /// <summary>The firmware begins, and begins anew whenever it restarts its board.</summary>
    public void PowerOn()
    {
        _thread = new Thread(() =>
        {
            _machine.Enter();
            while (!_off)
            {
                Log("power on");
                _runner = new Runner(new SystemClock(), _flash);
                _runner.Run();
            }
        }) { IsBackground = true, Name = _device };
        _thread.Start();
    }

    public void Dispose()
    {
        _off = true;
        _rain.Dispose();
        _runner?.End();
        _thread?.Join(TimeSpan.FromSeconds(5));
    }

    private void Wire()
    {
        _machine.Uart("COM3").Device = _chip;
        _machine.Pin(Board.SpeechBusyPin).Connect(() => _chip.IsBusy);
        _machine.ConnectI2c(Ds3231Model.Address, new Ds3231Model(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        _machine.ConnectAdc(Board.LevelChannel, () => Raw(LevelMicroamps * (long)Board.LevelShuntOhms));
        _machine.ConnectAdc(Board.BatteryChannel, () => Raw(BatteryMillivolts * 1_000L * Board.BatteryLowerOhms / (Board.BatteryUpperOhms + Board.BatteryLowerOhms)));
        foreach (var closed in new[] { Board.TamperPin, Board.MainsPin }) _machine.Pin(closed).Drive(false);
        foreach (var open in new[] { Board.RainPin, Board.StopPin }) _machine.Pin(open).Drive(true);
        Watch(Board.SirenPin, "siren");
        Watch(Board.AmplifierPin, "amplifier");
        Watch(Board.StatusPin, "online lamp");
    }

    private void Watch(int pin, string name)
    {
        var was = false;
        _machine.Pin(pin).Driven += on =>
        {
            if (on != was) Log($"{name} {(on ? "on" : "off")}");
            was = on;
        };
    }

    // Closed for the reed's own time, then open until the next bucket is full.
    private void Tip()
    {
        _tipping = !_tipping;
        _machine.Pin(Board.RainPin).Drive(!_tipping);
        if (!_off) _rain.Change(_tipping ? TipFor : TipEvery, Timeout.InfiniteTimeSpan);
    }

    private void Log(string what) => _log.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {_device} {what}");

    private static int Raw(long microvolts) => (int)((microvolts - Board.AdcOffsetMicrovolts) / Board.AdcMicrovoltsACount);
}
