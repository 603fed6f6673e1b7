namespace Daylight.Core.Releases;

/// <summary>People who stand between the same two vertices.</summary>
/// <param name="One">A vertex.</param>
/// <param name="Other">Another.</param>
/// <param name="People">How many hide one another; may be 0 where there are some, but none that counts.</param>
internal readonly record struct Between(int One, int Other, int People);

/// <summary>
/// Finds what a subtraction could isolate. Sums over two families of groups, in each of which a person is in one group at the most, are a graph: a vertex for
/// each group (and one for <em>no group</em>), an edge for each person. Any combination of the sums gives each vertex a number and each person the difference
/// of their two: it says nothing of those whose vertices have the same number, and so isolates a cut. The smallest set that any combination with any
/// coefficients can isolate is the minimum cut, and where every cut has the minimum of people, nothing smaller is to be had.
/// Cuts are found by maximum adjacency orders (Nagamochi, Ibaraki 1992; Stoer, Wagner 1997), contracting what is held together by the minimum anyway.
/// </summary>
internal static class SmallCut
{
    /// <summary>One side of a cut of fewer people than the minimum, or null when there is none.</summary>
    /// <param name="vertices">How many vertices there are.</param>
    /// <param name="edges">Edges; parallel ones add up.</param>
    /// <param name="minimum">Fewest people in a cut.</param>
    public static bool[]? Find(int vertices, IReadOnlyList<Between> edges, int minimum)
    {
        var union = new UnionFind(vertices);
        while (true)
        {
            var graph = Contract(edges, union);
            if (graph.Count == 0)
            {
                return null;
            }

            if (Scan(vertices, graph, union, minimum) is { } last)
            {
                var side = new bool[vertices];
                for (var v = 0; v < vertices; v++)
                {
                    side[v] = union.Find(v) == last;
                }

                return side;
            }
        }
    }

    private static List<Between> Contract(IReadOnlyList<Between> edges, UnionFind union)
    {
        var left = new Dictionary<(int, int), int>();
        foreach (var edge in edges)
        {
            var (one, other) = (union.Find(edge.One), union.Find(edge.Other));
            if (one != other)
            {
                var key = one < other ? (one, other) : (other, one);
                left[key] = left.GetValueOrDefault(key) + edge.People;
            }
        }

        return [.. left.Select(e => new Between(e.Key.Item1, e.Key.Item2, e.Value))];
    }

    /// <summary>
    /// One maximum adjacency order of each component. Returns the last vertex of one where it hangs by fewer than the minimum; otherwise it has contracted at
    /// least that one, and whatever else the order proves to hang together.
    /// </summary>
    private static int? Scan(int vertices, List<Between> graph, UnionFind union, int minimum)
    {
        var (start, next) = Adjacency(vertices, graph);
        var (held, done) = (new int[vertices], new bool[vertices]);
        var queue = new PriorityQueue<int, int>();
        foreach (var edge in graph)
        {
            if (done[edge.One])
            {
                continue;
            }

            var (last, before, hanging) = (Census.None, Census.None, 0);
            queue.Enqueue(edge.One, 0);
            while (queue.TryDequeue(out var v, out var priority))
            {
                if (done[v] || -priority != held[v])
                {
                    continue;
                }

                (done[v], before, last, hanging) = (true, last, v, held[v]);
                for (var i = start[v]; i < start[v + 1]; i++)
                {
                    var (other, people) = next[i];
                    if (!done[other])
                    {
                        held[other] += people;
                        queue.Enqueue(other, -held[other]);
                        if (held[other] >= minimum)
                        {
                            union.Join(v, other);
                        }
                    }
                }
            }

            if (hanging < minimum)
            {
                // Contractions of this order joined only what no small cut separates, so the last vertex stands as it stood, with what was joined to it.
                return union.Find(last);
            }

            union.Join(last, before);
        }

        return null;
    }

    private static (int[] Start, (int Other, int People)[] Next) Adjacency(int vertices, List<Between> graph)
    {
        var start = new int[vertices + 2];
        foreach (var edge in graph)
        {
            start[edge.One + 2]++;
            start[edge.Other + 2]++;
        }

        for (var v = 2; v < start.Length; v++)
        {
            start[v] += start[v - 1];
        }

        var next = new (int, int)[graph.Count * 2];
        foreach (var edge in graph)
        {
            next[start[edge.One + 1]++] = (edge.Other, edge.People);
            next[start[edge.Other + 1]++] = (edge.One, edge.People);
        }

        return (start, next);
    }

    private sealed class UnionFind(int count)
    {
        private readonly int[] parent = [.. Enumerable.Range(0, count)];

        public int Find(int v)
        {
            while (parent[v] != v)
            {
                parent[v] = parent[parent[v]];
                v = parent[v];
            }

            return v;
        }

        public void Join(int one, int other) => parent[Find(one)] = Find(other);
    }
}
