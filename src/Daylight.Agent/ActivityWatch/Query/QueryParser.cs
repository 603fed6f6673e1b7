using System.Globalization;
using System.Text;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>An expression of ActivityWatch's query language (query2).</summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    /// <summary>A number or a text.</summary>
    public sealed record Literal(object Value) : Expression;

    /// <summary>A variable.</summary>
    public sealed record Variable(string Name) : Expression;

    /// <summary>A call of a function.</summary>
    public sealed record Call(string Function, IReadOnlyList<Expression> Arguments) : Expression;

    /// <summary>A list.</summary>
    public sealed record List(IReadOnlyList<Expression> Items) : Expression;

    /// <summary>A dictionary.</summary>
    public sealed record Dictionary(IReadOnlyList<(string Key, Expression Value)> Items) : Expression;
}

/// <summary>One statement: <c>name = expression;</c>.</summary>
internal sealed record Assignment(string Name, Expression Value);

/// <summary>
/// Parses query2: assignments that end in semicolons, over numbers, texts, lists, dictionaries and calls. In a text a backslash only guards the quote that it stands
/// before, as in ActivityWatch, so that patterns need no doubling.
/// </summary>
internal sealed class QueryParser
{
    private const int DeepestNesting = 64;

    private readonly string text;
    private int at;
    private int depth;

    private QueryParser(string text) => this.text = text;

    /// <summary>Parses a query.</summary>
    /// <exception cref="QueryException">It is none; the message says where, with line and column.</exception>
    public static IReadOnlyList<Assignment> Parse(string text)
    {
        var parser = new QueryParser(text);
        var statements = new List<Assignment>();
        while (parser.SkipTo(';'))
        {
            statements.Add(parser.Statement());
        }

        return statements;
    }

    private Assignment Statement()
    {
        var name = Name() ?? throw Error("a statement begins with the name of a variable");
        Expect('=', "a variable is followed by '='");
        var value = Value();
        Blank();
        if (at < text.Length && text[at] != ';')
        {
            throw Error("a statement ends with ';'");
        }

        return new Assignment(name, value);
    }

    private Expression Value()
    {
        if (++depth > DeepestNesting)
        {
            throw Error("it is nested too deeply");
        }

        Blank();
        var value = at >= text.Length ? throw Error("a value is missing") : text[at] switch
        {
            '"' or '\'' => new Expression.Literal(Text()),
            '[' => new Expression.List(Sequence('[', ']', Value)),
            '{' => new Expression.Dictionary(Sequence('{', '}', Pair)),
            (>= '0' and <= '9') or '-' or '.' => Number(),
            _ => Named(),
        };
        depth--;
        return value;
    }

    private Expression Named()
    {
        var name = Name() ?? throw Error($"'{text[at]}' begins no value");
        Blank();
        return at < text.Length && text[at] == '(' ? new Expression.Call(name, Sequence('(', ')', Value)) : new Expression.Variable(name);
    }

    private (string, Expression) Pair()
    {
        Blank();
        if (at >= text.Length || text[at] is not ('"' or '\''))
        {
            throw Error("a key of a dictionary is a text");
        }

        var key = Text();
        Expect(':', "a key is followed by ':'");
        return (key, Value());
    }

    private List<T> Sequence<T>(char open, char close, Func<T> item)
    {
        Expect(open, $"'{open}' is missing");
        var items = new List<T>();
        Blank();
        if (at < text.Length && text[at] == close)
        {
            at++;
            return items;
        }

        while (true)
        {
            items.Add(item());
            Blank();
            if (at >= text.Length || (text[at] != ',' && text[at] != close))
            {
                throw Error($"',' or '{close}' is missing");
            }

            if (text[at++] == close)
            {
                return items;
            }
        }
    }

    private string Text()
    {
        var quote = text[at++];
        var value = new StringBuilder();
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == quote)
            {
                at++;
            }

            value.Append(text[at]);
        }

        if (at == text.Length)
        {
            throw Error("a text is not closed");
        }

        at++;
        return value.ToString();
    }

    private Expression.Literal Number()
    {
        var start = at++;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
        {
            at++;
        }

        var digits = text.AsSpan(start, at - start);
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? new Expression.Literal(whole)
            : double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new Expression.Literal(number)
            : throw Error($"'{digits}' is no number");
    }

    private string? Name()
    {
        Blank();
        var start = at;
        while (at < text.Length && (char.IsLetter(text[at]) || text[at] == '_' || (at > start && char.IsAsciiDigit(text[at]))))
        {
            at++;
        }

        return at > start ? text[start..at] : null;
    }

    private void Expect(char expected, string complaint)
    {
        Blank();
        if (at >= text.Length || text[at] != expected)
        {
            throw Error(complaint);
        }

        at++;
    }

    private void Blank()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    /// <summary>Skips blanks and separators; false at the end.</summary>
    private bool SkipTo(char separator)
    {
        for (Blank(); at < text.Length && text[at] == separator; Blank())
        {
            at++;
        }

        return at < text.Length;
    }

    private QueryException Error(string message)
    {
        var before = text.AsSpan(0, Math.Min(at, text.Length));
        return QueryException.Parse(message, before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
