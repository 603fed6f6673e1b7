namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>A query that cannot be answered, with the name that ActivityWatch's clients know the reason by.</summary>
internal sealed class QueryException : Exception
{
    private QueryException(string type, string message)
        : base(message) => Type = type;

    /// <summary>QueryParseException, QueryInterpretException or QueryFunctionException.</summary>
    public string Type { get; }

    /// <summary>The text is no query.</summary>
    public static QueryException Parse(string message, int line, int column) => new("QueryParseException", $"line {line}, column {column}: {message}");

    /// <summary>A query that returns nothing.</summary>
    public static QueryException NoReturn() => new("QueryParseException", "Query doesn't assign the RETURN variable, nothing to respond");

    /// <summary>A name that is unknown, or a function with too many arguments.</summary>
    public static QueryException Interpret(string message) => new("QueryInterpretException", message);

    /// <summary>A function that cannot do what it was asked.</summary>
    public static QueryException Function(string message) => new("QueryFunctionException", message);
}
