using Broadcast.Device;

namespace Broadcast.Firmware;

// What the core asks for. Called from within the core: nothing here calls it back.
public sealed partial class Gateway
{
    void IDeviceBody.Play(int playId, Order order, int attempt) => _parts.Announcer.Play(playId, order, Percent(order), _nowMs);

    void IDeviceBody.Stop(int playId) => _parts.Announcer.Stop(playId, _nowMs);

    void IDeviceBody.Siren(bool on) => _parts.Siren.Switch(on, _nowMs);

    bool IDeviceBody.Publish(int token, byte[] frame) => _uplink.Publish(token, frame);

    bool IDeviceBody.Save(byte[] state) => _store.Save(state, _core.Clock == ClockQuality.Cloud ? _core.WallMs(_nowMs) : _store.WallMs);

    void IDeviceBody.FillReport(Report report)
    {
        report.Volume = _settings.VolumeMax;
        report.BatteryMillivolts = _parts.Sensors.BatteryMillivolts;
        report.Mains = _parts.Mains.IsClosed;
        report.Faults = (int)Faults;
    }

    void IDeviceBody.Random(byte[] buffer) => _random.Fill(buffer);

    private int Percent(Order order)
    {
        int wanted = order.IsActual && order.Volume < _settings.VolumeActualMin ? _settings.VolumeActualMin : order.Volume;
        return wanted > _settings.VolumeMax ? _settings.VolumeMax : wanted;
    }
}
