using System.Reflection;

namespace Broadcast.Architecture.Tests;

/// <summary>References point inwards: host → ledger → rules → device core; edge and cloud share only the core and the link.</summary>
public class ReferenceTests
{
    public static TheoryData<string, string[]> Allowed { get; } = new()
    {
        { "Broadcast.Device", [] },
        { "Broadcast.Link", [] },
        { "Broadcast.Edge", ["Broadcast.Device", "Broadcast.Link"] },
        { "Broadcast.Firmware", ["Broadcast.Device"] },
        { "Broadcast.Rules", ["Broadcast.Device"] },
        { "Broadcast.Ledger", ["Broadcast.Device", "Broadcast.Rules"] },
        { "Broadcast.Cloud", ["Broadcast.Device", "Broadcast.Link", "Broadcast.Ledger", "Broadcast.Rules"] },
        { "Broadcast.Cli", [] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void References_point_inwards(string assembly, string[] allowed)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name!).Where(n => n.StartsWith("Broadcast.", StringComparison.Ordinal));
        references.Except(allowed).ShouldBeEmpty($"{assembly} may reference only: {string.Join(", ", allowed)}. Move what is shared inwards.");
    }

    [Theory]
    [InlineData("Broadcast.Device", "System.Net", "System.IO", "Microsoft.", "Orleans")]
    [InlineData("Broadcast.Rules", "System.Net", "Microsoft.", "Orleans", "System.Data")]
    public void What_is_pure_touches_no_network_file_database_or_silo(string assembly, params string[] forbidden)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name!);
        references.Where(n => forbidden.Any(f => n.StartsWith(f, StringComparison.Ordinal))).ShouldBeEmpty($"{assembly} decides and does no I/O.");
    }
}
