namespace Broadcast.Device;

// The session: hello, welcome, receipts, reports. Orders need no session; receipts and reports do.
public sealed partial class DeviceCore
{
    private const int PercentMax = 100;
    private const int SignalDbmMin = -200;
    private const int SignalDbmMax = 100;

    private bool _linkUp;
    private bool _welcomed;
    private byte[]? _helloNonce;
    private byte[]? _welcomedNonce;
    private long _helloSaidMs;
    private long _helloDueMs;
    private long _helloIntervalMs;
    private long _retryMs;
    private long _reportPeriodMs;
    private long _reportDueMs;
    private long _lastReportMs;
    private bool _reportEarly;
    private bool _reportAsked;
    private byte _resetReason;
    private int _lastToken;

    private void EndSession()
    {
        _linkUp = false;
        _welcomed = false;
        _helloNonce = null;
        _welcomedNonce = null;
        _retryMs = _nowMs;
        _outbox.LinkDown();
    }

    private void TakeWelcome(byte[] body)
    {
        Welcome? welcome = Welcome.Decode(body);
        if (welcome == null)
        {
            Count(Refusal.Malformed);
            return;
        }

        // The link may deliver twice; that the second changes nothing keeps a recorded welcome from turning the clock back.
        if (_welcomedNonce != null && Envelope.SameBytes(_welcomedNonce, welcome.Nonce))
            return;
        if (_helloNonce == null || !Envelope.SameBytes(_helloNonce, welcome.Nonce))
        {
            Count(Refusal.Replayed);
            return;
        }

        _welcomedNonce = _helloNonce;
        _helloNonce = null;
        _welcomed = true;
        SessionEpoch = welcome.Epoch;
        TakeTime(welcome.NowMs);
        CompleteReceiptTimes();
        LiftReceiptNumbers(welcome.NowMs);
        Revoke(welcome.RevokedUpTo);
        if (!_memory.IsFloorKnown)
            BeginMemory(welcome.NowMs);
        BeginReports(welcome.ReportSeconds);
    }

    // The cloud's clock is the one that orders expire by, so a fresh welcome is believed also when it goes back by years: a
    // cloud whose clock once ran ahead would otherwise have silenced the device until then. What expired and was forgotten
    // meanwhile must not sound again, so everything up to the newest order ever heard counts as heard from now on.
    private void TakeTime(long cloudMs)
    {
        ClockStep step = _clock.Set(_nowMs, cloudMs, _nowMs - _helloSaidMs);
        SetFault(FaultFlags.Clock, step != ClockStep.None);
        if (step == ClockStep.None)
            return;
        if (step == ClockStep.Back)
            _memory.FloorAfterSmallStepBack();
        else
            _memory.FloorAfterStepBack(_clock.WallMs(_nowMs) - Limits.LostStateHorizonMs);
        Changed();
    }

    // Without a saved state the time stands in for what was lost: orders released long ago are refused.
    private void BeginMemory(long nowMs)
    {
        _memory.SetFloor(nowMs - Limits.LostStateHorizonMs);
        Changed();
    }

    // A number must never name two receipts, and the saved one may be old or lost: while the flash takes nothing, every boot
    // begins at the same. So the first welcome of a boot lifts what it has numbered above anything that an earlier boot said: a
    // welcome's milliseconds go up faster than receipts. Nobody has seen a number of this boot yet, receipts go out after the welcome.
    private void LiftReceiptNumbers(long nowMs)
    {
        long by = nowMs - _numberAtBoot;
        if (_numbersLifted)
            return;
        _numbersLifted = true;
        if (by <= 0)
            return;
        for (int i = 0; i < _outbox.Count; i++)
        {
            Receipt receipt = _outbox.At(i).Receipt;
            if (receipt.Number > _numberAtBoot)
                receipt.Number += by;
        }

        _receiptNumber += by;
    }

    // What was said of this boot before the time was known gets its true time now.
    private void CompleteReceiptTimes()
    {
        for (int i = 0; i < _outbox.Count; i++)
        {
            OutboxEntry entry = _outbox.At(i);
            if (entry.Receipt.Clock == ClockQuality.Unknown && entry.MonotonicMs != OutboxEntry.EarlierBoot)
            {
                entry.Receipt.AtMs = _clock.WallMs(entry.MonotonicMs);
                entry.Receipt.Clock = _clock.Quality;
            }
        }
    }

