using Broadcast.Device;
using Broadcast.Rules;
using Broadcast.Simulation.Cloud;
using Broadcast.Simulation.Devices;
using Broadcast.Simulation.Plans;

namespace Broadcast.Simulation;

// A township's Pi, its children, and what is delegated to it.
internal sealed partial class World
{
    private readonly List<SimulatedDevice> _children = [];
    private SimulatedDevice? _pi;

    /// <summary>A Pi in the first township, and so many children there: those of the ordinary devices that stand there, and others beside them.</summary>
    private void AddTownship(int children)
    {
        var here = Places.Villages.Where(v => Places.Townships[0].Contains(v)).ToArray();
        _children.AddRange(_devices.Where(d => here.Contains(d.Village)).Take(children));
        while (_children.Count < children) _children.Add(AddDevice(_devices.Count, here[_children.Count % here.Length]));
        _pi = AddDevice(_devices.Count, here[1]);
        _pi.Township = new SimulatedTownship(_pi, _agenda, () => StrideMs);
        var dice = new Random(_plan.Seed ^ 0x9131);
        foreach (var child in _children.Where(_ => dice.Next(4) > 0)) child.Through = _pi; // The others have an address of the cloud's, and may move.
    }

    private void RunTownship() => _pi?.Township!.Run((child, frame) =>
    {
        Mix(frame.Length);
        if (!Envelope.TryPeek(frame, out _, out _, out var type) || type != MessageType.Delegated) return;
        _reached.Count("delegated order on its way");
        Remember(child, frame);
    });

    private void HappenInTownship(Happening h)
    {
        if (h.Deed == Deed.Rekey) Rekey(_devices[h.A % _devices.Count], h);
        if (_pi is not { } pi) return;
        var child = _children[h.A % _children.Count];
        switch (h.Deed)
        {
            case Deed.TownshipSpeaks: Speak(pi, h); break;
            case Deed.ChildMoves: Move(child); break;
            case Deed.Revoke: Delegate(pi, delegated: false); _agenda.In(10_000 + (h.B % 900_000), () => Delegate(pi, delegated: true)); break;
            case Deed.Delegate: Delegate(pi, delegated: true); break;
            case Deed.StolenPi: Steal(pi, child, h); break;
            case Deed.UplinkCut: CutLink(pi, 60_000 + (h.B % 900_000)); break;
        }
    }

    // Its address is changed: it leaves the one way, and comes by the other.
    private void Move(SimulatedDevice child)
    {
        child.Through = child.Through is null ? _pi : null;
        _reached.Count(child.Through is null ? "child moves to the cloud" : "child moves to its Pi");
        child.Uplink.Break();
    }

    /// <summary>Its own sensors, or somebody at its page: what it says itself it says to its children too.</summary>
    private void Speak(SimulatedDevice pi, Happening h)
    {
        if (!pi.IsOn) return;
        if (h.B % 3 == 0) CutLink(pi, 120_000 + (h.B % 900_000)); // The night for which it is made.
        if (h.B % 6 == 0)
        {
            // And the power only just back: nobody has told it the time.
            pi.PowerOff();
            pi.PowerOn();
        }

        var isNotice = h.C % 3 == 0;
        var order = new Order { Level = (WarningLevel)(1 + (h.B % 4)), Issuer = RegionLevel.Village, Event = "rain", Text = isNotice ? "今晚停水" : "本地雨量超限", Repetitions = 1 + (h.C % 3), ToneMs = 1_000, Siren = h.C % 2 == 0 };
        new Random(h.A).NextBytes(order.WarningId);
        var validMs = 60_000 + (h.A % 2_400_000);
        _witness.RaisedHere(pi, order);
        var refusal = isNotice ? pi.RaiseLocalNotice(order, validMs) : pi.RaiseLocalAlarm(order, validMs);
        if (!pi.IsOn || (refusal != Refusal.None && (isNotice || refusal != Refusal.QueueFull))) return;
        var epoch = pi.Township!.DelegatedEpoch;
        _witness.SaidToTownship(pi, order, epoch, isKept: pi.Township.Say(order), validMs);
        _reached.Count(epoch == 0 ? "township not told: nothing delegated" : $"township told a {order.Class}{(_cutOff.Contains(pi.Id) ? " without an uplink" : "")}");
    }

    /// <summary>A technician says who is carried, and whether the Pi may speak to them; again where no answer came.</summary>
    private void Delegate(SimulatedDevice pi, bool delegated)
    {
        var (parent, children) = (new DeviceId(pi.Id), _children.Select(c => new DeviceId(c.Id)).ToArray());
        AskCloud(cloud => cloud.Townships.PutAsync(parent, children, delegated, Ledger.Actor.System("technician"), default), township =>
        {
            if (township is null)
            {
                _agenda.In(AskAgainMs, () => Delegate(pi, delegated));
                return;
            }

            Note($"{pi.Id} {(delegated ? "is delegated" : "may not speak any more")}, epoch {township.Epoch}");
            _reached.Count(delegated ? "delegated" : "delegation revoked");
            if (!delegated) _witness.Revoked(_children, township.Revision);
        });
    }
}
