using System.Reflection;

namespace Broadcast.Orleans.Tests;

/// <summary>
/// eng/standins/Microsoft.Orleans/surface.txt lists what the stand-in offers. In the stand-in lane the list is held up to date,
/// in the real lane every line of it is held to be true of the packages.
/// </summary>
public sealed class SurfaceTests
{
    private static readonly bool Real = typeof(Grain).Assembly.GetName().Name != "Microsoft.Orleans";

    private static string[] Listed => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "surface.txt"));

    [Fact]
    public void The_list_of_what_the_stand_in_offers_is_up_to_date()
    {
        Assert.SkipWhen(Real, "The stand-in is not in this build.");
        var lines = Surface.LinesOf(typeof(Grain).Assembly).ToArray();
        if (!lines.SequenceEqual(Listed))
            File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, "surface.now.txt"), lines);
        lines.ShouldBe(Listed, "surface.now.txt beside this assembly is what the list should say.");
    }

    [Fact]
    public void The_packages_have_everything_that_the_stand_in_offers()
    {
        Assert.SkipUnless(Real, "The packages are not in this build.");
        var types = Directory.GetFiles(AppContext.BaseDirectory, "Orleans.*.dll").Select(Assembly.LoadFrom)
            .SelectMany(a => a.GetTypes()).Where(t => t.IsVisible).ToArray();
        var real = types.SelectMany(Surface.LinesWithInherited).ToHashSet(StringComparer.Ordinal);
        Listed.Where(line => !real.Contains(line)).ShouldBeEmpty();
    }
}