    // The first report comes somewhere in the first period, by a random byte: a county that comes back on line together
    // does not report together.
    private void BeginReports(int reportSeconds)
    {
        int seconds = reportSeconds == 0 ? Limits.ReportSecondsDefault
            : reportSeconds < Limits.ReportSecondsMin ? Limits.ReportSecondsMin : reportSeconds;
        _reportPeriodMs = seconds * 1000L;
        _reportDueMs = _nowMs + (_reportPeriodMs * (_welcomedNonce![0] + 1) / 256);
        _lastReportMs = _nowMs - Limits.EarlyReportMsMin;
    }

    private void TakePing(byte[] body)
    {
        if (Ping.Decode(body) == null)
            Count(Refusal.Malformed);
        else
            _reportAsked = true;
    }

    private void Publish()
    {
        if (!_linkUp || _nowMs < _retryMs)
            return;
        if (!_welcomed)
        {
            if (_nowMs >= _helloDueMs)
                SayHello();
            return;
        }

        if (OfferReceipts() && _nowMs >= NextReportMs())
            SayReport();
    }

    private void SayHello()
    {
        byte[] nonce = new byte[Limits.NonceBytes];
        _body.Random(nonce);
        Hello hello = new Hello
        {
            Nonce = nonce,
            HighWater = _memory.HighWater,
            Firmware = Firmware,
            Board = Board,
            ResetReason = _resetReason,
            Clock = _clock.Quality,
            WallMs = _clock.WallMs(_nowMs),
            Boot = Boot,
        };
        // A late answer to an earlier hello of this session would set a late time; only the newest nonce counts.
        _helloNonce = nonce;
        _helloSaidMs = _nowMs;
        if (!Offer(++_lastToken, MessageType.Hello, hello.Encode()))
            return;
        _helloDueMs = _nowMs + _helloIntervalMs;
        _helloIntervalMs = _helloIntervalMs * 2 > Limits.HelloRetryMsMax ? Limits.HelloRetryMsMax : _helloIntervalMs * 2;
    }

    private bool OfferReceipts()
    {
        OutboxEntry? entry = _outbox.NextToOffer();
        while (entry != null)
        {
            int token = ++_lastToken;
            if (!Offer(token, MessageType.Receipt, entry.Receipt.Encode()))
                return false;
            _outbox.Offered(entry, token);
            entry = _outbox.NextToOffer();
        }

        return true;
    }

    private long NextReportMs()
    {
        long dueMs = _reportDueMs;
        if (_reportEarly)
            dueMs = Earlier(dueMs, _lastReportMs + Limits.EarlyReportMsMin);
        if (_reportAsked)
            dueMs = Earlier(dueMs, _lastReportMs + Limits.PingReportMsMin);
        return dueMs;
    }

    private void SayReport()
    {
        if (!Offer(++_lastToken, MessageType.Report, NewReport().Encode()))
            return;
        _lastReportMs = _nowMs;
        _reportEarly = false;
        _reportAsked = false;
        // Told once; it is set again when another receipt is dropped.
        Faults &= ~FaultFlags.OutboxFull;
        if (_nowMs >= _reportDueMs)
            _reportDueMs = _nowMs + _reportPeriodMs;
    }

    private Report NewReport()
    {
        Report report = new Report();
        _body.FillReport(report);
        report.Firmware = Firmware;
        report.Volume = Within(report.Volume, 0, PercentMax);
        report.BatteryMillivolts = Within(report.BatteryMillivolts, 0, Limits.BatteryMillivoltsMax);
        report.SignalDbm = Within(report.SignalDbm, SignalDbmMin, SignalDbmMax);
        report.Faults = (report.Faults | (int)Faults) & int.MaxValue;
        report.UptimeMs = _nowMs - _startedMs;
        report.Playing = _queue.Current == null ? 0 : 1;
        report.Waiting = _queue.WaitingCount;
        report.Refusals = _refusals;
        report.AtMs = _clock.WallMs(_nowMs);
        report.Clock = _clock.Quality;
        return report;
    }

    private bool Offer(int token, MessageType type, byte[] body)
    {
        bool taken = _body.Publish(token, Envelope.Seal(_key, _keyEpoch, Direction.Up, _deviceId, type, body));
        if (!taken)
            _retryMs = _nowMs + Limits.OutboxRetryMs;
        return taken;
    }

    private static int Within(int value, int least, int most) => value < least ? least : value > most ? most : value;
}
