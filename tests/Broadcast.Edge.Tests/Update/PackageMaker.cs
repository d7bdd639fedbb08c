using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Broadcast.Edge.Update;
using Broadcast.Link.Update;
using Broadcast.Testing;

namespace Broadcast.Edge.Tests.Update;

/// <summary>Makes packages as the bureau does: of the gateway that was built, or of something that only looks like one.</summary>
internal sealed class PackageMaker : IDisposable
{
    private readonly TempFolder _folder;

    public PackageMaker(TempFolder folder)
    {
        _folder = folder;
        File.WriteAllText(KeyFile, Key.ExportSubjectPublicKeyInfoPem());
    }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string KeyFile => _folder["update-key.pem"];

    public static string Built => Path.GetDirectoryName(BuiltProject.Assembly("edge/Broadcast.Edge"))!;

    /// <summary>The gateway itself under another version, less what other machines need.</summary>
    public byte[] Gateway(string version, long number) => Make(Staged(), version, number);

    /// <summary>A folder of the gateway that was built, as it would be published for this machine.</summary>
    public string Staged()
    {
        foreach (var file in Directory.EnumerateFiles(Built, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Built, file)))
            if (!file.StartsWith("runtimes/", StringComparison.Ordinal) || file.StartsWith("runtimes/linux-x64/", StringComparison.Ordinal) || file.StartsWith("runtimes/unix/", StringComparison.Ordinal))
                File.Copy(Path.Combine(Built, file), _folder["gateway/" + file], overwrite: true);
        return _folder["gateway/x"][..^2];
    }

    /// <summary>A package whose start is this shell script.</summary>
    public byte[] Script(string script, string version, long number)
    {
        var folder = _folder[$"script-{number}/x"][..^2];
        Directory.CreateDirectory(folder);
        var program = Path.Combine(folder, "Broadcast.Edge");
        File.WriteAllText(program, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Make(folder, version, number);
    }

    public byte[] Make(string folder, string version, long number, string? target = null, ECDsa? key = null)
    {
        var (tar, file) = (_folder[$"payload-{number}.tgz"], _folder[$"package-{number}"]);
        using (var zipped = new GZipStream(File.Create(tar), CompressionLevel.Fastest)) TarFile.CreateFromDirectory(folder, zipped, includeBaseDirectory: false);
        UpdatePackage.Write(tar, version, number, target ?? UpdateJudge.Target, key ?? Key, file);
        return File.ReadAllBytes(file);
    }

    public void Dispose() => Key.Dispose();
}
