namespace Daylight.Tests.Releases;

/// <summary>
/// A small simplex method for the attacks: variables between 0 and an upper bound, rows with a lower and an upper bound, and the smallest and the largest
/// value that one variable can have. Dense, with Bland's rule, which never cycles.
/// </summary>
internal sealed class LinearProgram(int variables, double upper)
{
    private const double Zero = 1e-7;

    private readonly List<(double[] Row, double Bound)> rows = [.. Enumerable.Range(0, variables).Select(v => (Unit(variables, v, 1), upper))];

    /// <summary>The sum of some variables lies between two numbers.</summary>
    public void Between(double low, IReadOnlyCollection<int> of, double high)
    {
        var row = new double[variables];
        foreach (var v in of)
        {
            row[v] = 1;
        }

        rows.Add((row, high));
        rows.Add(([.. row.Select(r => -r)], -low));
    }

    /// <summary>Between which values a variable may lie; null when nothing fits.</summary>
    public (double Low, double High)? Range(int variable) =>
        Maximize(Unit(variables, variable, 1)) is { } high && Maximize(Unit(variables, variable, -1)) is { } low ? (-low, high) : null;

    private double? Maximize(double[] goal)
    {
        // Rows with a negative bound are met first, by an artificial variable that is driven out (the two-phase method).
        var (m, n) = (rows.Count, variables);
        double[][] table = [.. Enumerable.Range(0, m + 1).Select(_ => new double[n + m + 2])];
        var basis = new int[m];
        for (var i = 0; i < m; i++)
        {
            for (var v = 0; v < n; v++)
            {
                table[i][v] = rows[i].Row[v];
            }

            table[i][n + i] = 1;
            table[i][n + m] = -1; // the artificial one
            table[i][n + m + 1] = rows[i].Bound;
            basis[i] = n + i;
        }

        var worst = Enumerable.Range(0, m).MinBy(i => table[i][n + m + 1]);
        if (table[worst][n + m + 1] < -Zero)
        {
            table[m][n + m] = 1;
            Pivot(table, basis, worst, n + m);
            Solve(table, basis, n + m + 1);
            if (Math.Abs(table[m][n + m + 1]) > 1e-5)
            {
                return null;
            }

            if (Array.IndexOf(basis, n + m) is >= 0 and var still)
            {
                Pivot(table, basis, still, Enumerable.Range(0, n + m).First(c => Math.Abs(table[still][c]) > Zero));
            }
        }

        for (var c = 0; c <= n + m + 1; c++)
        {
            table[m][c] = c < n ? -goal[c] : 0;
        }

        for (var i = 0; i < m; i++)
        {
            table[i][n + m] = 0;
            if (basis[i] < n && goal[basis[i]] != 0)
            {
                Eliminate(table, m, i, basis[i]);
            }
        }

        Solve(table, basis, n + m);
        return table[m][n + m + 1];
    }

    private static void Solve(double[][] table, int[] basis, int columns)
    {
        var (goal, bound) = (basis.Length, table[0].Length - 1);
        while (true)
        {
            var enter = -1;
            for (var c = 0; c < columns && enter < 0; c++)
            {
                enter = table[goal][c] < -Zero ? c : -1;
            }

            if (enter < 0)
            {
                return;
            }

            var (leave, least) = (-1, double.MaxValue);
            for (var i = 0; i < basis.Length; i++)
            {
                if (table[i][enter] > Zero && table[i][bound] / table[i][enter] is var ratio && (ratio < least - Zero || (ratio < least + Zero && basis[i] < basis[leave])))
                {
                    (leave, least) = (i, ratio);
                }
            }

            Pivot(table, basis, leave, enter);
        }
    }

    private static void Pivot(double[][] table, int[] basis, int row, int column)
    {
        var by = table[row][column];
        for (var c = 0; c < table[0].Length; c++)
        {
            table[row][c] /= by;
        }

        for (var i = 0; i < table.Length; i++)
        {
            if (i != row)
            {
                Eliminate(table, i, row, column);
            }
        }

        basis[row] = column;
    }

    private static void Eliminate(double[][] table, int row, int by, int column)
    {
        var times = table[row][column];
        for (var c = 0; times != 0 && c < table[0].Length; c++)
        {
            table[row][c] -= times * table[by][c];
        }
    }

    private static double[] Unit(int length, int at, double value)
    {
        var row = new double[length];
        row[at] = value;
        return row;
    }
}
