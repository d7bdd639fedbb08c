using Broadcast.Firmware.Storage;

namespace Broadcast.Firmware.Tests;

/// <summary>
/// Two slots on NOR flash: programming only clears bits, a sector is erased as a whole, and the power may go at any byte
/// programmed or sector erased, leaving that byte or sector anywhere between.
/// </summary>
internal sealed class NorSlots(int slotBytes, Random random) : ISlots
{
    public const int SectorBytes = 4_096;

    private readonly byte[][] _flash = [Filled(slotBytes), Filled(slotBytes)];

    /// <summary>Thrown where the power goes.</summary>
    public sealed class PowerCut : Exception;

    public int SlotBytes => slotBytes;

    /// <summary>Bytes programmed and sectors erased until the power goes; negative for never.</summary>
    public int StepsToPowerCut { get; set; } = -1;

    public int Steps { get; private set; }

    /// <summary>Erases of each sector of each slot.</summary>
    public int[] Erases { get; } = new int[2 * slotBytes / SectorBytes];

    /// <summary>Programming fails and says so.</summary>
    public bool IsWornOut { get; set; }

    public int Used(int slot) => Array.FindLastIndex(_flash[slot], b => b != 0xFF) + 1;

    public bool Read(int slot, int offset, byte[] buffer, int count)
    {
        if (offset < 0 || offset + count > slotBytes) return false;
        Array.Copy(_flash[slot], offset, buffer, 0, count);
        return true;
    }

    public bool Append(int slot, int offset, byte[] bytes)
    {
        if (IsWornOut || offset + bytes.Length > slotBytes) return false;
        for (var i = 0; i < bytes.Length; i++)
        {
            // Bits that are cleared stay so; the store must never ask for more.
            var kept = Step() ? (byte)0 : (byte)random.Next(256);
            _flash[slot][offset + i] &= (byte)(bytes[i] | kept);
            CutIfDue();
        }

        return true;
    }

    public bool Erase(int slot)
    {
        for (var sector = 0; sector < slotBytes / SectorBytes; sector++)
        {
            var whole = Step();
            Erases[(slot * slotBytes / SectorBytes) + sector]++;
            for (var i = sector * SectorBytes; i < (sector + 1) * SectorBytes; i++)
                _flash[slot][i] = whole ? (byte)0xFF : (byte)(_flash[slot][i] | random.Next(256));
            CutIfDue();
        }

        return true;
    }

    /// <summary>Fills both slots with noise, or with one value.</summary>
    public void Ruin(byte? with = null)
    {
        foreach (var slot in _flash)
        {
            random.NextBytes(slot);
            if (with is { } value) Array.Fill(slot, value);
        }
    }

    /// <summary>Flips a bit, as worn flash does.</summary>
    public void Flip(int slot, int offset) => _flash[slot][offset] ^= (byte)(1 << random.Next(8));

    private static byte[] Filled(int bytes)
    {
        var flash = new byte[bytes];
        Array.Fill(flash, (byte)0xFF);
        return flash;
    }

    // True while this step will be whole.
    private bool Step()
    {
        Steps++;
        return StepsToPowerCut != 0;
    }

    private void CutIfDue()
    {
        if (StepsToPowerCut == 0) throw new PowerCut();
        if (StepsToPowerCut > 0) StepsToPowerCut--;
    }
}
