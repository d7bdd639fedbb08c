namespace Broadcast.Cli;

/// <summary>What the shell hears. Documented in the operator guide; scripts rely on the numbers.</summary>
internal static class ExitCodes
{
    /// <summary>Done; for `warn`: every target has played it.</summary>
    public const int Done = 0;

    /// <summary>Something of ours failed: a process did not start, a test is red.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, or the cloud refused; nothing was changed.</summary>
    public const int Refused = 2;

    /// <summary>Released, and some targets have not played it.</summary>
    public const int NotAllPlayed = 3;

    /// <summary>The cloud could not be reached.</summary>
    public const int Unreachable = 4;

    /// <summary>Ended by Ctrl-C (128 + SIGINT, as shells count).</summary>
    public const int Interrupted = 130;
}
