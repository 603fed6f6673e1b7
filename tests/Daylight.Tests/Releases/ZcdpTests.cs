using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;

namespace Daylight.Tests.Releases;

/// <summary>What noise costs, and what a budget buys.</summary>
public sealed class ZcdpTests
{
    [Fact]
    public void one_epsilon_a_year_is_the_rho_and_the_noise_that_are_published()
    {
        var rho = Zcdp.UnitsFor(1) / (double)Zcdp.Units;
        Assert.Equal(0.0244, rho, 4);
        Assert.Equal(4.5, Math.Sqrt(1 / (2 * rho)), 1); // one count
        Assert.Equal(32.7, Math.Sqrt(52 / (2 * rho)), 1); // 52 of them
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public void a_budget_never_buys_more_than_its_epsilon(double epsilon)
    {
        var units = Zcdp.UnitsFor(epsilon);
        Assert.InRange(Zcdp.Epsilon(units / (double)Zcdp.Units), epsilon * 0.999, epsilon);
        Assert.InRange(Zcdp.Epsilon(units * 1.01 / Zcdp.Units), epsilon, epsilon * 1.02);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.0244)]
    [InlineData(0.5)]
    public void the_epsilon_of_a_cost_is_no_less_than_that_of_the_gaussian_itself(double rho)
    {
        // For one Gaussian of σ = Δ/√(2ρ) the exact δ at ε is known (Balle, Wang 2018): Φ(Δ/2σ − εσ/Δ) − e^ε Φ(−Δ/2σ − εσ/Δ).
        var (a, epsilon) = (Math.Sqrt(2 * rho), Zcdp.Epsilon(rho));
        var delta = Phi((a / 2) - (epsilon / a)) - (Math.Exp(epsilon) * Phi(-(a / 2) - (epsilon / a)));
        Assert.InRange(delta, Zcdp.Delta / 30, Zcdp.Delta);
        // And no less than the simpler bound gives away: ρ + 2√(ρ ln 1/δ).
        Assert.True(epsilon < rho + (2 * Math.Sqrt(rho * Math.Log(1 / Zcdp.Delta))));
    }

    [Fact]
    public void nothing_costs_nothing() => Assert.Equal(0, Zcdp.Epsilon(0));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(4, 3)]
    public void the_periods_of_a_year_never_cost_more_than_the_year(int weeks, int figures)
    {
        foreach (var epsilon in new[] { 0.01m, 0.3m, 1m, 10m })
        {
            var plan = Noised(epsilon, weeks);
            var noise = NoisePlan.Of(plan, figures);
            Assert.InRange(noise.Cost * NoisePlan.PeriodsAYear(weeks), NoisePlan.YearOf(plan.Noise!.Value) * 0.99, NoisePlan.YearOf(plan.Noise!.Value));
        }
    }

    [Theory]
    [InlineData(NoiseMechanism.Gaussian)]
    [InlineData(NoiseMechanism.Laplace)]
    public void the_parameters_cost_what_is_said(NoiseMechanism mechanism)
    {
        var noise = NoisePlan.Of(Noised(1, 1, mechanism), 2);
        // Back from the noise to what it costs: half the range of 4,200 in the sum, one in the count, in two figures.
        double Cost(Rational parameter, double weighs) => mechanism == NoiseMechanism.Gaussian ? weighs * weighs / (2 * parameter.Value) : weighs / parameter.Value * (weighs / parameter.Value) / 2;
        var cost = 2 * (Cost(noise.Sum, 2100) + Cost(noise.Count, 1));
        Assert.InRange(cost * Zcdp.Units, noise.Cost * 0.999, noise.Cost);
        Assert.Equal(2100, noise.Middle);
    }

    [Fact]
    public void laplace_noise_is_the_wider_for_the_same_epsilon()
    {
        var (gaussian, laplace) = (NoisePlan.Of(Noised(1, 1), 1), NoisePlan.Of(Noised(1, 1, NoiseMechanism.Laplace), 1));
        Assert.InRange(laplace.HalfWidth(1000) / gaussian.HalfWidth(1000), 1.4, 1.42);
    }

    [Fact]
    public void an_interval_holds_the_truth_95_times_in_100()
    {
        var plan = Noised(1, 1);
        var (work, held) = (new Workforce(1, teams: 100, size: 9, teamsInDepartment: 10), 0);
        work.Live(0);
        var census = work.Census();
        var values = work.Values(census, away: 8);
        var truth = values.OfType<int>().Average();
        var sampler = new NoiseSampler(new Bits(4));
        const int Times = 1000;
        for (var i = 0; i < Times; i++)
        {
            var shown = Assert.IsType<CellValue.Shown>(Assert.Single(Figures.Of(plan, census, values, census.Ids, null, sampler, long.MaxValue).Cells).Value);
            held += shown.Low <= truth && truth <= shown.High ? 1 : 0;
            Assert.Equal(1000, shown.People);
        }

        Assert.InRange(held / (double)Times, 0.94, 0.975);
    }

    private static double Phi(double x)
    {
        // By integration: slow and plain.
        var (sum, step) = (0.0, 1e-4);
        for (var t = x - 12; t < x; t += step)
        {
            sum += Math.Exp(-(t + (step / 2)) * (t + (step / 2)) / 2) * step;
        }

        return sum / Math.Sqrt(2 * Math.PI);
    }

    private static MeasurePlan Noised(decimal epsilon, int weeks, NoiseMechanism mechanism = NoiseMechanism.Gaussian) =>
        Workforce.Plan(5, GroupLevel.Company) with { Weeks = weeks, Noise = new NoiseBudget(epsilon, mechanism) };
}
