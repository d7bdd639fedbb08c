namespace Broadcast.Device.Tests;

/// <summary>
/// R2, R3 and R4 over loss, repetition, reordering and power cuts at every step of the body, in seeded runs against a
/// model that knows only what the cloud sent and what a listener heard.
/// </summary>
public sealed class CrashLoopTests
{
    private const int Runs = 600;
    private const int StepsARun = 80;

    [Fact]
    public void Whatever_the_link_and_the_power_do_every_order_plays_as_promised()
    {
        int cuts = 0;
        int restarts = 0;
        int cancelled = 0;
        for (int seed = 1; seed <= Runs; seed++)
        {
            Run run = new(seed);
            try
            {
                run.Play(StepsARun);
                run.Settle();
                run.JudgeEnd();
            }
            catch (ShouldAssertException e)
            {
                throw new ShouldAssertException($"seed {seed}: {e.Message}", e);
            }

            cuts += run.Cuts;
            restarts += run.Restarts;
            cancelled += run.CancelsTaken;
        }

        // The run proves nothing unless these happened.
        cuts.ShouldBeGreaterThan(Runs);
        restarts.ShouldBeGreaterThan(Runs / 10);
        cancelled.ShouldBeGreaterThan(Runs / 10);
    }

    [Fact]
    public void A_power_cut_at_each_step_of_an_order_loses_nothing_and_plays_a_test_once_at_most()
    {
        foreach (WarningClass warningClass in new[] { WarningClass.Actual, WarningClass.Test })
        {
            for (int step = 0; step < 12; step++)
            {
                foreach (bool counts in new[] { false, true })
                    CutAt(warningClass, step, counts);
            }
        }
    }

    private static void CutAt(WarningClass warningClass, int step, bool counts)
    {
        string where = $"{warningClass}, step {step}, the step {(counts ? "counts" : "is lost")}";
        Run run = new(step);
        Order order = run.Bench.Alert(warningClass: warningClass);
        run.Bench.Body.StepsToPowerCut = step;
        run.Bench.Body.LastStepCounts = counts;
        run.Guard(() => run.Bench.Send(order));
        run.EndPlayback();
        run.Bench.Body.StepsToPowerCut = -1;
        run.Reconnect();
        run.Guard(() => run.Bench.Send(order));
        run.EndPlayback();

        int boots = run.Bench.Body.Starts.Select(s => s.Boot).Distinct().Count();
        Receipt last = run.Final(order).ShouldNotBeNull(where);
        if (warningClass == WarningClass.Actual)
            last.State.ShouldBe(ReceiptState.Played, where);
        else
            boots.ShouldBeLessThanOrEqualTo(1, where);
    }

    private sealed class Run
    {
        private readonly Random _random;
        private readonly List<Order> _orders = [];
        private readonly List<Order> _sent = [];
        private readonly Dictionary<long, Receipt> _final = [];
        private readonly HashSet<long> _cancelTaken = [];
        private readonly HashSet<(int Boot, long Sequence)> _completed = [];
        private int _startsJudged;

        public Run(int seed)
        {
            _random = new Random(seed);
            Bench = new Bench();
        }

        public Bench Bench { get; }

        public int Cuts { get; private set; }

        public int Restarts { get; private set; }

        public int CancelsTaken => _cancelTaken.Count;

        public Receipt? Final(Order order)
        {
            Hear(loss: 0);
            return _final.GetValueOrDefault(order.Sequence);
        }

        public void Play(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                Step();
                JudgeStarts();
            }
        }

        /// <summary>Fair weather: the link holds, the cloud sends again what has no final state, everything is said to its end.</summary>
        public void Settle()
        {
            Bench.Body.StepsToPowerCut = -1;
            for (int round = 0; round < 30; round++)
            {
                Reconnect();
                foreach (Order order in _orders.Where(o => !_final.ContainsKey(o.Sequence) && !IsCancelled(o)).ToArray())
                    Guard(() => Bench.Send(order));
                EndPlayback();
                Hear(loss: 0);
                JudgeStarts();
            }
        }

        public void JudgeEnd()
        {
            foreach (Order order in _orders.Where(o => o.Kind != OrderKind.Cancel))
            {
                int completions = _completed.Count(c => c.Sequence == order.Sequence);
                Receipt? final = _final.GetValueOrDefault(order.Sequence);
                if (Cuts == 0)
                    completions.ShouldBeLessThanOrEqualTo(1, $"{order.Class} {order.Sequence} was said twice without a power cut");
                if (IsCancelled(order))
                    continue;
                final.ShouldNotBeNull($"{order.Class} {order.Sequence} has no final state");
                bool lostToPower = final.State == ReceiptState.Failed && final.Reason == (byte)Failure.PowerLost && !order.IsActual;
                bool played = final.State == ReceiptState.Played && completions >= 1;
                (played || lostToPower).ShouldBeTrue($"{order.Class} {order.Sequence} ended as {Bench.Describe(final)} after {completions} playbacks");
            }
        }

