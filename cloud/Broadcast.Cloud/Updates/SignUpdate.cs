using System.CommandLine;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Broadcast.Link;
using Broadcast.Link.Update;

namespace Broadcast.Cloud.Updates;

/// <summary>Makes the key of the gateways' programs, and signs a folder as a package. Both need no running cloud: the key belongs on a machine that is none.</summary>
public static class SignUpdate
{
    public static Command BuildKey()
    {
        var folder = new Argument<string>("folder") { Description = "Where update.key (secret) and update.pub.pem (for the gateways) go." };
        var command = new Command("update-key", "Make a key pair for packages of the gateways' program.") { folder };
        command.SetAction(async (parsed, ct) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(folder));
            PrivateFiles.CreateFolder(path);
            var secret = Path.Combine(path, "update.key");
            if (File.Exists(secret))
            {
                await Console.Error.WriteLineAsync($"{secret} is there already; a new key would be strange to every gateway.".AsMemory(), ct);
                return 2;
            }

            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.Write(secret, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
            await File.WriteAllTextAsync(Path.Combine(path, "update.pub.pem"), key.ExportSubjectPublicKeyInfoPem(), ct);
            await Console.Out.WriteLineAsync($"{secret} {Path.Combine(path, "update.pub.pem")}".AsMemory(), ct);
            return 0;
        });
        return command;
    }

    public static Command BuildSign()
    {
        var folder = new Argument<string>("folder") { Description = "The published gateway." };
        var package = new Argument<string>("package") { Description = "The file to make." };
        var key = new Option<string>("--key") { Description = "The secret key (update.key).", Required = true };
        var version = new Option<string>("--release") { Description = "Version, for people.", Required = true };
        var number = new Option<long>("--number") { Description = "Number, above every earlier one.", Required = true };
        var target = new Option<string?>("--target") { Description = "Machine: linux-arm64 or linux-x64; this one by default." };
        var command = new Command("sign-update", "Make a signed package of a gateway's program.") { folder, package, key, version, number, target };
        command.SetAction(async (parsed, ct) =>
        {
            var (from, to) = (Path.GetFullPath(parsed.GetRequiredValue(folder)), Path.GetFullPath(parsed.GetRequiredValue(package)));
            var machine = parsed.GetValue(target) ?? "linux-" + System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
            var payload = to + ".tgz";
            try
            {
                using var secret = ECDsa.Create();
                secret.ImportFromPem(await File.ReadAllTextAsync(parsed.GetRequiredValue(key), ct));
                await using (var zipped = new GZipStream(File.Create(payload), CompressionLevel.Optimal)) await TarFile.CreateFromDirectoryAsync(from, zipped, includeBaseDirectory: false, ct);
                UpdatePackage.Write(payload, parsed.GetRequiredValue(version), parsed.GetRequiredValue(number), machine, secret, to);
                await Console.Out.WriteLineAsync($"{to}: {parsed.GetRequiredValue(version)}, number {parsed.GetRequiredValue(number)}, {machine}, {new FileInfo(to).Length} bytes".AsMemory(), ct);
                return 0;
            }
            catch (Exception unfit) when (unfit is IOException or ArgumentException or CryptographicException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"Not signed: {unfit.Message}".AsMemory(), ct);
                return 2;
            }
            finally
            {
                File.Delete(payload);
            }
        });
        return command;
    }
}
