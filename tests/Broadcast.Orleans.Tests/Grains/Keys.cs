namespace Broadcast.Orleans.Tests.Grains;

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public interface ILongGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public interface ITextGrain : IGrainWithStringKey
{
    Task<string> Key();

    Task<string> KeyOfAnother(string key);
}

public interface IOrphanGrain : IGrainWithStringKey
{
    Task Call();
}

public interface IWorkerGrain : IGrainWithIntegerKey
{
    Task Meet(string gate);
}

public interface IOneFaceGrain : IGrainWithStringKey
{
    Task Put(int value);
}

public interface IOtherFaceGrain : IGrainWithStringKey
{
    Task<int> Get();
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

[PreferLocalPlacement]
public sealed class LongGrain : Grain, ILongGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public sealed class TextGrain : Grain, ITextGrain
{
    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> KeyOfAnother(string key) => GrainFactory.GetGrain<ITextGrain>(key).Key();
}

[StatelessWorker(4)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    public Task Meet(string gate)
    {
        SiloFixture.Signals.Note(gate, "here");
        if (SiloFixture.Signals.NotesOn(gate).Length == 4)
            SiloFixture.Signals.Open(gate);
        return SiloFixture.Signals.Opened(gate);
    }
}

public sealed class TwoFaceGrain : Grain, IOneFaceGrain, IOtherFaceGrain
{
    private int value;

    public Task Put(int value)
    {
        this.value = value;
        return Task.CompletedTask;
    }

    public Task<int> Get() => Task.FromResult(value);
}
