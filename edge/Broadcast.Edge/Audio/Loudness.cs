using Broadcast.Device;

namespace Broadcast.Edge.Audio;

/// <summary>How loud an order may be at this site and hour.</summary>
internal static class Loudness
{
    /// <summary>The volume in percent: what the order asks for, within the site's limits by day and night.</summary>
    /// <param name="order">What is to be said.</param>
    /// <param name="sound">The site's limits.</param>
    /// <param name="localHour">0 to 23; null when the time is not known, and no night limit holds.</param>
    /// <param name="wanted">What the cloud wants of the site; its volumes take the place of the machine's own.</param>
    public static int Percent(Order order, SoundSettings sound, int? localHour, SiteSettings? wanted = null)
    {
        if (wanted is not null)
        {
            // Of an hour that is not known the loudest counts: too loud is a nuisance, too quiet may be worse.
            return order.IsActual
                ? Math.Clamp(Math.Max(order.Volume, wanted.ActualVolumeMin), 0, wanted.ActualVolumeMax)
                : Math.Clamp(order.Volume, 0, localHour is { } now ? wanted.VolumeByHour[now] : wanted.VolumeByHour.Max());
        }
        if (order.IsActual) return Math.Clamp(Math.Max(order.Volume, sound.ActualVolumeMin), 0, sound.VolumeMax);
        var most = localHour is { } hour && IsNight(hour, sound) ? Math.Min(sound.NightVolumeMax, sound.VolumeMax) : sound.VolumeMax;
        return Math.Clamp(order.Volume, 0, most);
    }

    /// <summary>Percent to amplitude. By the square, so that half is half to the ear (-12 dB) and the lower end can still be set.</summary>
    public static float Gain(int percent) => percent / 100f * (percent / 100f);

    private static bool IsNight(int hour, SoundSettings sound) => sound.NightFromHour <= sound.NightToHour
        ? hour >= sound.NightFromHour && hour < sound.NightToHour
        : hour >= sound.NightFromHour || hour < sound.NightToHour;
}
