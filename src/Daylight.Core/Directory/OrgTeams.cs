namespace Daylight.Core.Directory;

public sealed partial class OrgSnapshot
{
    /// <summary>The teams in their tree, each with its place in an order in which whatever is below a team follows it.</summary>
    private sealed class Teams
    {
        private readonly Dictionary<string, int> index = new(StringComparer.Ordinal);
        private readonly int[] parent;
        private readonly int[] place;
        private readonly int[] end;

        public Teams(IEnumerable<Team> teams)
        {
            foreach (var team in teams)
            {
                if (index.TryAdd(team.Id, All.Count))
                {
                    All.Add(team);
                }
            }

            parent = [.. All.Select(t => index.GetValueOrDefault(t.Parent, None))];
            (place, end) = (new int[All.Count], new int[All.Count]);
            Array.Fill(place, None);
            var children = Enumerable.Range(0, All.Count).Where(t => parent[t] >= 0).ToLookup(t => parent[t]);
            var next = 0;
            foreach (var top in Enumerable.Range(0, All.Count).Where(t => parent[t] < 0))
            {
                next = Order(top, next, children);
            }

            // Teams that go in circles are below nothing, and nothing is below them.
            for (var t = 0; t < All.Count; t++)
            {
                if (place[t] == None)
                {
                    (parent[t], place[t], end[t]) = (None, next, ++next);
                }
            }
        }

        public List<Team> All { get; } = [];

        public int Find(string id) => index.GetValueOrDefault(id, None);

        public string IdOf(int team) => team < 0 ? string.Empty : All[team].Id;

        public int PlaceOf(int team) => place[team];

        /// <summary>The place after the last team below.</summary>
        public int EndOf(int team) => end[team];

        /// <summary>A department is a team with teams below it that is not itself at the top.</summary>
        public bool IsDepartment(int team) => parent[team] >= 0 && end[team] - place[team] > 1;

        public bool IsWithin(int team, int above) => team >= 0 && above >= 0 && place[team] >= place[above] && place[team] < end[above];

        /// <summary>A team and those above it.</summary>
        public IEnumerable<int> Above(int team)
        {
            for (var t = team; t >= 0; t = parent[t])
            {
                yield return t;
            }
        }

        private int Order(int top, int next, ILookup<int, int> children)
        {
            var open = new Stack<(int Team, IEnumerator<int> Children)>();
            place[top] = next++;
            open.Push((top, children[top].GetEnumerator()));
            while (open.TryPeek(out var at))
            {
                if (at.Children.MoveNext())
                {
                    var child = at.Children.Current;
                    place[child] = next++;
                    open.Push((child, children[child].GetEnumerator()));
                }
                else
                {
                    end[at.Team] = next;
                    at.Children.Dispose();
                    open.Pop();
                }
            }

            return next;
        }
    }

    /// <summary>People by a number that each has, or has not.</summary>
    private sealed class Buckets
    {
        private readonly int[] start;
        private readonly int[] people;

        public Buckets(int buckets, int count, Func<int, int> bucketOf)
        {
            start = new int[buckets + 1];
            for (var p = 0; p < count; p++)
            {
                if (bucketOf(p) is >= 0 and var b)
                {
                    start[b + 1]++;
                }
            }

            for (var b = 0; b < buckets; b++)
            {
                start[b + 1] += start[b];
            }

            people = new int[start[buckets]];
            var next = start.AsSpan().ToArray();
            for (var p = 0; p < count; p++)
            {
                if (bucketOf(p) is >= 0 and var b)
                {
                    people[next[b]++] = p;
                }
            }
        }

        public int Count => start.Length - 1;

        public ReadOnlySpan<int> this[int bucket] => people.AsSpan(start[bucket]..start[bucket + 1]);

        public ReadOnlySpan<int> Range(int from, int to) => people.AsSpan(start[from]..start[to]);
    }
}
