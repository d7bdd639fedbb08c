using Broadcast.Device;

namespace Broadcast.Firmware.OnTarget;

/// <summary>A core with a body that remembers, and a cloud's hand to send frames.</summary>
internal sealed class TargetBench
{
    internal const long Noon = 1_795_000_000_000;
    private const string DeviceId = "dev-1";
    private const int KeyEpoch = 3;

    private static readonly byte[] s_key = VectorTests.Key();

    private long _sequence = Noon;

    internal TargetBench()
    {
        Core = new DeviceCore(DeviceId, s_key, KeyEpoch, Body, null);
        Core.Start(NowMs, 0, ClockQuality.Unknown, 0);
        Welcome();
    }

    internal TargetBody Body { get; } = new TargetBody();

    internal DeviceCore Core { get; private set; }

    internal long NowMs { get; set; } = 5_000;

    internal Order Alert(WarningLevel level, WarningClass warningClass)
    {
        _sequence++;
        byte[] id = new byte[16];
        for (int i = 0; i < 8; i++)
            id[i] = (byte)(_sequence >> (8 * i));
        return new Order
        {
            WarningId = id, Revision = 1, Class = warningClass, Level = level, Issuer = RegionLevel.County, Event = "11B03", Sequence = _sequence,
            NotBeforeMs = Noon - 1_000, ExpiresMs = Noon + 3_600_000, Text = "暴雨红色预警,请立即转移。", Repetitions = 2, ToneMs = 3_000, Siren = true,
        };
    }

    internal void Send(Order order) => Core.Received(Envelope.Seal(s_key, KeyEpoch, Direction.Down, DeviceId, MessageType.Order, order.Encode()), NowMs);

    internal void Receive(byte[] frame) => Core.Received(frame, NowMs);

    internal static byte[] Frame(Order order) => Envelope.Seal(s_key, KeyEpoch, Direction.Down, DeviceId, MessageType.Order, order.Encode());

    /// <summary>The power goes and comes back; what was saved is all there is.</summary>
    internal void Reboot()
    {
        Core = new DeviceCore(DeviceId, s_key, KeyEpoch, Body, Body.Saved);
        Core.Start(NowMs, 0, ClockQuality.Unknown, 0);
        Welcome();
    }

    private void Welcome()
    {
        Core.LinkUp(NowMs);
        byte[] last = (byte[])Body.Sent[Body.Sent.Count - 1]!;
        Hello hello = Hello.Decode(Envelope.Open(last, s_key, KeyEpoch, Direction.Up, DeviceId).Body)!;
        Welcome welcome = new Welcome { Nonce = hello.Nonce, NowMs = Noon + NowMs, ReportSeconds = 300, Epoch = 1 };
        Core.Received(Envelope.Seal(s_key, KeyEpoch, Direction.Down, DeviceId, MessageType.Welcome, welcome.Encode()), NowMs);
    }
}
