namespace Broadcast.Simulation.Tests.Planted;

/// <summary>One place of a planted bug: a piece of the product's text, and what takes its place.</summary>
internal sealed record Edit(string File, string Find, string Replace);

/// <summary>A bug that is put into a copy of the product, behind a switch, to see that the simulation finds it.</summary>
/// <param name="Rule">The rule that it breaks.</param>
internal sealed record PlantedBug(int Number, string Rule, string What, params Edit[] Edits)
{
    /// <summary>The one seed that is lived for a bug which needs too rare a night for the usual ones, a whole day of it; null for the usual ones.</summary>
    public int? Seed { get; init; }
}

/// <summary>
/// At least one for each rule. A piece of text that is not found any more fails the test: whoever changes the product moves the bug along.
/// Several may edit the same line: then the first one's replacement holds the switches of all of them.
/// </summary>
internal static class PlantedBugs
{
    private const string Device = "firmware/Broadcast.Device/Core/", Edge = "edge/Broadcast.Edge/Townships/", Rules = "cloud/Broadcast.Rules/", Ledger = "cloud/Broadcast.Ledger/", Cloud = "cloud/Broadcast.Cloud/";

    public static readonly IReadOnlyList<PlantedBug> All =
    [
        new(1, "R1", "commits are not flushed",
            new Edit(Ledger + "Storage/SqliteEngine.cs", "PRAGMA synchronous=FULL;", "PRAGMA synchronous=\" + (Planted.Is(1) ? \"OFF\" : \"FULL\") + \";")),
        new(2, "R1", "a lost transaction is answered as kept",
            new Edit(Ledger + "Writing/GroupWriter.cs", "        Answer(group, act => act.Fail(answer));", "        Answer(group, act => { if (Planted.Is(2)) act.Commit(); else act.Fail(answer); });")),
        new(3, "R1", "a receipt is acknowledged that the ledger did not take",
            new Edit(Cloud + "Link/CloudAuthority.cs", "    private async ValueTask ReceiptAsync(LiveDevice device, Receipt receipt)\n    {",
                "    private async ValueTask ReceiptAsync(LiveDevice device, Receipt receipt)\n    {\n        if (Planted.Is(3) && receipt.State == ReceiptState.Played) return;")),
        new(4, "R2", "a repeat is played again",
            new Edit(Device + "DeviceCore.Orders.cs", "RememberedOrder? known = _memory.Find(order.WarningId, order.Revision, false);\n        if (known != null)", "RememberedOrder? known = _memory.Find(order.WarningId, order.Revision, false);\n        if (known != null && !Planted.Is(4))")),
        new(5, "R2", "an actual warning that a power cut broke off does not start again",
            new Edit(Device + "DeviceCore.Playing.cs", "if (!queued.Order.IsActual && queued.Attempt > 0)", "if ((!queued.Order.IsActual || Planted.Is(5)) && queued.Attempt > 0 && !Planted.Is(6))")),
        new(6, "R2", "a test that a power cut broke off starts again"),
        new(7, "R2", "a device that lost its memory is not asked again",
            new Edit(Cloud + "Link/OwedOrders.cs", "await ledger.ForgottenAsync(hellos", "if (!Planted.Is(7)) await ledger.ForgottenAsync(hellos")),
        new(8, "R2", "what was sent and not answered is not owed any more",
            new Edit(Ledger + "LedgerStore.Orders.cs", "WHERE o.state IN (0, 1) AND (w.state = 3", "WHERE o.state IN (0, {(Planted.Is(8) ? 0 : 1)}) AND (w.state = 3")),
        new(9, "R3", "the authenticator is not compared",
            new Edit("firmware/Broadcast.Device/Wire/Envelope.cs", "if (!SameBytes(HMACSHA256.HashData(seal, header.Payload), header.Mac))", "if (!SameBytes(HMACSHA256.HashData(seal, header.Payload), header.Mac) && !Planted.Is(9))")),
        new(10, "R3", "an expired order begins",
            new Edit(Device + "DeviceCore.Orders.cs", "if (_clock.WallMs(_nowMs) < order.ExpiresMs)", "if (_clock.WallMs(_nowMs) < order.ExpiresMs || Planted.Is(10))"),
            new Edit(Device + "PlayQueue.cs", "candidate.Order.NotBeforeMs <= wallMs && wallMs < candidate.Order.ExpiresMs", "candidate.Order.NotBeforeMs <= wallMs && (wallMs < candidate.Order.ExpiresMs || Planted.Is(10))"),
            new Edit(Device + "DeviceCore.Playing.cs", "if (!queued.IsPlaying && queued.Order.ExpiresMs <= wallMs)", "if (!queued.IsPlaying && queued.Order.ExpiresMs <= wallMs && !Planted.Is(10))")),
        new(11, "R3", "a refusal is not counted",
            new Edit(Device + "DeviceCore.cs", "if (_refusals[(int)refusal] < int.MaxValue)", "if (_refusals[(int)refusal] < int.MaxValue && !Planted.Is(11))")),
        new(12, "R4", "a cancel does not stop the sound",
            new Edit(Device + "DeviceCore.Orders.cs", "        if (queued.IsPlaying)\n            _body.Stop(queued.PlayId);", "        if (queued.IsPlaying && !Planted.Is(12))\n            _body.Stop(queued.PlayId);")),
        new(13, "R4", "a cancel of something unknown is not remembered",
            new Edit(Device + "OrderMemory.cs", "if (At(i).IsCancel && At(i).Revision >= revision", "if (!Planted.Is(13) && At(i).IsCancel && At(i).Revision >= revision")),
        new(14, "R4", "a site that an update leaves out is not told to stop",
            new Edit(Ledger + "LedgerStore.Releases.cs", "if (request.Revision.Kind == OrderKind.Alert) return [];", "if (request.Revision.Kind == OrderKind.Alert || Planted.Is(14)) return [];")),
        new(15, "R4", "an update is not taken",
            new Edit(Device + "DeviceCore.Orders.cs", "        if (!_memory.IsFloorKnown)\n            return Refusal.NotYetKnownTime;", "        if (Planted.Is(15) && order.Kind == OrderKind.Update) return Refusal.Superseded;\n        if (!_memory.IsFloorKnown)\n            return Refusal.NotYetKnownTime;")),
        new(16, "R5", "the level does not rank",
            new Edit(Device + "Priority.cs", "        if (byLevel != 0)", "        if (byLevel != 0 && !Planted.Is(16))")),
        new(17, "R5", "a higher order waits for a lower one's end",
            new Edit(Device + "PlayQueue.cs", "QueuedOrder? highest = Current;", "QueuedOrder? highest = Current;\n        if (Planted.Is(17) && highest != null) return highest;")),
        new(18, "R6", "what was interrupted is reported as played",
            new Edit(Device + "DeviceCore.Playing.cs", "Say(current.Memory, ReceiptState.Interrupted, 0, current.Attempt);", "Say(current.Memory, Planted.Is(18) ? ReceiptState.Played : ReceiptState.Interrupted, 0, current.Attempt);")),
        new(19, "R6", "the cloud takes received for playing",
            new Edit(Rules + "OrderLife.cs", "ReceiptState.Received => OrderState.Received,", "ReceiptState.Received => Planted.Is(19) ? OrderState.Playing : OrderState.Received,")),
        new(20, "R7", "an exercise does not say so",
            new Edit("firmware/Broadcast.Device/Wire/Order.cs", "public string SpokenText() => SpokenBefore()", "public string SpokenText() => Planted.Is(20) && Class == WarningClass.Exercise ? Text : SpokenBefore()")),
        new(21, "R7", "an exercise opens the siren",
            new Edit("firmware/Broadcast.Device/Wire/Order.cs", "public bool OpensSiren => Siren &&", "public bool OpensSiren => (Planted.Is(21) && Class == WarningClass.Exercise) || Siren &&")),
        new(22, "R8", "somebody approves their own red",
            new Edit(Rules + "Authority.cs", "person.Id == warning.Author && NeedsSecondPerson(warning.Content)", "person.Id == warning.Author && NeedsSecondPerson(warning.Content) && !Planted.Is(22)")),
        new(23, "R8", "somebody acts outside their region",
            new Edit(Rules + "Authority.cs", "if (!person.Region.Contains(village))", "if (!person.Region.Contains(village) && !Planted.Is(23))")),
        new(24, "R8", "an approval is not in the audit trail",
            new Edit(Ledger + "LedgerStore.Warnings.cs", "            Note(tx, actor, act, Subject(id, revision), $\"{from} to {to}\");", "            if (!Planted.Is(24)) Note(tx, actor, act, Subject(id, revision), $\"{from} to {to}\");")),
        new(25, "R9", "a local alarm waits for the time",
            new Edit(Device + "PlayQueue.cs", ": candidate.Order.Class == WarningClass.LocalAlarm || candidate.Order.IsMomentary;", ": (candidate.Order.Class == WarningClass.LocalAlarm && !Planted.Is(25)) || candidate.Order.IsMomentary;")),
        new(26, "R9", "without a link nothing begins",
            new Edit(Device + "DeviceCore.Playing.cs", "QueuedOrder? next = _queue.Highest(_clock.WallMs(_nowMs));", "QueuedOrder? next = Planted.Is(26) && !_linkUp ? _queue.Current : _queue.Highest(_clock.WallMs(_nowMs));")),
        new(27, "R9", "receipts tell the time at which they were sent",
            new Edit(Device + "DeviceCore.Session.cs", "entry.Receipt.AtMs = _clock.WallMs(entry.MonotonicMs);", "entry.Receipt.AtMs = _clock.WallMs(Planted.Is(27) ? _nowMs : entry.MonotonicMs);")),
        new(28, "R6", "two boots without a flash give one number to two receipts",
            new Edit(Device + "DeviceCore.Session.cs", "        if (_numbersLifted)", "        if (_numbersLifted || (Planted.Is(28) && _memory.IsFloorKnown))")) { Seed = 101_902 },
        new(29, "R9", "a township's Pi acknowledges what the cloud has not",
            new Edit(Edge + "ChildRelay.cs", "return new ValueTask(parcel.Done.Task);", "return Planted.Is(29) ? ValueTask.CompletedTask : new ValueTask(parcel.Done.Task);")),
        new(30, "R7", "a delegated key says whatever its Pi likes",
            new Edit(Device + "DeviceCore.Delegated.cs", "(!isAlarm && order.Class != WarningClass.LocalNotice))", "(!isAlarm && order.Class != WarningClass.LocalNotice && !Planted.Is(30)))")),
        new(31, "R3", "a delegated key that was revoked speaks on",
            new Edit(Device + "DeviceCore.Delegated.cs", "if (said.Epoch <= _revokedUpTo || said.ExpiresMs <= nowMs)", "if ((said.Epoch <= _revokedUpTo && !Planted.Is(31)) || (said.ExpiresMs <= nowMs && !Planted.Is(32)))")),
        new(32, "R3", "a delegated key that is over speaks on",
            new Edit(Device + "DeviceCore.Delegated.cs", "if (order.ExpiresMs > said.ExpiresMs)", "if (order.ExpiresMs > said.ExpiresMs && !Planted.Is(32))")),
        new(33, "R6", "played is counted as audible",
            new Edit(Rules + "OrderLife.cs", "SoundOf(state, reason) is SoundCheck.AmplifierDriven or SoundCheck.MicrophoneHeard;", "(Planted.Is(33) && state == OrderState.Played) || SoundOf(state, reason) is SoundCheck.AmplifierDriven or SoundCheck.MicrophoneHeard;")),
        new(34, "R3", "the session of before a rekey goes on",
            new Edit(Cloud + "Sites/CustodyDesk.cs", ".TryGet(device.Value, out var session)) session.Close", ".TryGet(device.Value, out var session) && !Planted.Is(34)) session.Close"),
            new Edit(Cloud + "Sites/CustodyDesk.cs", "is { } live && HasChangedHands(live)) live.Session.Close", "is { } live && HasChangedHands(live) && !Planted.Is(34)) live.Session.Close")),
        new(35, "R2", "a rekeyed child is heard under its old keys where its Pi is",
            new Edit(Cloud + "Link/LiveDevice.cs", "old.KeyEpoch == child.KeyEpoch ? old", "old.KeyEpoch == child.KeyEpoch || Planted.Is(35) ? old")),
        new(36, "R3", "a backup that is put back gives revoked keys back",
            new Edit(Ledger + "LedgerStore.Restore.cs", "if (replaced is not null) restored =", "if (replaced is not null && !Planted.Is(36)) restored =")),
        new(37, "R2", "what a full session did not take is not said again",
            new Edit(Cloud + "Link/LiveDevice.cs", "        Missed();", "        if (!Planted.Is(37)) Missed();")) { Seed = 870_033 },
        new(38, "R2", "a clock that is right again takes back how far revisions leap after a restore",
            new Edit(Ledger + "LedgerStore.Restore.cs", "Math.Max(now.ToUnixTimeMilliseconds(), _restoredMs);", "Planted.Is(38) ? now.ToUnixTimeMilliseconds() : Math.Max(now.ToUnixTimeMilliseconds(), _restoredMs);")) { Seed = 870_528 },
        new(39, "R6", "what a device said before it forgot the order is not its last word",
            new Edit(Ledger + "LedgerStore.Receipts.cs", "row is { Seen: not 0, Receipt: 0 } ?", "row is { Seen: not 0, Receipt: 0 } && !Planted.Is(39) ?")) { Seed = 870_205 },
        new(40, "R4", "a device that lost the last of its memory is not asked again",
            new Edit(Cloud + "Link/OwedOrders.cs", "new HelloMark(device.Id, highWater)", "new HelloMark(device.Id, Planted.Is(40) && highWater > 0 ? long.MaxValue : highWater)")) { Seed = 812_683 },
        new(41, "R9", "a Pi without memory believes a list of children before it is welcome",
            new Edit(Device + "DeviceCore.Journal.cs", "        if (_memory.IsFloorKnown)", "        if (_memory.IsFloorKnown || Planted.Is(41))")) { Seed = 5_009_672 },
        new(42, "R8", "an update to a lower class gives a warning into hands that may speak only that",
            new Edit(Cloud + "Warnings/WarningDesk.cs", "return revisions.Where(r => r.Kind", "return revisions.Skip(Planted.Is(42) ? revisions.Count - 1 : 0).Where(r => r.Kind")) { Seed = 6_006_118 },
    ];
}
