using Broadcast.Device;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Hardware;
using Broadcast.Edge.Line;
using Broadcast.Edge.Page;
using Broadcast.Edge.Recordings;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Service;
using Broadcast.Edge.Storage;
using Broadcast.Edge.Talk;
using Broadcast.Edge.Telemetry;
using Broadcast.Edge.Townships;
using Broadcast.Edge.Update;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Broadcast.Edge.Gateway;

/// <summary>Puts the gateway together.</summary>
internal static class GatewayHost
{
    /// <param name="settings">Checked already.</param>
    /// <param name="replace">For tests: puts register-level pins where the real ones are.</param>
    public static IHost Build(EdgeSettings settings, Action<IServiceCollection>? replace = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        // One line an entry: journald adds time and unit itself.
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        var recent = new RecentLog(TimeProvider.System);
        builder.Logging.AddProvider(recent);
        builder.Services
            .AddSingleton(settings).AddSingleton(settings.Sound).AddSingleton(settings.Speech).AddSingleton(TimeProvider.System)
            .AddSingleton(Board.ReadOrNone(settings.Board)).AddSingleton(HardwareAccess.Real).AddSingleton<SiteHardware>().AddSingleton<SiteConfig>().AddSingleton<SiteSensors>()
            .AddSingleton<DataFolder>().AddSingleton<GatewayStore>().AddSingleton<Uplink>().AddSingleton<GatewayBody>()
            .AddSingleton<ISpeaker, SynthesizerSpeaker>().AddSingleton<ISoundOutput>(OutputOf)
            .AddSingleton<CloudDoor>().AddSingleton<LiveReceiver>().AddSingleton<RecordingCache>().AddSingleton<RecordingFetcher>().AddSingleton<RecordingDecoder>().AddSingleton<RecordingShelf>()
            .AddSingleton<SoundLoop>().AddSingleton<LineWatch>().AddSingleton<PushToTalk>().AddSingleton<ISoundInput>(InputOf).AddSingleton<SpeechCheck>().AddSingleton<ServiceNotice>()
            .AddSingleton(recent).AddSingleton<PageDoor>().AddSingleton<SiteDoors>().AddSingleton<SelfTest>().AddSingleton<LocalPage>().AddSingleton<GatewayLoop>().AddSingleton<CloudJournal>()
            .AddSingleton(new TownshipPi(settings.Device.Id, Convert.FromHexString(settings.Device.OrderKey), settings.Device.KeyEpoch, settings.Township.Listen.Length > 0))
            .AddSingleton<ITownshipStore>(services => services.GetRequiredService<GatewayStore>()).AddSingleton<TownshipList>().AddSingleton(RelayOf).AddSingleton(VoiceOf).AddSingleton<ChildDoor>()
            .AddHostedService(services => services.GetRequiredService<ChildDoor>()) // First: what it hears of the loop, it hears from the beginning.
            .AddHostedService(services => services.GetRequiredService<SoundLoop>())
            .AddHostedService(services => services.GetRequiredService<GatewayLoop>())
            .AddHostedService(services => services.GetRequiredService<CloudJournal>())
            .AddHostedService(services => services.GetRequiredService<SiteSensors>())
            .AddHostedService(services => services.GetRequiredService<LineWatch>())
            .AddHostedService(services => services.GetRequiredService<LocalPage>())
            .AddHostedService(services => services.GetRequiredService<ServiceNotice>())
            .AddSingleton<Updater>().AddHostedService(services => services.GetRequiredService<Updater>())
            .AddSingleton<TelemetryExport>().AddHostedService(services => services.GetRequiredService<TelemetryExport>())
            .AddSingleton<ReadyFile>().AddHostedService(services => services.GetRequiredService<ReadyFile>());
        replace?.Invoke(builder.Services);
        return builder.Build();
    }

    private static ISoundOutput OutputOf(IServiceProvider services)
    {
        var settings = services.GetRequiredService<EdgeSettings>();
        var sound = settings.Sound;
        var isAlsa = sound.Output == "alsa" || (sound.Output == "auto" && AlsaOutput.HasSoundCard());
        if (isAlsa) return new AlsaOutput(sound.Player, sound.AlsaDevice, services.GetRequiredService<TimeProvider>());
        var data = services.GetRequiredService<DataFolder>();
        return new WavOutput(WavFolderOf(settings, data.Path), services.GetRequiredService<TimeProvider>(), data.IsReadOnly ? WavOutput.FilesInMemoryMax : WavOutput.FilesMax);
    }

    private static ISoundInput InputOf(IServiceProvider services)
    {
        var microphone = services.GetRequiredService<EdgeSettings>().Microphone;
        return microphone.WavFile.Length > 0 ? new WavInput(microphone.WavFile, services.GetRequiredService<TimeProvider>()) : new AlsaInput(microphone.Recorder, microphone.AlsaDevice);
    }

    private static ChildRelay RelayOf(IServiceProvider services)
    {
        var (uplink, loop) = (services.GetRequiredService<Uplink>(), services.GetRequiredService<GatewayLoop>());
        var relay = new ChildRelay(services.GetRequiredService<TownshipPi>(), uplink.TryPublish, services.GetRequiredService<TownshipList>(), services.GetRequiredService<ILogger<ChildRelay>>());
        uplink.ChildFrame = relay.Deliver;
        uplink.ChildAcknowledged = relay.Acknowledged;
        loop.Settled += () => relay.LookAtSession(loop.Core.IsSessionUp);
        return relay;
    }

    private static TownshipVoice VoiceOf(IServiceProvider services)
    {
        var (loop, list, time) = (services.GetRequiredService<GatewayLoop>(), services.GetRequiredService<TownshipList>(), services.GetRequiredService<TimeProvider>());
        (long, bool) Clock() => (loop.Clock is { Quality: not ClockQuality.Unknown } clock ? loop.NowMs + clock.OffsetMs : time.GetUtcNow().ToUnixTimeMilliseconds(), loop.Clock.Quality == ClockQuality.Cloud);
        var voice = new TownshipVoice(services.GetRequiredService<TownshipPi>(), services.GetRequiredService<ITownshipStore>(), list, services.GetRequiredService<ChildRelay>(), Clock, services.GetRequiredService<ILogger<TownshipVoice>>());
        loop.TownshipCame += list.Take;
        loop.Spread += voice.Say;
        return voice;
    }

    public static string WavFolderOf(EdgeSettings settings, string data) => settings.Sound.WavFolder.Length > 0 ? settings.Sound.WavFolder : Path.Combine(data, "wav");
}
