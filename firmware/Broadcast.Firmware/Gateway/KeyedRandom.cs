using System;
using System.Security.Cryptography;

namespace Broadcast.Firmware;

/// <summary>
/// Bytes that nobody can guess, on a platform that offers no cryptographic generator: an HMAC under the order key over
/// everything that differs from draw to draw and from boot to boot. Without the key the next bytes cannot be told from
/// all those before; the boot number and the microseconds keep a draw from coming twice.
/// </summary>
internal sealed class KeyedRandom
{
    private const int StateBytes = 56;

    private readonly byte[] _key;
    private readonly byte[] _state = new byte[StateBytes];
    private readonly IClock _clock;
    private int _draws;

    internal KeyedRandom(byte[] key, IClock clock)
    {
        _key = key;
        _clock = clock;
        byte[] noise = new byte[16];
        new Random().NextBytes(noise);
        Array.Copy(noise, 0, _state, 40, noise.Length);
    }

    /// <summary>Boots so far; saved by the core before anything is drawn for the link.</summary>
    internal int Boot { get; set; }

    internal void Fill(byte[] buffer)
    {
        for (int at = 0; at < buffer.Length; at += 32)
        {
            Put(32, _clock.MonotonicUs ^ ((long)Boot << 32) ^ ++_draws);
            byte[] block = HMACSHA256.HashData(_key, _state);
            // Half of a block is given and all of it is carried on, so that what was given tells nothing of what comes.
            byte[] given = HMACSHA256.HashData(_key, block);
            Array.Copy(given, 0, buffer, at, buffer.Length - at < 32 ? buffer.Length - at : 32);
            Array.Copy(block, 0, _state, 0, 32);
        }
    }

    private void Put(int at, long value)
    {
        for (int i = 0; i < 8; i++)
            _state[at + i] = (byte)(value >> (8 * i));
    }
}
