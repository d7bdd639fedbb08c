using Broadcast.Device;
using Broadcast.Device.Sensing;
using Broadcast.Edge.Sensors;
using Broadcast.Edge.Storage;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Edge.Tests.Storage;

/// <summary>Thirty days of a site in virtual time, with the real core and the real store file: a thousand power cuts, at any write or send.</summary>
public sealed class PowerCutTests : IDisposable
{
    private const int Seed = 30_1000;
    private const int Cuts = 1_000;
    private const long DaysMs = 30L * 86_400_000;

    private readonly TempFolder _folder = new("cuts");

    [Fact]
    public void In_thirty_days_with_a_thousand_power_cuts_every_alarm_receipt_and_tip_reaches_the_cloud_once()
    {
        var site = new SiteLife(_folder.Path, new Random(Seed));
        for (var cut = 0; cut < Cuts; cut++) site.LiveUntilPowerCut(DaysMs / Cuts);
        site.LiveInPeace();

        site.PowerCuts.ShouldBe(Cuts, $"seed {Seed}");
        site.AlarmsKept.Count.ShouldBeGreaterThan(300, "a month without alarms proves little");
        site.Cloud.Alarms.Keys.Order().ShouldBe(site.AlarmsKept.Keys.Order(), $"seed {Seed}: every alarm, and no other");
        site.Cloud.Alarms.ShouldAllBe(a => a.Value.Stage == site.AlarmsKept[a.Key]);
        site.Cloud.RainTenths.ShouldBe(site.TipsKept * 2, $"seed {Seed}: rain is a sum, and none of it is lost or doubled");
        site.Cloud.Unfinished(site.Accepted).ShouldBeEmpty($"seed {Seed}: what was accepted ends, and the cloud is told how");
        site.Cloud.Repeats.ShouldBeGreaterThan(50, "without lost acknowledgements nothing comes twice, and nothing is shown");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The cloud's memory: each number once, and the same number says the same again.</summary>
    private sealed class SimulatedCloud
    {
        private readonly Dictionary<long, int> _rain = [];
        private readonly Dictionary<long, Receipt> _receipts = [];

        public Dictionary<long, Alarm> Alarms { get; } = [];

        public int Repeats { get; private set; }

        public long RainTenths => _rain.Values.Sum(tenths => (long)tenths);

        public IEnumerable<string> Unfinished(IEnumerable<string> accepted)
        {
            var final = _receipts.Values.Where(r => r.IsFinal).Select(r => Convert.ToHexString(r.WarningId)).ToHashSet();
            return accepted.Where(id => !final.Contains(id));
        }

        public void Take(Opened message)
        {
            switch (message.Type)
            {
                case MessageType.Alarm:
                    var alarm = Alarm.Decode(message.Body)!;
                    if (Alarms.TryAdd(alarm.Number, alarm)) break;
                    Repeats++;
                    (Alarms[alarm.Number].Stage, Convert.ToHexString(Alarms[alarm.Number].WarningId)).ShouldBe((alarm.Stage, Convert.ToHexString(alarm.WarningId)));
                    break;
                case MessageType.Reading:
                    var reading = Reading.Decode(message.Body)!;
                    if (_rain.TryAdd(reading.Number, reading.RainTenths)) break;
                    Repeats++;
                    _rain[reading.Number].ShouldBe(reading.RainTenths);
                    break;
                case MessageType.Receipt:
                    var receipt = Receipt.Decode(message.Body)!;
                    if (_receipts.TryAdd(receipt.Number, receipt)) break;
                    Repeats++;
                    (_receipts[receipt.Number].Sequence, _receipts[receipt.Number].State).ShouldBe((receipt.Sequence, receipt.State));
                    break;
            }
        }
    }

    /// <summary>One site: core, store, sensors and link, on a clock that the test turns.</summary>
    private sealed class SiteLife(string folder, Random random) : IDeviceBody
    {
        private const string Id = "gateway-1";
        private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

        private readonly Queue<byte[]> _down = new();
        private readonly Queue<int> _acknowledged = new();
        private GatewayStore _store = null!;
        private Offering _offering = null!;
        private DeviceCore _core = null!;
        private AlarmStage _told;
        private long _wallMs = 1_795_000_000_000;
        private long _bootWallMs;
        private long _sequence;
        private int _pointsLeft = int.MaxValue;
        private int _playing;
        private bool _linkUp;

        private sealed class PowerCut : Exception;

        public SimulatedCloud Cloud { get; } = new();

        public Dictionary<long, AlarmStage> AlarmsKept { get; } = [];

        public HashSet<string> Accepted { get; } = [];

        public long TipsKept { get; private set; }

        public int PowerCuts { get; private set; }

        private long NowMs => _wallMs - _bootWallMs + 1_000;

        private Stamp Now => Stamp.At(NowMs, _core.WallMs(NowMs) - NowMs, _core.Clock);

        public void LiveUntilPowerCut(long ms)
        {
            var until = _wallMs + ms;
            try
            {
                Boot();
                var steps = random.Next(2, 10);
                for (var step = 0; step < steps; step++)
                {
                    // In the last step the power goes at one of its writes or sends; where it has fewer, at its end.
                    if (step == steps - 1) _pointsLeft = random.Next(0, 12);
                    _wallMs += (until - _wallMs) / (steps - step);
                    Step(mayRain: true);
                }
            }
            catch (PowerCut)
            {
                _linkUp = false;
            }

            PowerCuts++;
            _pointsLeft = int.MaxValue;
            _wallMs = Math.Max(_wallMs, until);
            _store.Dispose();
        }

        public void LiveInPeace()
        {
            Boot();
            for (var i = 0; i < 2_000; i++)
            {
                _wallMs += 61_000;
                if (!_linkUp) LinkUp();
                Step(mayRain: i == 0);
            }

            _store.WaitingAlarms().ShouldBe(0);
            _store.WaitingReadings().ShouldBe(0);
            _store.Dispose();
        }

        private void Boot()
        {
            _linkUp = false;
            _playing = 0;
            _down.Clear();
            _acknowledged.Clear();
            _bootWallMs = _wallMs;
            _store = new GatewayStore(new DataFolder(new EdgeSettings { Data = folder }), NullLogger<GatewayStore>.Instance);
            _offering = new Offering(_store);
            _core = new DeviceCore(Id, Key, 1, this, _store.LoadState());
            _core.Start(NowMs, _wallMs, random.Next(2) == 0 ? ClockQuality.Unknown : ClockQuality.Network, 0);
            _told = _store.LastStage();
            if (_store.Unsaid() is { } unsaid) Say(unsaid.Stage, unsaid.WarningId);
            Answer();
        }

        private void Step(bool mayRain)
        {
            if (!_linkUp && random.Next(3) == 0) LinkUp();
            else if (_linkUp && random.Next(8) == 0) LinkDown();
            if (mayRain) Rain();
            if (mayRain && _linkUp && random.Next(6) == 0) Order();
            if (_playing != 0 && (!mayRain || random.Next(2) == 0)) EndPlayback();
            _core.Tick(NowMs);
            Answer();
            Offer();
        }

        private void Rain()
        {
            var tips = random.Next(0, 4);
            Point();
            if (_store.KeepReading(DateTimeOffset.FromUnixTimeMilliseconds(_wallMs), tips, SiteReading.None)) TipsKept += tips;
            var stage = (AlarmStage)random.Next(0, 3);
            if (stage != _told && random.Next(2) == 0) Tell(stage);
            Point();
            _store.SumReadings(Now, SiteReading.None, 2, 600);
        }

        // As the sensors do: kept, then said.
        private void Tell(AlarmStage stage)
        {
            var rises = stage > _told;
            _told = stage;
            var id = new byte[16];
            if (rises) random.NextBytes(id);
            Point();
            if (_store.KeepAlarm(Now, stage, null, id) is { } number) AlarmsKept.Add(number, stage);
            Point();
            if (rises) Say(stage, id);
        }

        private void Say(AlarmStage stage, byte[] id)
        {
            var order = LocalAlarm.For(stage, "", siren: false);
            order.WarningId = id;
            if (_core.RaiseLocalAlarm(order, LocalAlarm.ValidMs, NowMs) == Refusal.None) Accepted.Add(Convert.ToHexString(id));
            Point();
            _store.MarkSaid(id);
        }

        private void Order()
        {
            _sequence = Math.Max(_sequence + 1, _wallMs);
            var id = new byte[16];
            random.NextBytes(id);
            var order = new Order
            {
                WarningId = id, Revision = 1, Level = WarningLevel.Yellow, Class = random.Next(2) == 0 ? WarningClass.Actual : WarningClass.Test, Sequence = _sequence, NotBeforeMs = _wallMs - 1_000,
                ExpiresMs = _wallMs + 7_200_000, Text = "大雨", Repetitions = 1, Issuer = RegionLevel.County, Event = "11B03",
            };
            var before = _core.HighWater;
            _core.Received(Envelope.Seal(Key, 1, Direction.Down, Id, MessageType.Order, order.Encode()), NowMs);
            if (_core.HighWater > before) Accepted.Add(Convert.ToHexString(id));
            Answer();
        }

        private void EndPlayback()
        {
            var ended = _playing;
            _playing = 0;
            _core.PlaybackEnded(ended, Failure.None, NowMs);
        }

        private void LinkUp()
        {
            _linkUp = true;
            _offering.NewSession();
            _core.LinkUp(NowMs);
            Answer();
        }

        private void LinkDown()
        {
            _linkUp = false;
            _down.Clear();
            _acknowledged.Clear();
            _core.LinkDown(NowMs);
        }

        private void Offer()
        {
            for (var more = _linkUp && _core.IsSessionUp; more;)
            {
                if (_core.Clock != ClockQuality.Unknown) _store.CompleteTimes(_core.WallMs(NowMs) - NowMs, _core.Clock);
                more = false;
                foreach (var message in _offering.Due())
                {
                    Point();
                    var token = _offering.MayGo(message) ? _core.Send(message.Type, message.Body, NowMs) : 0;
                    if (token == 0) return;
                    _offering.Went(message, token);
                    more = true;
                }

                Answer();
                more &= _linkUp;
            }
        }

        // What the link brings back after the core has come to rest.
        private void Answer()
        {
            while (_down.Count + _acknowledged.Count > 0)
            {
                if (_down.TryDequeue(out var frame)) _core.Received(frame, NowMs);
                if (!_acknowledged.TryDequeue(out var token)) continue;
                _core.Published(token, NowMs);
                Point();
                _offering.Acknowledged(token);
            }
        }

        private void Point()
        {
            if (_pointsLeft-- <= 0) throw new PowerCut();
        }

        void IDeviceBody.Play(int playId, Order order, int attempt) => _playing = playId;

        void IDeviceBody.Stop(int playId) => _playing = 0;

        void IDeviceBody.Siren(bool on)
        {
        }

        bool IDeviceBody.Publish(int token, byte[] frame)
        {
            Point();
            if (!_linkUp) return false;
            var opened = Envelope.Open(frame, Key, Direction.Up, Id);
            opened.Refusal.ShouldBe(Refusal.None);
            var isLost = random.Next(12) == 0; // Lost with its acknowledgement, or its acknowledgement alone.
            if (!isLost || random.Next(2) == 0) Cloud.Take(opened);
            Point();
            if (!isLost) _acknowledged.Enqueue(token);
            if (!isLost && opened.Type == MessageType.Hello)
                _down.Enqueue(Envelope.Seal(Key, 1, Direction.Down, Id, MessageType.Welcome, new Welcome { Nonce = Hello.Decode(opened.Body)!.Nonce, NowMs = _wallMs, ReportSeconds = 300, Epoch = 1 }.Encode()));
            return true;
        }

        bool IDeviceBody.Save(byte[] state)
        {
            Point();
            var saved = _store.SaveState(state);
            Point();
            return saved;
        }

        void IDeviceBody.FillReport(Report report)
        {
        }

        void IDeviceBody.Random(byte[] buffer) => random.NextBytes(buffer);
    }
}
