namespace Broadcast.Device.Tests;

/// <summary>A body that remembers: what it was told to play, what it saved, what it published. It can fail and crash at a chosen step.</summary>
internal sealed class FakeBody : IDeviceBody, IRecordingBody, ILiveBody
{
    private int _randomByte;

    public sealed record Playback(int PlayId, Order Order, int Attempt);

    public sealed record Sent(int Token, byte[] Frame);

    /// <summary>Thrown where the power goes.</summary>
    public sealed class PowerCut : Exception;

    public List<string> Log { get; } = [];

    public List<Playback> Played { get; } = [];

    /// <summary>Each start of a playback with the boot it happened in.</summary>
    public List<(int Boot, long Sequence)> Starts { get; } = [];

    public List<Sent> Outgoing { get; } = [];

    /// <summary>Orders whose recording it was told to fetch.</summary>
    public List<Order> Fetched { get; } = [];

    /// <summary>Power-ons so far.</summary>
    public int Boots { get; private set; }

    public Playback? Current { get; private set; }

    public byte[]? Saved { get; private set; }

    public int Saves { get; private set; }

    public bool SirenOpen { get; private set; }

    public bool LinkTakes { get; set; } = true;

    public bool StorageWorks { get; set; } = true;

    public bool Mains { get; set; } = true;

    public bool CanListen { get; set; } = true;

    /// <summary>Frames it was handed, taken or not.</summary>
    public int PublishTries { get; private set; }

    /// <summary>States it was handed, kept or not.</summary>
    public int SaveTries { get; private set; }

    /// <summary>What it does while the core is within one of its methods.</summary>
    public Action? Within { get; set; }

    /// <summary>What it reports besides.</summary>
    public Action<Report>? Tells { get; set; }

    /// <summary>Steps (plays, stops, saves, publishes) until the power goes; negative for never.</summary>
    public int StepsToPowerCut { get; set; } = -1;

    /// <summary>Whether the step at which the power goes still takes effect.</summary>
    public bool LastStepCounts { get; set; }

    public void Fetch(Order order)
    {
        Fetched.Add(order);
        Log.Add("fetch");
    }

    public void Play(int playId, Order order, int attempt) => Step(() =>
    {
        Current.ShouldBeNull("the core starts a playback only when nothing plays");
        Current = new Playback(playId, order, attempt);
        Played.Add(Current);
        Starts.Add((Boots, order.Sequence));
        Log.Add("play");
    });

    public void Stop(int playId) => Step(() =>
    {
        Current.ShouldNotBeNull().PlayId.ShouldBe(playId);
        Current = null;
        Log.Add("stop");
    });

    public void Siren(bool on) => Step(() =>
    {
        SirenOpen = on;
        Log.Add(on ? "siren on" : "siren off");
    });

    public bool Publish(int token, byte[] frame)
    {
        PublishTries++;
        if (!LinkTakes)
            return false;
        Step(() =>
        {
            Outgoing.Add(new Sent(token, frame));
            Log.Add("publish");
        });
        return true;
    }

    public bool Save(byte[] state)
    {
        SaveTries++;
        if (!StorageWorks)
            return false;
        Step(() =>
        {
            Saved = state;
            Saves++;
            Log.Add("save");
        });
        return true;
    }

    public void FillReport(Report report)
    {
        report.Volume = 80;
        report.BatteryMillivolts = 12_600;
        report.SignalDbm = -71;
        report.Mains = Mains;
        Tells?.Invoke(report);
    }

    public void Random(byte[] buffer)
    {
        // Different each time and the same in each run; a real body asks its hardware.
        _randomByte++;
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)(_randomByte + i * 7);
    }

    /// <summary>What plays has been said to its end.</summary>
    public int EndPlayback()
    {
        int playId = Current.ShouldNotBeNull().PlayId;
        Current = null;
        return playId;
    }

    /// <summary>The body as it starts after a power cut: its flash is all it has.</summary>
    public void Reboot()
    {
        Boots++;
        Current = null;
        SirenOpen = false;
        StepsToPowerCut = -1;
        Outgoing.Clear();
    }

    private void Step(Action action)
    {
        Within?.Invoke();
        bool last = StepsToPowerCut == 0;
        if (StepsToPowerCut > 0)
            StepsToPowerCut--;
        if (!last || LastStepCounts)
            action();
        if (last)
            throw new PowerCut();
    }
}
