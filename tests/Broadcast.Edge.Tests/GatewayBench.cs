using System.Device.Gpio;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Tests.Hardware;
using Broadcast.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Edge.Tests;

/// <summary>A whole gateway in this process, on a register-level board, with a cloud that can be away.</summary>
internal sealed class GatewayBench : IAsyncDisposable
{
    public const int SirenPin = 17;
    public const int AmplifierPin = 27;
    public const int StopPin = 22;
    public const int TamperPin = 23;
    public const int MainsPin = 24;
    public const int RainPin = 25;
    public const int TalkPin = 5;

    private readonly IHost _host;

    private GatewayBench(IHost host, TestCloud cloud, Bcm2711 chip, Ads1115Chip adc, SimulatedLine line)
    {
        Line = line;
        _host = host;
        Cloud = cloud;
        Chip = chip;
        Adc = adc;
    }

    public TestCloud Cloud { get; }

    public Bcm2711 Chip { get; }

    public Ads1115Chip Adc { get; }

    /// <summary>Amplifier and loudspeakers.</summary>
    public SimulatedLine Line { get; }

    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public static async Task<GatewayBench> StartAsync(TempFolder folder, WatchSettings watch, bool cloudIsAway = false, string page = "", LineSettings? line = null, MicrophoneSettings? microphone = null, string board = "", UplinkSettings[]? uplinks = null, string township = "")
    {
        var cloud = await TestCloud.StartAsync(folder.Path);
        cloud.IsAway = cloudIsAway;
        var chip = new Bcm2711();
        var adc = new Ads1115Chip { Inputs = { [0] = 800_000, [1] = 2_272_131 } }; // 8 mA, 12.6 V.
        foreach (var pin in new[] { MainsPin, TamperPin }) chip.Wire(pin, high: false);
        // Nothing of its own accord, unless a test is about it.
        var settings = Settings(folder, cloud, watch, page, line ?? new LineSettings { SuperviseSeconds = 0, SelfTestMinutes = 0 }, microphone ?? new MicrophoneSettings(), board, uplinks ?? [], township);
        var loudspeakers = new SimulatedLine(new WavOutput(GatewayHost.WavFolderOf(settings, settings.Data), TimeProvider.System), chip, adc, AmplifierPin);
        var host = GatewayHost.Build(settings, services =>
        {
            services.AddSingleton(new HardwareAccess(() => new GpioController(chip), _ => adc));
            services.AddSingleton<ISoundOutput>(loudspeakers);
        });
        await host.StartAsync();
        return new GatewayBench(host, cloud, chip, adc, loudspeakers);
    }

    /// <summary>Tips of the gauge, 25 ms closed and 25 ms open each: the gauge's contact settles in 10 ms.</summary>
    public async Task TipAsync(int tips)
    {
        for (var i = 0; i < tips; i++)
        {
            // Not a wait for anything: this is the length of the pulse. A periodic timer would make the one after a late one too short.
            Chip.Wire(RainPin, high: false);
            await Task.Delay(25);
            Chip.Wire(RainPin, high: true);
            await Task.Delay(25);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await Cloud.DisposeAsync();
    }

    private static EdgeSettings Settings(TempFolder folder, TestCloud cloud, WatchSettings watch, string page, LineSettings line, MicrophoneSettings microphone, string board, UplinkSettings[] uplinks, string township) => SettingsReader.Checked(new EdgeSettings
    {
        Device = new DeviceSettings { Id = TestCloud.Device, OrderKey = Convert.ToHexStringLower(TestCloud.OrderKey) },
        Link = new LinkSettings { Host = "127.0.0.1", Port = cloud.Port, Ca = cloud.CaFile, Secret = TestCloud.Secret, Uplinks = uplinks },
        Sound = new SoundSettings { Output = "wav", WavFolder = folder["wav"], NightVolumeMax = 100 }, // At any hour of the day the same volume.
        Page = new PageSettings { Listen = page },
        Township = new TownshipSettings { Listen = township },
        Watch = watch,
        Line = line,
        Microphone = microphone,
        Data = folder["data"],
        Board = board.Length > 0 ? board : Path.Combine(BuiltProject.RepositoryRoot, "hardware/boards/raspberrypi-gateway-1/board.json"),
    });
}
