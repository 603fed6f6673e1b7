using System.Collections;
using System.Globalization;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>The values of some fields of an event: events of which they are the same are merged.</summary>
internal sealed class KeyValues(object?[] values)
{
    /// <summary>Stands for a field that an event does not have.</summary>
    public static object Absent { get; } = new();

    /// <summary>The values, by field.</summary>
    public IReadOnlyList<object?> Values => values;

    /// <summary>The fields that are there, with their names.</summary>
    public Dictionary<string, object?> Fields(IReadOnlyList<string> keys)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < values.Length; i++)
        {
            if (!ReferenceEquals(values[i], Absent))
            {
                fields[keys[i]] = values[i];
            }
        }

        return fields;
    }
}

/// <summary>Compares such values. Each comparison is paid for, since values that hash alike are compared pair by pair.</summary>
internal sealed class KeyComparer(QueryBudget budget) : IEqualityComparer<KeyValues>
{
    /// <inheritdoc/>
    public bool Equals(KeyValues? x, KeyValues? y)
    {
        budget.Spend(0);
        for (var i = 0; i < x!.Values.Count; i++)
        {
            if (!QueryFunctions.Same(x.Values[i], y!.Values[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public int GetHashCode(KeyValues obj)
    {
        var hash = default(HashCode);
        foreach (var value in obj.Values)
        {
            hash.Add(Of(value, within: true));
        }

        return hash.ToHashCode();
    }

    // Of what is in a list or an object the texts and numbers tell most apart, in whatever order they stand.
    private static int Of(object? value, bool within) => value switch
    {
        string text => text.GetHashCode(StringComparison.Ordinal),
        long or double => Convert.ToDouble(value, CultureInfo.InvariantCulture).GetHashCode(),
        bool flag => flag ? 2 : 3,
        IDictionary fields when within => Sum(fields.Values),
        ICollection some when within => Sum(some),
        _ => 1,
    };

    private static int Sum(ICollection some)
    {
        var sum = some.Count;
        foreach (var part in some)
        {
            sum = unchecked(sum + Of(part, within: false));
        }

        return sum;
    }
}
