namespace Broadcast.Hostile.Tests.Fuzzing;

/// <summary>One reader of the product, with what makes inputs for it and what must hold of every one.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Bytes of managed memory that reading one input may take besides what its length explains.</summary>
    public virtual long AllocatedBytesMax => 256 * 1024;

    /// <summary>Bytes of managed memory that each byte of an input may take: a tree of a document takes dozens, a frame a few.</summary>
    public virtual int AllocatedBytesOfByte => 16;

    /// <summary>Inputs in a usual run; fewer where each costs a file.</summary>
    public virtual int InputsUsual => 100_000;

    /// <summary>At least one of so many inputs is taken: inputs that are all refused at the first byte test little.</summary>
    public virtual int OneTakenOf => 1_000;

    /// <summary>Makes an input: something proper with damage.</summary>
    public abstract byte[] Make(Dice dice);

    /// <summary>Reads the input; true when the reader took it. Throws where something does not hold that must.</summary>
    public abstract bool Take(byte[] input);

    public override string ToString() => GetType().Name;

    protected static void Must(bool holds, string what)
    {
        if (!holds) throw new ShouldAssertException(what);
    }
}
