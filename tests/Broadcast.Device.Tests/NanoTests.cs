using System.Diagnostics;
using System.Reflection;

namespace Broadcast.Device.Tests;

/// <summary>The reference assemblies hold nothing but what the microcontroller has: a slip does not compile.</summary>
public sealed class NanoTests
{
    // One slip a line, inside a body: an error in a declaration would keep the compiler from looking into the others.
    // Each line must be an error, and the last line, which is none, must not.
    private static readonly string[] Slips =
    [
        "object A() { return new System.Collections.Generic.List<int>(); }",
        "int B(int a) { return System.Math.Abs(a); }",
        "string C(string a) { return a.Replace(\"a\", \"b\"); }",
        "object D() { int? a = null; return a; }",
        "int E() { var a = (1, 2); return a.Item1; }",
        "void F(int[] a) { System.Array.Sort(a); }",
        "bool G(char c) { return char.IsDigit(c); }",
        "object H() { System.Threading.Tasks.Task a = null; return a; }",
        "int J(byte[] a) { System.Span<byte> b = a; return b.Length; }",
        "void K(byte[] a) { System.Buffer.BlockCopy(a, 0, a, 0, 1); }",
        "int L(int[] a) { return System.Linq.Enumerable.Count(a); }",
        "object M() { System.Func<int> a = () => 1; return a; }",
        "int N(int[] a) { return a[^1]; }",
        "byte[] Q(byte[] a) { return System.Security.Cryptography.SHA256.HashData(a); }",
        "long R() { return System.DateTime.UtcNow.Ticks; }",
        "byte[] Fine(byte[] key, byte[] a) { return System.Security.Cryptography.HMACSHA256.HashData(key, a); }",
    ];

    [Fact]
    public async Task A_slip_into_what_the_microcontroller_lacks_does_not_compile()
    {
        string directory = Directory.CreateTempSubdirectory("nano").FullName;
        string source = Path.Combine(directory, "Slips.cs");
        await File.WriteAllTextAsync(source, "class Slips\n{\n" + string.Join('\n', Slips) + "\n}\n");

        (int exit, string output) = await Compile(source, Path.Combine(directory, "slips.dll"));
        Directory.Delete(directory, recursive: true);

        exit.ShouldNotBe(0);
        for (int i = 0; i < Slips.Length - 1; i++)
            output.ShouldContain($"Slips.cs({i + 3},", customMessage: $"this compiled and must not: {Slips[i]}");
        output.ShouldNotContain($"Slips.cs({Slips.Length + 2},", customMessage: output);
    }

    private static async Task<(int Exit, string Output)> Compile(string source, string target)
    {
        string references = Metadata("NanoReferences");
        ProcessStartInfo start = new(Metadata("DotNetHost")) { RedirectStandardOutput = true };
        foreach (string argument in new[] { "exec", Metadata("Compiler"), "-nologo", "-noconfig", "-nostdlib", "-langversion:10", "-target:library", "-out:" + target })
            start.ArgumentList.Add(argument);
        foreach (string assembly in new[] { "mscorlib", "nanoFramework.System.Collections", "nanoFramework.System.Text", "System.Security.Cryptography" })
            start.ArgumentList.Add("-r:" + Path.Combine(references, assembly + ".dll"));
        start.ArgumentList.Add(source);

        using Process compiler = Process.Start(start).ShouldNotBeNull();
        string output = await compiler.StandardOutput.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        return (compiler.ExitCode, output);
    }

    private static string Metadata(string key) => typeof(NanoTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == key).Value.ShouldNotBeNull();
}
