namespace Broadcast.Orleans.Tests.StandIn;

/// <summary>
/// eng/standins/Microsoft.Orleans/surface.txt lists what the stand-in offers. Here the list is held up to date;
/// in the real lane every line of it is held to be true of the packages.
/// </summary>
public sealed class SurfaceTests
{
    [Fact]
    public void The_list_of_what_the_stand_in_offers_is_up_to_date()
    {
        var lines = Surface.LinesOf(typeof(Grain).Assembly).ToArray();
        if (!lines.SequenceEqual(Surface.Listed))
            File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, "surface.now.txt"), lines);
        lines.ShouldBe(Surface.Listed, "surface.now.txt beside this assembly is what the list should say.");
    }
}
