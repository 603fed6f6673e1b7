using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Daylight.Agent.Store;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>What a query may cost.</summary>
internal sealed class QueryBudget(CancellationToken cancel)
{
    /// <summary>Longest that one match of a regular expression takes.</summary>
    public static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(250);

    private const long MostSteps = 50_000_000;
    private const int DeepestValue = 64;
    private const long LargestValue = 1_000_000;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly Dictionary<object, (int Depth, long Size)> made = new(ReferenceEqualityComparer.Instance);
    private readonly long begun = Stopwatch.GetTimestamp();
    private long steps;

    /// <summary>
    /// Notes a list or an object that a query made of others, which may be in it more than once: what is written in a line may be endless when it is looked at.
    /// </summary>
    /// <exception cref="QueryException">It is too deep, or too large.</exception>
    public T Made<T>(T value, IEnumerable<object?> parts)
        where T : class
    {
        var (depth, size) = (1, 1L);
        foreach (var part in parts)
        {
            var (below, held) = part is not null && made.TryGetValue(part, out var known) ? known : (part is ICollection ? 1 : 0, part is ICollection { Count: var count } ? count : 1);
            (depth, size) = (Math.Max(depth, below + 1), size + held);
        }

        Spend(0);
        made[value] = depth <= DeepestValue && size <= LargestValue ? (depth, size) : throw QueryException.Function("A list is too deep, or too large");
        return value;
    }

    /// <summary>Notes that so many events were looked at.</summary>
    /// <exception cref="QueryException">It is too much.</exception>
    /// <exception cref="OperationCanceledException">Whoever asked is gone.</exception>
    public void Spend(long events)
    {
        cancel.ThrowIfCancellationRequested();
        steps += events + 1;
        if (steps > MostSteps || Stopwatch.GetElapsedTime(begun) > Longest)
        {
            throw QueryException.Function("The query looks at too much: ask for a shorter period");
        }
    }
}

/// <summary>Runs a query for each of some periods.</summary>
internal static class QueryRun
{
    /// <summary>Most periods in one request.</summary>
    public const int MostPeriods = 2000;

    /// <summary>The values that a query returns, one for each period.</summary>
    /// <exception cref="QueryException">It cannot be answered.</exception>
    public static IReadOnlyList<object?> Run(RawStore store, string text, string name, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> periods, CancellationToken cancel)
    {
        var (statements, budget) = (QueryParser.Parse(text), new QueryBudget(cancel));
        return [.. periods.Select(p => Run(statements, name, p, new QueryFunctions(store, budget), budget))];
    }

    /// <summary>Writes a value as JSON.</summary>
    /// <exception cref="QueryException">It is too large.</exception>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        if (writer.BytesCommitted + writer.BytesPending > AgentLimits.MostAnswerOfQuery)
        {
            throw QueryException.Function("The answer is too large: ask for a shorter period, or for less of each event");
        }

        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case long whole:
                writer.WriteNumberValue(whole);
                break;
            case double number:
                writer.WriteNumberValue(double.IsFinite(number) ? number : 0);
                break;
            case QueryEvent e:
                e.WriteTo(writer, Write);
                break;
            case IReadOnlyDictionary<string, object?> fields:
                writer.WriteStartObject();
                foreach (var (key, field) in fields)
                {
                    writer.WritePropertyName(key);
                    Write(writer, field);
                }

                writer.WriteEndObject();
                break;
            case IList list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException("A query has no other values.");
        }
    }

    private static object? Run(IReadOnlyList<Assignment> statements, string name, (DateTimeOffset From, DateTimeOffset To) period, QueryFunctions functions, QueryBudget budget)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["True"] = true,
            ["False"] = false,
            ["true"] = true,
            ["false"] = false,
            ["NAME"] = name,
            ["STARTTIME"] = period.From.ToString("O", CultureInfo.InvariantCulture),
            ["ENDTIME"] = period.To.ToString("O", CultureInfo.InvariantCulture),
        };
        foreach (var statement in statements)
        {
            budget.Spend(0);
            variables[statement.Name] = Value(statement.Value, variables, functions, budget);
        }

        return variables.TryGetValue("RETURN", out var answer) ? answer : throw QueryException.NoReturn();
    }

    private static object? Value(Expression expression, Dictionary<string, object?> variables, QueryFunctions functions, QueryBudget budget)
    {
        switch (expression)
        {
            case Expression.Literal literal:
                return literal.Value;
            case Expression.Variable variable:
                return variables.TryGetValue(variable.Name, out var value) ? value : throw QueryException.Interpret($"Tried to reference variable '{variable.Name}' which is not defined");
            case Expression.List list:
                var items = list.Items.Select(i => Value(i, variables, functions, budget)).ToList();
                return budget.Made(items, items);
            case Expression.Dictionary dictionary:
                var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (key, item) in dictionary.Items)
                {
                    fields[key] = Value(item, variables, functions, budget);
                }

                return budget.Made(fields, fields.Values);
            case Expression.Call call:
                return functions.Call(call.Function, [.. call.Arguments.Select(a => Value(a, variables, functions, budget))], variables);
            default:
                throw new InvalidOperationException("Expression is closed.");
        }
    }
}
