using System.Text;
using Broadcast.Firmware.Storage;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests;

/// <summary>The firmware running as it does on a board: its own thread, its files, real time, a fast-speaking chip.</summary>
internal sealed class RunningBoard : IDisposable
{
    private readonly string _flash;
    private volatile bool _stopped;
    private volatile Runner? _runner;
    private Thread? _thread;

    public RunningBoard(string flash)
    {
        Directory.CreateDirectory(flash);
        _flash = flash + "/";
        Chip = new SpeechChipModel(hasCheckByte: true, () => Environment.TickCount64) { MsACharacter = 5 };
        Machine.Uart("COM3").Device = Chip;
        Machine.Pin(Hardware.Board.SpeechBusyPin).Connect(() => Chip.IsBusy);
        Machine.Pin(Hardware.Board.TamperPin).Drive(false);
        Machine.Pin(Hardware.Board.MainsPin).Drive(false);
    }

    public BoardMachine Machine { get; } = new();

    public SpeechChipModel Chip { get; }

    public Gateway? Gateway => _runner?.Gateway;

    public void Provision(string settings)
    {
        TwoSlotStore store = new(new FileSlots(_flash, "settings", FirmwareLimits.SettingsSlotBytes));
        store.Load();
        store.Save(Encoding.UTF8.GetBytes(settings), 0).ShouldBeTrue();
    }

    public int Starts { get; private set; }

    /// <summary>Power on: the firmware begins, and begins anew whenever it restarts the board.</summary>
    public void Start()
    {
        _thread = new Thread(() =>
        {
            Machine.Enter();
            while (!_stopped)
            {
                Starts++;
                _runner = new Runner(new SystemClock(), _flash);
                _runner.Run();
            }
        });
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _runner?.End();
        _thread?.Join();
    }
}
