using Daylight.Core.Charters;

namespace Daylight.Core.Releases.Noise;

/// <summary>
/// How much noise the figures of one measure and period get. The year's budget of a person goes in equal parts to its periods, and a period's to the figures
/// that count the person. In each, two numbers are drawn over: how many contributed, and the sum of how far each is from the middle of the range, so that one
/// person weighs half the range at the most.
/// </summary>
/// <param name="Mechanism">Which noise.</param>
/// <param name="Count">Parameter of the noise on the number of people: σ², or the scale.</param>
/// <param name="Sum">The same on the sum.</param>
/// <param name="Middle">The middle of the range, in units of the measure.</param>
/// <param name="Cost">What a period costs a person, in <see cref="Zcdp.Units"/>.</param>
public sealed record NoisePlan(NoiseMechanism Mechanism, Rational Count, Rational Sum, int Middle, long Cost)
{
    /// <summary>For z of 95 % of a normal distribution.</summary>
    private const double Within95 = 1.96;

    private const uint Fine = 1000;

    /// <summary>Periods that a year can have: 53 weeks, or 14 blocks of four.</summary>
    public static int PeriodsAYear(int weeks) => weeks == 1 ? 53 : 14;

    /// <summary>A year's budget of one measure, in <see cref="Zcdp.Units"/>.</summary>
    public static long YearOf(NoiseBudget budget) => Zcdp.UnitsFor((double)budget.Epsilon);

    /// <summary>Plans a period.</summary>
    /// <param name="plan">A measure with noise.</param>
    /// <param name="figures">How many figures count one person, at the most.</param>
    public static NoisePlan Of(MeasurePlan plan, int figures)
    {
        var budget = plan.Noise ?? throw new ArgumentException("The measure has no noise.", nameof(plan));
        var (low, high) = PersonFigure.Range(plan.Measure, plan.Weeks);
        var (middle, each) = (low + ((high - low) / 2), YearOf(budget) / PeriodsAYear(plan.Weeks) / Math.Max(1, figures));
        // Two thirds for the sum: its error weighs more in the mean than that of the number of people.
        var (forSum, forCount) = (each / 3 * 2, each / 3);
        var most = Math.Max(high - middle, middle - low);
        return new NoisePlan(budget.Mechanism, Parameter(budget.Mechanism, 1, forCount), Parameter(budget.Mechanism, most, forSum), middle, (forSum + forCount) * figures);
    }

    /// <summary>Half the width of a figure's 95 % interval, in units of the measure, for so many people.</summary>
    /// <param name="people">People that contributed, as far as one may know.</param>
    /// <param name="mean">The figure, where there is one; without it one in the middle of the range, which is the narrowest: up to 1.7 times as wide at its ends.</param>
    public double HalfWidth(double people, double? mean = null)
    {
        var away = Math.Abs((mean ?? Middle) - Middle);
        return Within95 * Math.Sqrt(Variance(Sum) + (away * away * Variance(Count))) / Math.Max(1, people);
    }

    /// <summary>Whether the noise of a group of this size says no more than the range itself does: its 95 % interval is as wide. By the directory alone.</summary>
    public bool IsSwamped(int people, (int Low, int High) range) => Deviation(Sum) > NoiseSampler.LargestScale || HalfWidth(people) * 2 > range.High - range.Low;

    /// <summary>Draws noise.</summary>
    public long Draw(NoiseSampler sampler, Rational parameter) => Mechanism == NoiseMechanism.Gaussian ? sampler.Gaussian(parameter) : sampler.Laplace(parameter);

    private double Deviation(Rational parameter) => Math.Sqrt(Variance(parameter));

    private double Variance(Rational parameter) => Mechanism == NoiseMechanism.Gaussian ? parameter.Value : 2 * parameter.Value * parameter.Value;

    private static Rational Parameter(NoiseMechanism mechanism, long weighs, long cost)
    {
        if (cost <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(cost), "A budget this small has no noise that hides it.");
        }

        // Rounded up: more noise than is owed.
        if (mechanism == NoiseMechanism.Gaussian)
        {
            var variance = ((UInt128)weighs * (UInt128)weighs * Zcdp.Units * Fine / 2 / (UInt128)cost) + 1;
            return variance <= ulong.MaxValue ? new Rational((ulong)variance, Fine) : new Rational((ulong)(variance / Fine) + 1, 1);
        }

        // Scale Δ/ε with ε = √(2ρ).
        return new Rational((ulong)Math.Ceiling(weighs / Math.Sqrt(2.0 * cost / Zcdp.Units) * Fine * (1 + 1e-9)), Fine);
    }
}
