using Broadcast.Device;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Plans;

namespace Broadcast.Simulation;

// A township's Pi in wrong hands: it keeps everything back, or says what it may not with keys that are true.
internal sealed partial class World
{
    private const long DayMs = 86_400_000;

    private static readonly WarningClass[] NotForAPi = [.. Enum.GetValues<WarningClass>().Except([WarningClass.LocalAlarm, WarningClass.LocalNotice])];

    private void Steal(SimulatedDevice pi, SimulatedDevice child, Happening h)
    {
        if (h.B % 4 == 0) Withhold(pi, 60_000 + (h.C % 600_000));
        else for (var i = 0; i < 4; i++) Misuse(pi, child, h.B + i, h.C);
    }

    private void Withhold(SimulatedDevice pi, long forMs)
    {
        pi.Township!.Withholds = true;
        _agenda.In(forMs, () => GiveBack(pi));
    }

    // Who has it again starts it anew: it is an ordinary Pi then, and the children find it.
    private static void GiveBack(SimulatedDevice pi)
    {
        if (!pi.Township!.Withholds) return;
        pi.Township.Withholds = false;
        if (!pi.IsOn) return;
        pi.PowerOff();
        pi.PowerOn();
    }

    private void Misuse(SimulatedDevice pi, SimulatedDevice child, int how, int seed)
    {
        if (pi.Township!.Current is not { Epoch: > 0 } view || !view.Children.TryGetValue(child.Id, out var known) || known.KeyEpoch != child.KeyEpoch) return;
        var wallMs = EpochMs + _agenda.NowMs;
        var (key, epoch, expiresMs) = (known.Key, view.Epoch, view.ExpiresMs);
        var order = new Order { Class = WarningClass.LocalAlarm, Level = WarningLevel.Red, Text = "被盗的网关", Repetitions = 1, Sequence = wallMs, ExpiresMs = wallMs + 600_000, Siren = true };
        new Random(seed + how).NextBytes(order.WarningId);
        switch (how % 7)
        {
            case 0: order.Class = WarningClass.Actual; break;
            case 1: order.Class = NotForAPi[seed % NotForAPi.Length]; break;
            case 2: order.Kind = OrderKind.Update; break;
            case 3: (order.Kind, order.Repetitions, order.Text, order.Siren) = (OrderKind.Cancel, 0, "", false); break;
            case 4: (epoch, expiresMs) = (wallMs - (20 * DayMs), wallMs - (6 * DayMs)); key = Delegation.Key(child.Key, pi.Id, epoch, expiresMs); break; // Given to it before the world began, and over.
            case 5: order.ExpiresMs = expiresMs + 1; break;
            default:
                if (_witness.NotesOf(child).RevokedUpTo is not (> 0 and var upTo)) return;
                (epoch, expiresMs) = (upTo, upTo + (14 * DayMs));
                key = Delegation.Key(child.Key, pi.Id, epoch, expiresMs);
                break;
        }

        _reached.Count($"stolen Pi: misuse {how % 7}");
        var body = new DelegatedOrder { Parent = pi.Id, Epoch = epoch, ExpiresMs = expiresMs, Order = order.Encode() };
        Hostile(child, Envelope.Seal(key, child.KeyEpoch, Direction.Down, child.Id, MessageType.Delegated, body.Encode()));
    }
}
