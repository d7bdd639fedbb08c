using System.Text;

namespace Broadcast.Firmware.Tests;

public sealed class SettingsTests
{
    private const string Whole = "device=d-1\nkey=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nhost=h\nsecret=s\nauthority=3082\n";

    [Fact]
    public void Settings_are_read()
    {
        var settings = Read(Whole + "epoch=4\nport=18883\nwifi=村委会\nwifi-password=p\nvolume=80\nvolume-actual=70\nsiren-on-leave=no\nrain=60:300:500\nrain=180:600:900\nlevel=4000:5000\nphrase.2=快走\nprovisioned=1795300000\n", out var fault);
        fault.ShouldBe("");
        (settings.Device, settings.KeyEpoch, settings.Port, settings.WifiNetwork, settings.VolumeMax, settings.SirenOnLeave).ShouldBe(("d-1", 4, 18883, "村委会", 80, false));
        settings.Rain.Length.ShouldBe(2);
        settings.Level.Length.ShouldBe(1);
        settings.Phrases[1].ShouldBe("快走");
        settings.ProvisionedMs.ShouldBe(1_795_300_000_000);
    }

    [Theory]
    [InlineData("", "device")]
    [InlineData("device=a b\n", "device")]
    [InlineData("key=00\n", "key")]
    [InlineData("port=0\n", "port")]
    [InlineData("port=70000\n", "port")]
    [InlineData("volume=0\n", "volume")]
    [InlineData("volume=50\nvolume-actual=60\n", "volume-actual")]
    [InlineData("rain=60:500:300\n", "rain")]
    [InlineData("rain=1441:1:2\n", "rain")]
    [InlineData("rain=0:300:500\n", "rain")] // A window of nothing, in which it never rains.
    [InlineData("level=1\n", "level")]
    [InlineData("phrase.9=x\n", "phrase.9")]
    [InlineData("phrase.x=x\n", "phrase.x")]
    [InlineData("nonsense=1\n", "nonsense")]
    [InlineData("nonsense\n", "nonsense")]
    [InlineData("siren-on-leave=maybe\n", "siren-on-leave")]
    [InlineData("provisioned=99999999999999999999\n", "provisioned")]
    public void What_is_wrong_is_named_with_its_fix(string wrong, string name)
    {
        Read(wrong.Length == 0 ? "" : Whole + wrong, out var fault);
        fault.ShouldStartWith(name + ": ");
    }

    [Fact]
    public void Noise_is_no_settings_and_never_throws()
    {
        var random = new Random(6);
        for (var i = 0; i < 3_000; i++)
        {
            var noise = i % 2 == 0 ? new byte[random.Next(9_000)] : Encoding.UTF8.GetBytes(Whole);
            if (i % 2 == 0) random.NextBytes(noise);
            else noise[random.Next(noise.Length)] = (byte)random.Next(256);
            Settings.Read(noise, out _);
        }
    }

    private static Settings Read(string text, out string fault) => Settings.Read(Encoding.UTF8.GetBytes(text), out fault);
}
