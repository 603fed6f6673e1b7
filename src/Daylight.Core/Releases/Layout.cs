using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>A figure that there may be.</summary>
/// <param name="Level">Level of the group.</param>
/// <param name="Group">The group.</param>
internal readonly record struct CellKey(GroupLevel Level, string Group);

/// <summary>
/// The cells of one measure and period, and in which of them each person counts: in one chain of the team tree, and in one site. Whoever a cell would leave
/// over beside the groups within it, in too small a number to hide (a team's leaders, say, or a team of three), does not count in it but further up, where
/// more are left over, or nowhere. So each part of the tree that a subtraction can reach has the minimum of people to begin with.
/// </summary>
internal sealed class Layout
{
    private Layout(List<CellKey> cells, int[] parent, int treeCells, int[] place, int[] site)
    {
        (Cells, Parent, TreeCells, Place, Site) = (cells, parent, treeCells, place, site);
        Rosters = new int[cells.Count];
        for (var p = 0; p < place.Length; p++)
        {
            if (place[p] >= 0)
            {
                Rosters[place[p]]++;
            }

            if (site[p] >= 0)
            {
                Rosters[site[p]]++;
            }
        }

        for (var c = 0; c < treeCells; c++)
        {
            if (parent[c] >= 0)
            {
                Rosters[parent[c]] += Rosters[c];
            }
        }
    }

    /// <summary>Cells of the tree, whatever lies within another before it; then those of sites.</summary>
    public List<CellKey> Cells { get; }

    /// <summary>By cell: the cell of the tree around it, or none.</summary>
    public int[] Parent { get; }

    /// <summary>How many of the cells are of the tree.</summary>
    public int TreeCells { get; }

    /// <summary>By person: the innermost cell of the tree that counts them, or none.</summary>
    public int[] Place { get; }

    /// <summary>By person: the cell of the site, or none.</summary>
    public int[] Site { get; }

    /// <summary>By cell: how many people count in it by the directory.</summary>
    public int[] Rosters { get; }

    public static Layout Of(Census census, MeasurePlan plan)
    {
        var (hasTeams, hasDepartments, hasCompany) = (plan.At(GroupLevel.Team) is not null, plan.At(GroupLevel.Department) is not null, plan.At(GroupLevel.Company) is not null);
        var (cells, team, department) = (new List<CellKey>(), new int[census.Teams.Length], new int[census.Teams.Length]);
        for (var t = 0; t < census.Teams.Length; t++)
        {
            team[t] = Add(cells, hasTeams, GroupLevel.Team, census.Teams[t].Id);
            department[t] = Add(cells, hasDepartments && census.IsDepartment[t], GroupLevel.Department, census.Teams[t].Id);
        }

        var company = Add(cells, hasCompany, GroupLevel.Company, Census.Company);
        var treeCells = cells.Count;
        int Around(int t)
        {
            while (t >= 0 && department[t] < 0)
            {
                t = census.Parent[t];
            }

            return t >= 0 ? department[t] : company;
        }

        var parent = new int[treeCells];
        for (var t = 0; t < census.Teams.Length; t++)
        {
            if (team[t] >= 0)
            {
                parent[team[t]] = Around(t);
            }

            if (department[t] >= 0)
            {
                parent[department[t]] = Around(census.Parent[t]);
            }
        }

        if (company >= 0)
        {
            parent[company] = Census.None;
        }

        int[] place = [.. Enumerable.Range(0, census.People.Length).Select(p => !census.Leads[p] && team[census.Team[p]] is >= 0 and var own ? own : Around(census.Team[p]))];
        PassUp(place, parent, plan.Smallest);
        var site = new int[place.Length];
        Array.Fill(site, Census.None);
        if (plan.At(GroupLevel.Site) is not null)
        {
            cells.AddRange(census.Sites.Select(s => new CellKey(GroupLevel.Site, s)));
            for (var p = 0; p < site.Length; p++)
            {
                // Whom the company's own figure leaves out is left out of a site's as well.
                site[p] = census.Site[p] >= 0 && (place[p] >= 0 || !hasCompany) ? treeCells + census.Site[p] : Census.None;
            }
        }

        return new Layout(cells, [.. parent, .. Enumerable.Repeat(Census.None, cells.Count - treeCells)], treeCells, place, site);
    }

    private static void PassUp(int[] place, int[] parent, int smallest)
    {
        var own = new int[parent.Length];
        foreach (var cell in place)
        {
            if (cell >= 0)
            {
                own[cell]++;
            }
        }

        var to = new int[parent.Length];
        for (var c = 0; c < parent.Length; c++)
        {
            to[c] = c;
            if (own[c] < smallest)
            {
                to[c] = parent[c];
                if (parent[c] >= 0)
                {
                    own[parent[c]] += own[c];
                }
            }
        }

        // What is passed on may be passed on again: above is decided after below, so look from the top.
        for (var c = parent.Length - 1; c >= 0; c--)
        {
            if (to[c] >= 0 && to[c] != c)
            {
                to[c] = to[to[c]];
            }
        }

        for (var p = 0; p < place.Length; p++)
        {
            place[p] = place[p] >= 0 ? to[place[p]] : Census.None;
        }
    }

    private static int Add(List<CellKey> cells, bool has, GroupLevel level, string group)
    {
        if (!has)
        {
            return Census.None;
        }

        cells.Add(new CellKey(level, group));
        return cells.Count - 1;
    }
}
