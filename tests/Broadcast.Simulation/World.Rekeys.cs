using System.Globalization;
using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Plans;
using Broadcast.Simulation.Witness;

namespace Broadcast.Simulation;

// A device's keys are in wrong hands: an administrator gives it others, a technician brings them there, and the thief goes on with the old ones.
internal sealed partial class World
{
    private const long ThiefStaysMs = 2_400_000; // Into the fair time after each trouble.

    private readonly HashSet<string> _beingRekeyed = new(StringComparer.Ordinal);
    private int _secrets;

    private void Rekey(SimulatedDevice device, Happening h)
    {
        if (!_beingRekeyed.Add(device.Id)) return;
        var isPutBack = h.A % 5 == 0; // A backup of before the rekey, which gives the old keys back to nobody.
        if (isPutBack) Backup();
        var secret = string.Create(CultureInfo.InvariantCulture, $"secret-{device.Id}-{++_secrets}");
        AskCloud(cloud => cloud.RekeyAsync(new DeviceId(device.Id), secret), rekeyed =>
        {
            _beingRekeyed.Remove(device.Id);
            if (rekeyed is null)
            {
                _agenda.In(AskAgainMs, () => Rekey(device, h)); // Whether it was done nobody knows: once more, and the newest counts.
                return;
            }

            _beingRekeyed.Add(device.Id);
            var keyEpoch = rekeyed.Device.KeyEpoch;
            Note($"{device.Id} has key epoch {keyEpoch} now");
            _reached.Count(device.Township is null ? "device rekeyed" : "township's Pi rekeyed");
            _witness.Rekeyed(device, keyEpoch);
            if (rekeyed.Township is { } township) _witness.Revoked(_children, township.Revision);
            GoOnWith(device, h);
            if (isPutBack) _agenda.In(1_000 + (h.A % 90_000), Restore);
            _agenda.In(5_000 + (h.C % 80_000), () => Provision(device, keyEpoch, secret, h));
        });
    }

    private void Provision(SimulatedDevice device, int keyEpoch, string secret, Happening h)
    {
        var (oldKey, oldEpoch) = (device.Key, device.KeyEpoch);
        var wasOn = device.IsOn;
        device.PowerOff();
        device.Provision(KeyOf(device.Id, keyEpoch), keyEpoch, secret);
        if (wasOn) device.PowerOn(); // Else whatever cut its power brings it back.
        _beingRekeyed.Remove(device.Id);
        Note($"{device.Id} is given its new keys");
        if (device.Township is not null) Delegate(device, delegated: true);
        for (var i = 1; i <= 4; i++) _agenda.In(i * (1_000 + (h.B % 60_000)), () => SpeakUnder(device, oldKey, oldEpoch, h));
    }

    // Genuine under the keys of before: to whoever has the new ones it is a stranger's.
    private void SpeakUnder(SimulatedDevice device, byte[] oldKey, int oldEpoch, Happening h)
    {
        if (!device.IsOn || device.KeyEpoch == oldEpoch) return;
        var wallMs = EpochMs + _agenda.NowMs;
        var order = new Order { Sequence = wallMs, ExpiresMs = wallMs + 3_600_000, Level = WarningLevel.Red, Text = "旧密钥", Repetitions = 1 };
        new Random(h.A).NextBytes(order.WarningId);
        var named = h.A % 2 == 0 ? oldEpoch : device.KeyEpoch;
        _reached.Count("order under keys that are out of force");
        Hostile(device, Envelope.Seal(oldKey, named, Direction.Down, device.Id, MessageType.Order, order.Encode()));
    }

    /// <summary>The stolen box, or a copy of it: it has the old keys, the old secret and the old memory, and knocks wherever the device would.</summary>
    private void GoOnWith(SimulatedDevice device, Happening h)
    {
        var thief = new SimulatedDevice(device.Id, device.Village, device.Key, "", _agenda, new Random(h.B), new ThiefWitness(_witness)) { TrueWallMs = device.TrueWallMs };
        thief.Copy(device);
        var weather = new Random(h.C);
        thief.Uplink = new SimulatedUplink(thief, _agenda, new Random(h.A), _plan.KeepAlive, uplink => Dial(thief, uplink, weather));
        thief.PowerOn();
        for (var i = 1; i < 12; i++) _agenda.In(i * (ThiefStaysMs / 12), () => LieAbout(device, thief));
        _agenda.In(ThiefStaysMs, () => thief.PowerOff());
    }

    // That the newest orders were played, and heard.
    private void LieAbout(SimulatedDevice device, SimulatedDevice thief)
    {
        if (!thief.IsOn || !thief.Uplink.IsUp) return;
        foreach (var (id, revision, _, sequence) in _witness.NotesOf(device).Delivered.TakeLast(3))
        {
            var receipt = new Receipt { WarningId = id.ToWire(), Revision = revision, Sequence = sequence, State = ReceiptState.Played, Reason = (byte)SoundCheck.AmplifierDriven, Attempt = 1, AtMs = EpochMs + _agenda.NowMs, Clock = ClockQuality.Cloud, Number = long.MaxValue / 2 };
            if (thief.Uplink.TryPublish(int.MaxValue, Envelope.Seal(thief.Key, thief.KeyEpoch, Direction.Up, thief.Id, MessageType.Receipt, receipt.Encode()))) _reached.Count("receipt under keys that are out of force");
        }
    }
}