        public void Guard(Action call)
        {
            try
            {
                call();
            }
            catch (FakeBody.PowerCut)
            {
                // The power comes back; what the body had not saved is gone.
                Cuts++;
                Hear(loss: 3);
                Bench.Reboot(_random.Next(1_000, 60_000), (ClockQuality)_random.Next(0, 2));
            }
        }

        public void Reconnect()
        {
            Guard(() => Bench.Core.LinkDown(Bench.NowMs));
            Hear(loss: 2);
            Bench.Body.Outgoing.Clear();
            Guard(() => Bench.Core.LinkUp(Bench.NowMs));
            Hello? hello = Bench.Body.Outgoing.Count == 0 ? null : Bench.LastHello();
            if (hello != null)
                Guard(() => Bench.Welcome(hello, Bench.WallMs));
        }

        public void EndPlayback()
        {
            if (Bench.Body.Current == null)
                return;
            _completed.Add((Bench.Body.Boots, Bench.Body.Current.Order.Sequence)).ShouldBeTrue("one order was said to its end twice in one boot");
            Guard(() => Bench.EndPlayback());
        }

        private void Step()
        {
            switch (_random.Next(12))
            {
                case 0 or 1:
                    Release();
                    break;
                case 2 or 3 or 4 when _orders.Count > 0:
                    // Any order, at any time, again and again: loss, repetition and reordering in one.
                    Order order = _orders[_random.Next(_orders.Count)];
                    _sent.Add(order);
                    Guard(() => Bench.Send(order));
                    break;
                case 5 or 6:
                    EndPlayback();
                    break;
                case 7:
                    Hear(loss: 3);
                    break;
                case 8:
                    Reconnect();
                    break;
                case 9:
                    Guard(() => Bench.Advance(_random.Next(1, 20_000)));
                    break;
                case 10:
                    Bench.Body.StepsToPowerCut = _random.Next(0, 8);
                    Bench.Body.LastStepCounts = _random.Next(2) == 0;
                    break;
                default:
                    Guard(() => Bench.Tick());
                    break;
            }
        }

        private void Release()
        {
            List<Order> open = [.. _orders.Where(o => o.Kind == OrderKind.Alert && !_orders.Exists(c => c.Kind == OrderKind.Cancel && Same(c, o)))];
            if (open.Count > 0 && _random.Next(5) == 0)
                _orders.Add(Bench.Cancel(open[_random.Next(open.Count)]));
            else if (_orders.Count < 10)
                _orders.Add(Bench.Alert((WarningLevel)_random.Next(1, 5), _random.Next(3) == 0 ? WarningClass.Test : WarningClass.Actual, validMs: 86_400_000));
        }

        // What the cloud hears; an acknowledgement may be lost, a receipt that was heard is kept.
        private void Hear(int loss)
        {
            JudgeStarts();
            for (int i = 0; i < Bench.Body.Outgoing.Count; i++)
            {
                if (loss > 0 && _random.Next(loss) == 0)
                    continue;
                FakeBody.Sent sent = Bench.Body.Outgoing[i];
                Opened opened = Envelope.Open(sent.Frame, Bench.Key, Direction.Up, Bench.Id);
                if (opened.Type == MessageType.Receipt)
                    Note(Receipt.Decode(opened.Body).ShouldNotBeNull());
                if (loss == 0)
                    Bench.Core.Published(sent.Token, Bench.NowMs);
            }
        }

        private void Note(Receipt receipt)
        {
            Order? order = _orders.Find(o => o.Sequence == receipt.Sequence);
            if (order?.Kind == OrderKind.Cancel && receipt.State == ReceiptState.Received && _cancelTaken.Add(receipt.Sequence))
                _final[receipt.Sequence] = receipt;
            if (!receipt.IsFinal)
                return;
            if (_final.TryGetValue(receipt.Sequence, out Receipt? earlier))
                Bench.Describe(receipt).ShouldBe(Bench.Describe(earlier), "a final state changed");
            _final[receipt.Sequence] = receipt;
        }

        private void JudgeStarts()
        {
            for (; _startsJudged < Bench.Body.Starts.Count; _startsJudged++)
            {
                (int boot, long sequence) = Bench.Body.Starts[_startsJudged];
                Order order = Bench.Body.Played[_startsJudged].Order;
                IEnumerable<(int Boot, long Sequence)> earlier = Bench.Body.Starts.Take(_startsJudged).Where(s => s.Sequence == sequence);
                if (earlier.Any(s => s.Boot != boot))
                {
                    Restarts++;
                    order.IsActual.ShouldBeTrue("a test played again after a power cut");
                }

                _final.ContainsKey(sequence).ShouldBeFalse("it played after its final state was told");
                _orders.Exists(c => Same(c, order) && _cancelTaken.Contains(c.Sequence)).ShouldBeFalse("it played after its cancel was taken");
            }
        }

        private bool IsCancelled(Order order) => order.Kind != OrderKind.Cancel && _orders.Exists(c => c.Kind == OrderKind.Cancel && Same(c, order));

        private static bool Same(Order a, Order b) => a.WarningId.AsSpan().SequenceEqual(b.WarningId);
    }
}
