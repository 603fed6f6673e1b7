using System.Numerics;

namespace Daylight.Core.Releases.Noise;

/// <summary>A positive rational number, so that no sampler rounds.</summary>
/// <param name="Numerator">Above.</param>
/// <param name="Denominator">Below; at least 1.</param>
public readonly record struct Rational(ulong Numerator, uint Denominator)
{
    /// <summary>The nearest double, for printing and intervals only.</summary>
    public double Value => (double)Numerator / Denominator;
}

/// <summary>
/// Exact samplers of noise on whole numbers (Canonne, Kamath, Steinke, <em>The Discrete Gaussian for Differential Privacy</em>, 2020, arXiv 2004.00010,
/// Algorithms 1 to 3). Integers only: noise in floating point leaks what it should hide (Mironov 2012). How long a draw takes says something about its size; the keyholder draws thousands in a run and
/// answers when all are drawn.
/// </summary>
public sealed class NoiseSampler(IRandomBits bits)
{
    /// <summary>Largest scale, and square root of the largest variance: within it no product of the samplers overflows 128 bits.</summary>
    public const ulong LargestScale = 1UL << 28;

    /// <summary>Bits above a denominator: one for the factor two, six for as many tries as nobody will see.</summary>
    private const int RoomForTries = 7;

    private readonly Uniform uniform = new(bits);

    /// <summary>Discrete Laplace: y with probability proportional to exp(−|y| / scale).</summary>
    /// <param name="scale">Scale, up to <see cref="LargestScale"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is 0 or too large.</exception>
    public long Laplace(Rational scale)
    {
        ArgumentOutOfRangeException.ThrowIfZero(scale.Numerator, nameof(scale));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale.Numerator / scale.Denominator, LargestScale, nameof(scale));
        var (t, s) = (scale.Numerator, (UInt128)scale.Denominator);
        while (true)
        {
            var u = uniform.Below(t);
            if (!BernoulliExp(u, t))
            {
                continue;
            }

            UInt128 v = 0;
            while (BernoulliExp(1, 1))
            {
                v++;
            }

            var y = (long)((u + (t * v)) / s);
            var negative = uniform.Coin();
            if (negative && y == 0)
            {
                continue; // zero has one sign
            }

            return negative ? -y : y;
        }
    }

    /// <summary>Discrete Gaussian: y with probability proportional to exp(−y² / (2 variance)).</summary>
    /// <param name="variance">The parameter σ², up to the square of <see cref="LargestScale"/>; the true variance is never larger.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is 0 or too large.</exception>
    public long Gaussian(Rational variance)
    {
        ArgumentOutOfRangeException.ThrowIfZero(variance.Numerator, nameof(variance));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(variance.Numerator / variance.Denominator, LargestScale * LargestScale, nameof(variance));
        var (a, b) = ((UInt128)variance.Numerator, (UInt128)variance.Denominator);
        var t = Root(variance.Numerator / variance.Denominator) + 1;
        while (true)
        {
            // Accept y with exp(−(|y| − σ²/t)² / (2σ²)), of which numerator and denominator are (|y|·b·t − a)² and 2·a·b·t².
            var y = Laplace(new Rational(t, 1));
            var (far, near) = ((UInt128)ulong.CreateChecked(Math.Abs(y)) * b * t, a);
            var away = far > near ? far - near : near - far;
            if (BernoulliExpOfSquare(away, a, b * t * t))
            {
                return y;
            }
        }
    }

    /// <summary>True with probability exp(−away² / (2·a·c)); in 128 bits where they hold it, and else in numbers of any length.</summary>
    private bool BernoulliExpOfSquare(UInt128 away, UInt128 a, UInt128 c)
    {
        if (away <= ulong.MaxValue && UInt128.LeadingZeroCount(a) + UInt128.LeadingZeroCount(c) >= 128 + RoomForTries)
        {
            return BernoulliExp(away * away, a * c * 2);
        }

        var (square, below) = ((BigInteger)away * away, (BigInteger)a * c * 2);
        var whole = BigInteger.DivRem(square, below, out var rest);
        for (; whole > 0; whole--)
        {
            if (!BernoulliExp(1, 1))
            {
                return false;
            }
        }

        for (var k = 1; ; k++)
        {
            if (!Bernoulli(rest, below * k))
            {
                return k % 2 == 1;
            }
        }
    }

    /// <summary>True with probability n/d.</summary>
    private bool Bernoulli(BigInteger n, BigInteger d)
    {
        // Digit by digit in base 2⁶⁴: decided at the first digit that differs.
        while (true)
        {
            n <<= 64;
            var digit = BigInteger.DivRem(n, d, out n);
            if (digit > ulong.MaxValue)
            {
                return true; // n = d
            }

            var drawn = (ulong)uniform.Below((UInt128)ulong.MaxValue + 1);
            if (drawn != (ulong)digit)
            {
                return drawn < (ulong)digit;
            }

            if (n.IsZero)
            {
                return false;
            }
        }
    }

    /// <summary>Algorithm 1: true with probability exp(−n/d).</summary>
    private bool BernoulliExp(UInt128 n, UInt128 d)
    {
        for (; n > d; n -= d)
        {
            if (!BernoulliExp(1, 1))
            {
                return false;
            }
        }

        for (uint k = 1; ; k++)
        {
            if (uniform.Below(d * k) >= n)
            {
                return k % 2 == 1;
            }
        }
    }

    private static ulong Root(ulong number)
    {
        var root = (ulong)Math.Sqrt(number);
        while (root > 0 && (UInt128)root * root > number)
        {
            root--;
        }

        while ((UInt128)(root + 1) * (root + 1) <= number)
        {
            root++;
        }

        return root;
    }
}
