using Broadcast.Device;

namespace Broadcast.Firmware;

// What the core asks for. Called from within the core: nothing here calls it back.
public sealed partial class Gateway
{
    void IDeviceBody.Play(int playId, Order order, int attempt)
    {
        // The core's wish goes on from one broadcast to the next.
        if (order.OpensSiren)
            _parts.Siren.Renew(_nowMs);
        _parts.Announcer.Play(playId, order, Percent(order), _nowMs);
    }

    void IDeviceBody.Stop(int playId) => _parts.Announcer.Stop(playId, _nowMs);

    void IDeviceBody.Siren(bool on) => _parts.Siren.Switch(on, _nowMs);

    bool IDeviceBody.Publish(int token, byte[] frame) => _uplink.Publish(token, frame);

    bool IDeviceBody.Save(byte[] state) => _memory.State.Save(state, _core.Clock == ClockQuality.Cloud ? _core.WallMs(_nowMs) : _memory.State.WallMs);

    void IDeviceBody.FillReport(Report report)
    {
        report.Volume = _wishes.Current == null ? _settings.VolumeMax : _wishes.Current.ActualVolumeMax;
        report.BatteryMillivolts = _parts.Sensors.BatteryMillivolts;
        report.Mains = _parts.Mains.IsClosed;
        report.Faults = (int)Faults;
    }

    void IDeviceBody.Random(byte[] buffer) => _random.Fill(buffer);

    private int Percent(Order order)
    {
        if (_wishes.Current != null)
            return _wishes.Percent(order, LocalMinute());
        int wanted = order.IsActual && order.Volume < _settings.VolumeActualMin ? _settings.VolumeActualMin : order.Volume;
        return wanted > _settings.VolumeMax ? _settings.VolumeMax : wanted;
    }
}
