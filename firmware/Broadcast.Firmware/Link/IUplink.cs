namespace Broadcast.Firmware.Link;

/// <summary>The wire to the cloud. What happens on it is told by letters; nothing here waits.</summary>
public interface IUplink
{
    /// <summary>Begins to connect and subscribe. The end is a letter: link up, or link down.</summary>
    void Begin();

    /// <summary>Hands a frame on. True: taken, and a letter tells when it was acknowledged. False: no link or no room.</summary>
    bool Publish(int token, byte[] frame);

    /// <summary>Ends the connection, whatever it is doing. A letter need not follow.</summary>
    void Close();
}
