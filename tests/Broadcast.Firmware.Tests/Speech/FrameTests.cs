using Broadcast.Firmware.Speech;
using nanoFramework.Machine;

namespace Broadcast.Firmware.Tests.Speech;

/// <summary>The data sheets' example frames, byte for byte: SYN6288 of 2016-03-09, chapter 4.4; XFS5152CE user development guide, 8.1 and 8.2.</summary>
public sealed class FrameTests
{
    private readonly byte[] _frame = new byte[Syn6288.FrameBytesMax];

    [Theory]
    [InlineData("8bed97f359294e0b", "FD000B01038BED97F359294E0BC3")]
    public void SYN6288_speaks_Unicode_as_its_data_sheet_shows(string units, string expected)
    {
        var text = System.Text.Encoding.BigEndianUnicode.GetString(Convert.FromHexString(units));
        Hex(new Syn6288().Text(_frame, text, 0, text.Length)).ShouldBe(expected);
    }

    [Fact]
    public void SYN6288_sets_the_volume_as_its_data_sheet_shows() => Hex(new Syn6288().Ascii(_frame, "[v11]")).ShouldBe("FD000801015B7631315D85");

    [Theory]
    [InlineData(ChipCommand.Stop, "FD000202FD", "FD000102")]
    [InlineData(ChipCommand.Pause, "FD000203FC", "FD000103")]
    [InlineData(ChipCommand.Resume, "FD000204FB", "FD000104")]
    [InlineData(ChipCommand.Status, "FD000221DE", "FD000121")]
    public void Commands_are_as_the_data_sheets_show(ChipCommand command, string syn, string xfs)
    {
        Hex(new Syn6288().Command(_frame, command)).ShouldBe(syn);
        Hex(new Xfs5152().Command(_frame, command)).ShouldBe(xfs);
    }

    [Fact]
    public void XFS5152_speaks_Unicode_as_its_guide_shows() => Hex(new Xfs5152().Text(_frame, "科大讯飞", 0, 4)).ShouldBe("FD000A0103D1792759AF8BDE98");

    [Theory]
    [InlineData(true, "FD000B0100D3EED2F4CCECCFC2C1")]
    [InlineData(true, "FD000B0101D3EED2F4CCECCFC2C0")]
    [InlineData(true, "FD000B0102A674ADB5A4D1A455BB")]
    [InlineData(true, "FD000B01038BED97F359294E0BC3")]
    [InlineData(true, "FD000B0109D3EED2F4CCECCFC2C8")]
    [InlineData(true, "FD000B0179D3EED2F4CCECCFC2B8")]
    [InlineData(false, "FD000A0100BFC6B4F3D1B6B7C9")]
    [InlineData(false, "FD000A0103D1792759AF8BDE98")]
    public void The_fake_chip_takes_every_example_of_its_data_sheet(bool hasCheckByte, string frame)
    {
        long now = 0;
        var chip = new SpeechChipModel(hasCheckByte, () => now);
        foreach (var b in Convert.FromHexString(frame)) chip.Take([b]);
        now = 10;
        chip.Give().ShouldBe([ChipStatus.Taken]);
        now = 10_000;
        chip.Give().ShouldBe([ChipStatus.Idle]);
    }

    [Fact]
    public void The_fake_chip_refuses_a_damaged_frame()
    {
        long now = 0;
        var chip = new SpeechChipModel(true, () => now);
        chip.Take(Convert.FromHexString("FD000B0100D3EED2F4CCECCFC2C2"));
        now = 10;
        chip.Give().ShouldBe([ChipStatus.Refused]);
    }

    [Fact]
    public void The_longest_part_fits_the_largest_frame()
    {
        var text = new string('水', 200);
        new Syn6288().Text(_frame, text, 0, new Syn6288().TextCharsMax).ShouldBe(Syn6288.FrameBytesMax);
        new Xfs5152().Text(_frame, text, 0, new Xfs5152().TextCharsMax).ShouldBeLessThanOrEqualTo(_frame.Length);
    }

    [Theory]
    [InlineData(0, "[d][v0][x0]", "[d][v0][x0]")]
    [InlineData(50, "[d][v8][x0]", "[d][v5][x0]")]
    [InlineData(100, "[d][v16][x0]", "[d][v10][x0]")]
    public void Percent_become_the_chips_volume(int percent, string syn, string xfs)
    {
        new Syn6288().Marks(percent).ShouldBe(syn);
        new Xfs5152().Marks(percent).ShouldBe(xfs);
    }

    private string Hex(int length) => Convert.ToHexString(_frame, 0, length);
}
