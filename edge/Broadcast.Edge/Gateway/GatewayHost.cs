using Broadcast.Edge.Audio;
using Broadcast.Edge.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Broadcast.Edge.Gateway;

/// <summary>Puts the gateway together.</summary>
internal static class GatewayHost
{
    public static IHost Build(EdgeSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        // One line an entry: journald adds time and unit itself.
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Services
            .AddSingleton(settings).AddSingleton(settings.Sound).AddSingleton(settings.Speech).AddSingleton(TimeProvider.System)
            .AddSingleton<GatewayStore>().AddSingleton<Uplink>().AddSingleton<GatewayBody>()
            .AddSingleton<ISpeaker, SynthesizerSpeaker>().AddSingleton<ISoundOutput>(OutputOf)
            .AddSingleton<SoundLoop>().AddSingleton<GatewayLoop>()
            .AddHostedService(services => services.GetRequiredService<SoundLoop>())
            .AddHostedService(services => services.GetRequiredService<GatewayLoop>());
        return builder.Build();
    }

    private static ISoundOutput OutputOf(IServiceProvider services)
    {
        var settings = services.GetRequiredService<EdgeSettings>();
        var sound = settings.Sound;
        var isAlsa = sound.Output == "alsa" || (sound.Output == "auto" && AlsaOutput.HasSoundCard());
        if (isAlsa) return new AlsaOutput(sound.Player, sound.AlsaDevice);
        var folder = sound.WavFolder.Length > 0 ? sound.WavFolder : Path.Combine(settings.Data, "wav");
        return new WavOutput(folder, services.GetRequiredService<TimeProvider>());
    }
}
