using System;
using Broadcast.Firmware.Link;
using Broadcast.Firmware.Service;
using Broadcast.Firmware.Storage;
using nanoFramework.Runtime.Native;

namespace Broadcast.Firmware;

/// <summary>Puts the firmware together from what lies in flash, and runs its loop.</summary>
public sealed class Runner
{
    // Built when this system was: a clock that shows less is wrong.
    private const long BuiltMs = 1_795_219_200_000;

    private readonly IClock _clock;
    private readonly string _flashRoot;
    private readonly Mailbox _mailbox = new Mailbox();
    private bool _ended;

    /// <summary>A runner.</summary>
    /// <param name="clock">The board's time.</param>
    /// <param name="flashRoot">Where the files of the flash lie, with the separator.</param>
    public Runner(IClock clock, string flashRoot)
    {
        _clock = clock;
        _flashRoot = flashRoot;
    }

    /// <summary>The gateway, once it runs; null while the board is not provisioned.</summary>
    public Gateway? Gateway { get; private set; }

    /// <summary>Runs until <see cref="End"/>; on the board that is never.</summary>
    public void Run()
    {
        RestartMark mark = new RestartMark(Store("mark", FirmwareLimits.MarkSlotBytes));
        TwoSlotStore settingsStore = Store("settings", FirmwareLimits.SettingsSlotBytes);
        Settings settings = Settings.Read(settingsStore.Load() ?? new byte[0], out string fault);
        ServicePort service = new ServicePort(GatewayParts.OpenServicePort(_mailbox), settingsStore);
        if (fault.Length == 0)
            RunGateway(settings, mark, service);
        else
            RunEmpty(mark, service, fault);
    }

    /// <summary>Ends the loop, from any thread.</summary>
    public void End()
    {
        _ended = true;
        _mailbox.Wake();
    }

    // A board without settings does one thing: it takes them.
    private void RunEmpty(RestartMark mark, ServicePort service, string fault)
    {
        service.Status = () => "not provisioned: " + fault;
        while (!_ended)
        {
            StepService(mark, service);
            _mailbox.Wait(FirmwareLimits.LoopWaitMsMax);
        }
    }

    private void RunGateway(Settings settings, RestartMark mark, ServicePort service)
    {
        GatewayParts parts = new GatewayParts(settings, _clock);
        GatewayMemory memory = new GatewayMemory(
            Store("state", FirmwareLimits.StateSlotBytes), Store("journal", FirmwareLimits.JournalSlotBytes), Store("wishes", FirmwareLimits.WishesSlotBytes), mark);
        long floorMs = memory.State.WallMs > settings.ProvisionedMs ? memory.State.WallMs : settings.ProvisionedMs;
        floorMs = floorMs > BuiltMs ? floorMs : BuiltMs;
        long shownMs = parts.Clock.Read();
        // What the battery clock shows is the best first guess for the dates of certificates.
        if (shownMs > floorMs && shownMs < Device.Limits.WallMsMax)
            _clock.Set(shownMs);
        CertificateTime time = new CertificateTime(_clock, floorMs);
        INetwork network = Hardware.Board.IsWifi ? new Wifi(settings.WifiNetwork, settings.WifiPassword) : new Ethernet();
        MqttUplink uplink = new MqttUplink(settings, _mailbox, network, time);
        Gateway gateway = new Gateway(settings, _clock, parts, _mailbox, uplink, time, memory);
        LoopGuard guard = new LoopGuard(_clock, parts.Siren, mark);
        gateway.Start(_clock.MonotonicMs);
        Gateway = gateway;
        service.Device = settings.Device;
        service.Status = () => gateway.Describe(uplink.LastError);
        while (!_ended)
        {
            Step(gateway, guard, mark);
            StepService(mark, service);
            _mailbox.Wait(gateway.WaitMs(_clock.MonotonicMs));
        }

        guard.End();
        uplink.End();
    }

    private void Step(Gateway gateway, LoopGuard guard, RestartMark mark)
    {
        try
        {
            gateway.Step(_clock.MonotonicMs);
            guard.Beat(_clock.MonotonicMs);
            if (gateway.LinkIsHung)
                Restart(mark, ResetReason.LinkHung);
        }
        catch (Exception)
        {
            // The core itself failed: its state is not to be trusted any more, and what it saved is. The siren goes off with the pins.
            Restart(mark, ResetReason.Fault);
        }
    }

    private void StepService(RestartMark mark, ServicePort service)
    {
        try
        {
            service.Step();
        }
        catch (Exception)
        {
            // A serial driver that fails takes the service port with it, and nothing else.
            service.Status = () => "the service port failed";
        }

        if (service.RestartWanted != ResetReason.Unknown)
            Restart(mark, service.RestartWanted);
    }

    private void Restart(RestartMark mark, ResetReason reason)
    {
        mark.Leave(reason);
        // On the board this does not return; on the host the machine starts the firmware anew.
        _ended = true;
        Power.RebootDevice();
    }

    private TwoSlotStore Store(string name, int slotBytes) => new TwoSlotStore(new FileSlots(_flashRoot, name, slotBytes));
}
