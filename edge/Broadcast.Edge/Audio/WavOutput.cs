using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Broadcast.Edge.Audio;

/// <summary>
/// Writes each stretch of sound to a WAV file of its own, named by its time, at the pace of real time: what a gateway without a
/// sound card would have said, to be heard and measured. The header is kept true while it grows, so a file of a killed
/// process can be played too. Old files go when there are too many.
/// </summary>
internal sealed class WavOutput(string folder, TimeProvider time, int filesMax = WavOutput.FilesMax) : ISoundOutput
{
    /// <summary>About a day of warnings; 100 files of half a minute are 130 MB.</summary>
    public const int FilesMax = 100;

    /// <summary>Where the card takes none: the last few, which leave a small machine its memory.</summary>
    public const int FilesInMemoryMax = 10;

    private const int HeaderBytes = 44;

    private FileStream? _file;

    public TimeSpan Lead => TimeSpan.Zero;

    /// <summary>The file that is being written, or was last.</summary>
    public string? Path { get; private set; }

    public void Open()
    {
        try
        {
            Directory.CreateDirectory(folder);
            Thin();
            Path = NameNow();
            _file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            _file.Write(Header(0));
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"The WAV folder {folder} cannot be written: {refused.Message}", refused);
        }
    }

    public void Write(ReadOnlySpan<short> block)
    {
        if (_file is null) throw new IOException("The WAV file is not open.");
        _file.Write(MemoryMarshal.AsBytes(block));
        var bytes = _file.Length - HeaderBytes;
        _file.Position = 0;
        _file.Write(Header((uint)bytes));
        _file.Position = HeaderBytes + bytes;
    }

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private string NameNow()
    {
        var name = System.IO.Path.Combine(folder, time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", System.Globalization.CultureInfo.InvariantCulture));
        var path = name + ".wav";
        for (var i = 2; File.Exists(path); i++) path = $"{name}-{i}.wav"; // The clock may have been set back.
        return path;
    }

    private void Thin()
    {
        var files = Directory.GetFiles(folder, "*.wav");
        if (files.Length < filesMax) return;
        Array.Sort(files, StringComparer.Ordinal);
        foreach (var old in files.AsSpan(0, files.Length - filesMax + 1)) File.Delete(old);
    }

    private static byte[] Header(uint dataBytes)
    {
        var header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), dataBytes + HeaderBytes - 8);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(22), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), Pcm.SamplesPerSecond);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), Pcm.SamplesPerSecond * Pcm.BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(32), Pcm.BytesPerSample);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), dataBytes);
        return header;
    }
}
