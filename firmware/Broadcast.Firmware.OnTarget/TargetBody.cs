using System.Collections;
using Broadcast.Device;

namespace Broadcast.Firmware.OnTarget;

/// <summary>A body without hardware: it remembers.</summary>
internal sealed class TargetBody : IDeviceBody
{
    private byte _random;

    internal ArrayList Played { get; } = new ArrayList();

    internal ArrayList Sent { get; } = new ArrayList();

    internal int PlayId { get; private set; }

    internal bool Siren { get; private set; }

    internal byte[]? Saved { get; private set; }

    public void Play(int playId, Order order, int attempt)
    {
        PlayId = playId;
        Played.Add(order);
    }

    public void Stop(int playId) => PlayId = 0;

    void IDeviceBody.Siren(bool on) => Siren = on;

    public bool Publish(int token, byte[] frame)
    {
        Sent.Add(frame);
        return true;
    }

    public bool Save(byte[] state)
    {
        Saved = state;
        return true;
    }

    public void FillReport(Report report) => report.Mains = true;

    public void Random(byte[] buffer)
    {
        _random++;
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)(_random + (7 * i));
    }
}
