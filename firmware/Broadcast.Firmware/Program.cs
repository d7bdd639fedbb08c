
namespace Broadcast.Firmware;

/// <summary>Where the microcontroller begins.</summary>
public static class Program
{
    private const string FlashRoot = "I:\\";

    /// <summary>Never returns.</summary>
    public static void Main()
    {
        Runner runner = new Runner(new SystemClock(), FlashRoot);
        runner.Run();
    }
}
