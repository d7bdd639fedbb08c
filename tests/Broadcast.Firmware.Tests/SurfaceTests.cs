using Mono.Cecil;

namespace Broadcast.Firmware.Tests;

/// <summary>
/// The stand-ins run what the reference library lets compile, and the other way round: what works on the host is there on the
/// microcontroller, and what compiles for it has something to run on.
/// </summary>
public sealed class SurfaceTests
{
    // On the host these are .NET's own.
    private static readonly string[] OfDotNet = ["System.DateTime", "System.TimeSpan", "System.Random", "System.Environment", "System.Console", "System.Threading.", "System.Security.", "System.IO.File", "System.IO.Stream", "System.IO.SeekOrigin", "System.IO.IOException"];

    // The machine behind the stand-ins, and what the microcontroller has in its core library.
    private static readonly string[] Others = ["nanoFramework.Machine.", "System.SpanByte"];

    [Fact]
    public void Stand_ins_and_reference_library_have_the_same_members()
    {
        var standIn = Members(typeof(nanoFramework.Machine.BoardMachine).Assembly.Location).Where(m => !Others.Any(o => m.StartsWith(o, StringComparison.Ordinal))).ToList();
        var reference = Members(Nano.Hardware).Where(m => !OfDotNet.Any(d => m.StartsWith(d, StringComparison.Ordinal))).ToList();
        standIn.Except(reference).ShouldBeEmpty("on the host, and not on the microcontroller");
        reference.Except(standIn).ShouldBeEmpty("compiles for the microcontroller, and has nothing to run on");
        reference.Count.ShouldBeGreaterThan(150);
    }

    private static IEnumerable<string> Members(string file)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(file);
        foreach (var type in assembly.MainModule.GetTypes().Where(t => t.IsPublic || t.IsNestedPublic))
        {
            foreach (var method in type.Methods.Where(m => m.IsPublic && !IsOfEveryType(m)))
                yield return $"{type.FullName}.{method.Name}({string.Join(", ", method.Parameters.Select(p => p.ParameterType.Name))}){(method.ReturnType.Name == "Void" ? "" : ": " + method.ReturnType.Name)}";
            foreach (var field in type.Fields.Where(f => f.IsPublic && f.HasConstant))
                yield return $"{type.FullName}.{field.Name} = {Convert.ToInt64(field.Constant, System.Globalization.CultureInfo.InvariantCulture)}";
        }
    }

    private static bool IsOfEveryType(MethodDefinition method) =>
        method.Name is "Equals" or "GetHashCode" or "ToString" or "BeginInvoke" or "EndInvoke" || (method.IsConstructor && method.DeclaringType.BaseType?.Name == "MulticastDelegate");
}
