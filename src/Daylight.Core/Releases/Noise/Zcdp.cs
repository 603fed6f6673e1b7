namespace Daylight.Core.Releases.Noise;

/// <summary>
/// Zero-concentrated differential privacy (Bun, Steinke 2016): what noise costs, in one currency. Costs add up; a Gaussian of variance σ² on a sum in which
/// one person weighs Δ costs ρ = Δ²/(2σ²), and a Laplace of scale Δ/ε costs ε²/2. Converted to the (ε, δ) that people know by Canonne, Kamath, Steinke 2020, Corollary 13.
/// </summary>
public static class Zcdp
{
    /// <summary>δ of every claim: the chance that the promise does not hold is below one in a million.</summary>
    public const double Delta = 1e-6;

    /// <summary>Units of the ledger in one ρ. Whole numbers, so that sums are exact.</summary>
    public const long Units = 1_000_000_000_000;

    /// <summary>The ε that a cost guarantees, at <see cref="Delta"/>.</summary>
    /// <param name="rho">ρ, 0 or more.</param>
    public static double Epsilon(double rho)
    {
        if (rho <= 0)
        {
            return 0;
        }

        var (low, high) = (0.0, rho + (2 * Math.Sqrt(rho * Math.Log(1 / Delta))));
        return Bisect(low, high, epsilon => DeltaOf(rho, epsilon) <= Delta).Above;
    }

    /// <summary>The largest ρ, in <see cref="Units"/>, that guarantees an ε at <see cref="Delta"/>; never rounded up.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    public static long UnitsFor(double epsilon) => (long)Math.Floor(Bisect(0, epsilon + 1, rho => DeltaOf(rho, epsilon) > Delta).Below * (1 - 1e-9) * Units);

    /// <summary>δ of a cost at an ε: the infimum over α of exp((α−1)(αρ−ε)) / (α−1) · (1−1/α)^α, any α of which is an upper bound.</summary>
    private static double DeltaOf(double rho, double epsilon)
    {
        double Log(double alpha) => ((alpha - 1) * ((alpha * rho) - epsilon)) - Math.Log(alpha - 1) + (alpha * Math.Log((alpha - 1) / alpha));
        // Its logarithm is convex in α; the optimum lies below the one that ignores the last factors, plus some.
        var (low, high) = (1 + 1e-9, Math.Max(2, ((epsilon + 1) / (2 * rho)) + 2));
        for (var i = 0; i < 200 && high - low > 1e-8 * low; i++)
        {
            var (third, twoThirds) = (low + ((high - low) / 3), high - ((high - low) / 3));
            (low, high) = Log(third) < Log(twoThirds) ? (low, twoThirds) : (third, high);
        }

        return Math.Min(1, Math.Exp(Log(high)));
    }

    /// <summary>Halves an interval at whose upper end, and not at whose lower, a condition holds.</summary>
    private static (double Below, double Above) Bisect(double below, double above, Func<double, bool> holds)
    {
        for (var i = 0; i < 60; i++)
        {
            var middle = (below + above) / 2;
            (below, above) = holds(middle) ? (below, middle) : (middle, above);
        }

        return (below, above);
    }
}
