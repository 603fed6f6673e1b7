using System.Security.Cryptography;

namespace Daylight.Core.Releases.Noise;

/// <summary>Where the samplers take their randomness from. Noise that can be foretold is none, so outside of tests it is <see cref="SecureBits"/>.</summary>
public interface IRandomBits
{
    /// <summary>Fills a buffer with independent, uniform bits.</summary>
    void Fill(Span<byte> buffer);
}

/// <summary>The platform's cryptographic generator.</summary>
public sealed class SecureBits : IRandomBits
{
    /// <inheritdoc/>
    public void Fill(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);
}

/// <summary>Uniform whole numbers from bits, by rejection: no number is likelier than another.</summary>
internal sealed class Uniform(IRandomBits bits)
{
    private readonly byte[] buffer = new byte[4096];
    private int used = 4096;
    private ulong coins;
    private int coinsLeft;

    /// <summary>A number from 0 to below a bound.</summary>
    public UInt128 Below(UInt128 bound)
    {
        if (bound <= ulong.MaxValue)
        {
            return Below((ulong)bound);
        }

        // Keep just as many bits as the bound has, and try again above it: less than two tries on average.
        var drop = (int)UInt128.LeadingZeroCount(bound - 1);
        while (true)
        {
            var drawn = new UInt128(Next(), Next()) >> drop;
            if (drawn < bound)
            {
                return drawn;
            }
        }
    }

    /// <summary>A fair coin.</summary>
    public bool Coin()
    {
        if (coinsLeft == 0)
        {
            (coins, coinsLeft) = (Next(), 64);
        }

        coinsLeft--;
        (var coin, coins) = ((coins & 1) == 1, coins >> 1);
        return coin;
    }

    private ulong Below(ulong bound)
    {
        var drop = (int)ulong.LeadingZeroCount(bound - 1);
        if (drop == 64)
        {
            return 0;
        }

        while (true)
        {
            var drawn = Next() >> drop;
            if (drawn < bound)
            {
                return drawn;
            }
        }
    }

    private ulong Next()
    {
        if (used == buffer.Length)
        {
            bits.Fill(buffer);
            used = 0;
        }

        var next = BitConverter.ToUInt64(buffer, used);
        buffer.AsSpan(used, 8).Clear(); // what was drawn stays nowhere
        used += 8;
        return next;
    }
}
