using System.Buffers.Binary;
using Broadcast.Edge.Audio;
using Broadcast.Edge.Gateway;
using Broadcast.Edge.Recordings;
using Broadcast.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests;

public sealed class LiveReceiverTests : IDisposable
{
    private readonly TempFolder _folder = new("live");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_that_dies_without_a_word_while_somebody_speaks_is_dialled_anew()
    {
        await using var cloud = await TestCloud.StartAsync(_folder.Path);
        var asked = 0;
        cloud.Live = async http =>
        {
            var isFirst = Interlocked.Increment(ref asked) == 1;
            await http.Response.Body.WriteAsync(Block(cloud.NowMs));
            await http.Response.Body.FlushAsync();
            // A modem that has changed its cell: no end of the stream, no more blocks, though the speaker speaks.
            if (isFirst) await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        var settings = new EdgeSettings
        {
            Device = new DeviceSettings { Id = TestCloud.Device, OrderKey = Convert.ToHexStringLower(TestCloud.OrderKey) },
            Link = new LinkSettings { Host = "127.0.0.1", Port = cloud.Port, Ca = cloud.CaFile, Secret = TestCloud.Secret },
            Recordings = new RecordingSettings { From = cloud.AudioAddress },
        };
        await using var uplink = new Uplink(settings, TimeProvider.System);
        using var door = new CloudDoor(settings, uplink);
        var receiver = new LiveReceiver(door, new WavOutput(_folder["wav"], TimeProvider.System), TimeProvider.System, NullLogger<LiveReceiver>.Instance) { WallMs = () => cloud.NowMs };

        var speech = receiver.Begin(cloud.Alert(""), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => speech.Look().State == SpeechState.Complete, TimeSpan.FromMinutes(1));
        asked.ShouldBe(2);
    }

    // A tenth of a second, as the cloud hands it on.
    private static byte[] Block(long capturedMs)
    {
        const int Samples = Pcm.SamplesPerSecond / 10;
        var block = new byte[10 + (Samples * Pcm.BytesPerSample)];
        BinaryPrimitives.WriteInt64LittleEndian(block, capturedMs);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(8), Samples);
        block.AsSpan(10).Fill(0x20);
        return block;
    }
}
