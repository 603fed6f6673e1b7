using System.Globalization;
using System.Text.RegularExpressions;
using Daylight.Core.Releases.Noise;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Releases;

/// <summary>The samplers against the exact probabilities of what they sample, and against the calibrated cases of google/differential-privacy.</summary>
public sealed partial class NoiseSamplerTests
{
    private const int Draws = 300_000;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(7, 2)]
    [InlineData(25, 1)]
    [InlineData(123_457, 1000)]
    public void discrete_laplace_has_its_exact_probabilities(ulong numerator, uint denominator)
    {
        var (scale, sampler) = (new Rational(numerator, denominator), new NoiseSampler(new Bits(numerator)));
        var q = Math.Exp(-1 / scale.Value);
        Fits(() => sampler.Laplace(scale), y => (1 - q) / (1 + q) * Math.Pow(q, Math.Abs(y)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 100)]
    [InlineData(81, 4)]
    [InlineData(20_250_001, 1000)]
    public void discrete_gaussian_has_its_exact_probabilities(ulong numerator, uint denominator)
    {
        var (variance, sampler) = (new Rational(numerator, denominator), new NoiseSampler(new Bits(numerator)));
        double Weight(long y) => Math.Exp(-(double)y * y / (2 * variance.Value));
        var all = 1 + (2 * Enumerable.Range(1, 5000).Sum(y => Weight(y)));
        Fits(() => sampler.Gaussian(variance), y => Weight(y) / all);
    }

    [Fact]
    public void a_scale_of_many_digits_is_sampled_as_exactly()
    {
        // Products pass 128 bits here; mean and deviation tell whether the long arithmetic is that of the short.
        var sampler = new NoiseSampler(new Bits(3));
        var deviation = 60_000_000.0;
        var draws = Enumerable.Range(0, 20_000).Select(_ => (double)sampler.Gaussian(new Rational((ulong)(deviation * deviation), 1))).ToList();
        Assert.InRange(draws.Average() / deviation, -0.03, 0.03);
        Assert.InRange(Math.Sqrt(draws.Average(d => d * d)) / deviation, 0.98, 1.02);
        Assert.InRange(draws.Count(d => Math.Abs(d) < deviation) / 20_000.0, 0.67, 0.695); // 68.3 %
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(ulong.MaxValue, 1)]
    public void what_cannot_be_sampled_exactly_is_refused(ulong numerator, uint denominator)
    {
        var sampler = new NoiseSampler(new SecureBits());
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Laplace(new Rational(numerator, denominator)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Gaussian(new Rational(numerator, denominator)));
    }

    [Fact]
    public void the_platforms_generator_gives_another_noise_each_time() =>
        Assert.True(Enumerable.Range(0, 50).Select(_ => new NoiseSampler(new SecureBits()).Gaussian(new Rational(1_000_000_000, 1))).Distinct().Count() > 45);

    public static TheoryData<string> LaplaceCases() => [.. Cases("laplace_closeness_test_cases.textproto").Keys];

    public static TheoryData<string> GaussianCases() => [.. Cases("gaussian_closeness_test_cases.textproto").Keys];

    [Theory]
    [MemberData(nameof(LaplaceCases))]
    public void the_calibrated_laplace_cases_hold(string name)
    {
        _ = Repository.Vector("dp");
        var test = Cases("laplace_closeness_test_cases.textproto")[name];
        var sampler = new NoiseSampler(new Bits(1));
        var scale = Math.Sqrt(test.Variance / 2);
        double Below(double x) => x < 0 ? Math.Exp(x / scale) / 2 : 1 - (Math.Exp(-x / scale) / 2);
        IsClose(test, () => sampler.Laplace(Rational(scale / test.Granularity)), x => Below(x), x => Below(x / Math.Sqrt(1.0625)));
    }

    [Theory]
    [MemberData(nameof(GaussianCases))]
    public void the_calibrated_gaussian_cases_hold(string name)
    {
        _ = Repository.Vector("dp");
        var test = Cases("gaussian_closeness_test_cases.textproto")[name];
        var sampler = new NoiseSampler(new Bits(2));
        double Below(double x) => (1 + Erf(x / Math.Sqrt(2 * test.Variance))) / 2;
        IsClose(test, () => sampler.Gaussian(Rational(test.Variance / test.Granularity / test.Granularity)), x => Below(x), x => Below(x / Math.Sqrt(1.0625)));
    }

    public static TheoryData<string> CountCases() => [.. Counts().Keys];

    [Theory]
    [MemberData(nameof(CountCases))]
    public void the_calibrated_counts_with_laplace_noise_keep_their_epsilon(string name)
    {
        _ = Repository.Vector("dp");
        var test = Counts()[name];
        var sampler = new NoiseSampler(new Bits(5));
        // One person may add up to so many: the noise is of scale that ÷ ε.
        var scale = new Rational((ulong)Math.Ceiling(test.Partitions / test.Epsilon * 1_000_000), 1_000_000);
        const int Samples = 1_000_000;
        var (one, other) = (new Dictionary<long, int>(), new Dictionary<long, int>());
        for (var i = 0; i < Samples; i++)
        {
            var (a, b) = (test.Count + sampler.Laplace(scale), test.Neighbor + sampler.Laplace(scale));
            one[a] = one.GetValueOrDefault(a) + 1;
            other[b] = other.GetValueOrDefault(b) + 1;
        }

        double Beyond(Dictionary<long, int> of, Dictionary<long, int> than) => of.Sum(o => Math.Max(0, o.Value - (Math.Exp(test.Epsilon) * than.GetValueOrDefault(o.Key)))) / Samples;
        Assert.True(Beyond(one, other) <= test.Tolerance, $"δ is {Beyond(one, other)}, more than {test.Tolerance}");
        Assert.True(Beyond(other, one) <= test.Tolerance, $"δ is {Beyond(other, one)}, more than {test.Tolerance}");
    }

    private static Rational Rational(double value) => value < 1e9 ? new Rational((ulong)Math.Round(value * 1000), 1000) : new Rational((ulong)Math.Round(value), 1);

    /// <summary>The distance of sampled and true distribution, in the cases' own grid, is within their tolerance; that of one whose variance is 1.0625 times as large is not.</summary>
    private static void IsClose(Calibrated test, Func<long> draw, Func<double, double> below, Func<double, double> other)
    {
        const int Samples = 400_000;
        var counts = new Dictionary<long, int>();
        for (var i = 0; i < Samples; i++)
        {
            var y = draw();
            counts[y] = counts.GetValueOrDefault(y) + 1;
        }

        // (n − np)² − n has the expectation of the squared distance alone (Diakonikolas and others' closeness test, as the cases' authors use it).
        double Distance(Func<double, double> cumulative)
        {
            var sum = 0.0;
            foreach (var (y, n) in counts)
            {
                var p = cumulative((y + 0.5) * test.Granularity) - cumulative((y - 0.5) * test.Granularity);
                sum += ((n - (Samples * p)) * (n - (Samples * p))) - n;
            }

            return Math.Sqrt(Math.Max(0, sum)) / Samples;
        }

        Assert.True(Distance(below) <= test.Tolerance, $"{Distance(below)} > {test.Tolerance}");
        Assert.True(Distance(other) > Distance(below));
    }

    private static void Fits(Func<long> draw, Func<long, double> probability)
    {
        var counts = new Dictionary<long, int>();
        for (var i = 0; i < Draws; i++)
        {
            var y = draw();
            counts[y] = counts.GetValueOrDefault(y) + 1;
        }

        // χ² over every value that is expected at least ten times, the rest together.
        var (statistic, bins, expected, seen) = (0.0, 0, 0.0, 0);
        for (var y = -5000L; y <= 5000; y++)
        {
            if (probability(y) * Draws is >= 10 and var e)
            {
                var n = counts.GetValueOrDefault(y);
                (statistic, bins, expected, seen) = (statistic + ((n - e) * (n - e) / e), bins + 1, expected + e, seen + n);
            }
        }

        var rest = Draws - expected;
        if (rest > 10)
        {
            (statistic, bins) = (statistic + ((Draws - seen - rest) * (Draws - seen - rest) / rest), bins + 1);
        }

        Assert.True(bins >= 1);
        Assert.True(statistic < bins + (4 * Math.Sqrt(2 * bins)), $"χ² is {statistic} over {bins} bins");
    }

    private static double Erf(double x)
    {
        // Series and continued fraction (Abramowitz, Stegun 7.1.6 and 7.1.14), to 1e−12 where it matters here.
        if (Math.Abs(x) > 3)
        {
            var fraction = 0.0;
            for (var k = 60; k > 0; k--)
            {
                fraction = k / 2.0 / (Math.Abs(x) + fraction);
            }

            return Math.Sign(x) * (1 - (Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (Math.Abs(x) + fraction)));
        }

        var (sum, term) = (x, x);
        for (var n = 1; n < 200; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // Cases of other counts move both sides by as much: they are the same question to a sampler of noise alone.
    private sealed record CalibratedCount(double Epsilon, double Tolerance, int Partitions, long Count, long Neighbor);

    private static Dictionary<string, CalibratedCount> Counts()
    {
        var path = Path.Combine(Repository.Vectors, "dp", "count_dp_test_cases.textproto");
        return !File.Exists(path) ? new() { ["no vectors here"] = new(1, 1, 1, 0, 1) } : File.ReadAllText(path).Split("count_dp_test_case {").Skip(1).Where(c => c.Contains("Laplace noise, empty count", StringComparison.Ordinal)).ToDictionary(
            c => Field(c, "name: \"", '"'),
            c => new CalibratedCount(
                double.Parse(Field(c, "epsilon: ", ' ', '\n'), CultureInfo.InvariantCulture),
                double.Parse(Field(c, "delta_tolerance: ", ' ', '\n'), CultureInfo.InvariantCulture),
                int.Parse(Field(c, "max_partitions_contributed: ", ' ', '\n'), CultureInfo.InvariantCulture),
                Sum(c, "    raw_increment_by: ["),
                Sum(c, "    neighbour_raw_increment_by: [")));
    }

    private static string Field(string text, string key, params char[] ends)
    {
        var start = text.IndexOf(key, StringComparison.Ordinal) + key.Length;
        return text[start..text.IndexOfAny(ends, start)];
    }

    private static long Sum(string text, string key) => text.Split(key).Skip(1)
        .Sum(list => list[..list.IndexOf(']', StringComparison.Ordinal)].Split([',', '\n', ' '], StringSplitOptions.RemoveEmptyEntries).Sum(n => long.Parse(n, CultureInfo.InvariantCulture)));

    private sealed record Calibrated(double Variance, double Tolerance, double Granularity);

    private static Dictionary<string, Calibrated> Cases(string file)
    {
        var path = Path.Combine(Repository.Vectors, "dp", file);
        if (!File.Exists(path))
        {
            return new() { ["no vectors here"] = new(1, 1, 1) };
        }

        static double Number(Match match, string name) => double.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);
        return Case().Matches(File.ReadAllText(path)).ToDictionary(m => m.Groups["name"].Value, m => new Calibrated(Number(m, "variance"), Number(m, "tolerance"), Number(m, "granularity")));
    }

    [GeneratedRegex("""name: "(?<name>[^"]+)"\s+closeness_test_parameters \{\s+mean: [-0-9.]+\s+variance: (?<variance>[0-9.]+)\s+l2_tolerance: (?<tolerance>[0-9.]+)\s+granularity: (?<granularity>[0-9.]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Case();
}
