using System.Reflection;

namespace Broadcast.Orleans.Tests.Real;

/// <summary>The stand-in offers nothing that the packages do not have, by its list in eng/standins/Microsoft.Orleans/surface.txt.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public void The_packages_have_everything_that_the_stand_in_offers()
    {
        var real = Directory.GetFiles(AppContext.BaseDirectory, "Orleans.*.dll").Select(Assembly.LoadFrom)
            .SelectMany(a => a.GetTypes()).Where(t => t.IsVisible)
            .SelectMany(Surface.LinesWithInherited).ToHashSet(StringComparer.Ordinal);
        Surface.Listed.ShouldNotBeEmpty();
        Surface.Listed.Where(line => !real.Contains(line)).ShouldBeEmpty();
    }
}
