namespace Daylight.Core.Directory;

public sealed partial class OrgSnapshot
{
    /// <summary>
    /// Who leads whom. Direct links stand in columns, in both directions; those further up in lists that the people of one manager share, so that a million
    /// people cost as many lists as there are managers.
    /// </summary>
    private sealed class Lines
    {
        private const int Unmade = -1;
        private const int Making = -2;

        private readonly int[] managerStart;
        private readonly int[] managers;
        private readonly int[] since;
        private readonly int[] reportStart;
        private readonly int[] reports;
        private readonly int[] further; // by person: which list
        private readonly List<int[]> lists = [[]];

        public Lines(List<Person> people, Dictionary<string, int> index, DateOnly day)
        {
            (managerStart, reportStart) = (new int[people.Count + 1], new int[people.Count + 1]);
            var (to, from) = (new List<int>(people.Count), new List<int>(people.Count));
            for (var p = 0; p < people.Count; p++)
            {
                foreach (var link in people[p].Managers)
                {
                    if (link.IsInForce(day) && index.TryGetValue(link.Manager, out var m) && m != p)
                    {
                        to.Add(m);
                        from.Add(link.From.DayNumber);
                        reportStart[m + 1]++;
                    }
                }

                managerStart[p + 1] = to.Count;
            }

            (managers, since, reports) = ([.. to], [.. from], new int[to.Count]);
            FillReports(people.Count);
            further = new int[people.Count];
            ListAll(people.Count);
        }

        public ReadOnlySpan<int> ManagersOf(int person) => managers.AsSpan(managerStart[person]..managerStart[person + 1]);

        public ReadOnlySpan<int> SinceOf(int person) => since.AsSpan(managerStart[person]..managerStart[person + 1]);

        public ReadOnlySpan<int> ReportsOf(int person) => reports.AsSpan(reportStart[person]..reportStart[person + 1]);

        public ReadOnlySpan<int> FurtherUp(int person) => lists[further[person]];

        public int Count => lists.Count;

        public ReadOnlySpan<int> this[int number] => lists[number];

        public int NumberOf(int person) => further[person];

        private void FillReports(int count)
        {
            var next = new int[count];
            for (var p = 0; p < count; p++)
            {
                reportStart[p + 1] += reportStart[p];
                next[p] = reportStart[p];
            }

            for (var p = 0; p < count; p++)
            {
                foreach (var m in ManagersOf(p))
                {
                    reports[next[m]++] = p;
                }
            }
        }

        /// <summary>Makes each manager's list of everybody above, managers' managers first; whoever stands in a circle above themselves is left out of it.</summary>
        private void ListAll(int count)
        {
            var above = new int[count]; // by manager: the list of everybody above, the direct ones too
            Array.Fill(above, Unmade);
            var path = new Stack<int>();
            for (var p = 0; p < count; p++)
            {
                foreach (var m in ManagersOf(p))
                {
                    Make(m, above, path);
                }
            }

            for (var p = 0; p < count; p++)
            {
                further[p] = ManagersOf(p) is [var only] ? above[only] : Join(ManagersOf(p), above, withDirect: false);
            }
        }

        private void Make(int person, int[] above, Stack<int> path)
        {
            if (above[person] != Unmade)
            {
                return;
            }

            path.Push(person);
            while (path.TryPeek(out var at))
            {
                if (above[at] >= 0)
                {
                    path.Pop();
                    continue;
                }

                var waits = false;
                if (above[at] == Unmade)
                {
                    above[at] = Making;
                    foreach (var m in ManagersOf(at))
                    {
                        if (above[m] == Unmade)
                        {
                            path.Push(m);
                            waits = true;
                        }
                    }
                }

                if (!waits)
                {
                    above[at] = Join(ManagersOf(at), above, withDirect: true);
                    path.Pop();
                }
            }
        }

        private int Join(ReadOnlySpan<int> direct, int[] above, bool withDirect)
        {
            if (direct.IsEmpty)
            {
                return 0;
            }

            var all = new SortedSet<int>();
            foreach (var m in direct)
            {
                if (withDirect)
                {
                    all.Add(m);
                }

                if (above[m] >= 0)
                {
                    all.UnionWith(lists[above[m]]);
                }
            }

            if (all.Count == 0)
            {
                return 0;
            }

            lists.Add([.. all]);
            return lists.Count - 1;
        }
    }
}
