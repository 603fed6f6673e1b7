using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Daylight.Storage;

/// <summary>Inserts many rows with few statements: one round trip to a database server, one preparation in an embedded one.</summary>
public static class Rows
{
    private const int MostPerStatement = 128;

    /// <summary>Inserts rows.</summary>
    /// <param name="connection">The writing connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="table">Table and columns, such as <c>t (a, b)</c>: never anything that somebody sent.</param>
    /// <param name="rows">Values, in the order of the columns.</param>
    public static void Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<object[]> rows)
    {
        for (var from = 0; from < rows.Count; from += MostPerStatement)
        {
            var count = Math.Min(MostPerStatement, rows.Count - from);
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            var sql = new StringBuilder("INSERT INTO ").Append(table).Append(" VALUES ");
            for (var row = 0; row < count; row++)
            {
                sql.Append(row == 0 ? "(" : ",(");
                AddValues(command, sql, rows[from + row], row);
                sql.Append(')');
            }

#pragma warning disable CA2100 // the table is a constant of the caller's, the values are parameters
            command.CommandText = sql.ToString();
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }

    private static void AddValues(DbCommand command, StringBuilder sql, object[] values, int row)
    {
        for (var column = 0; column < values.Length; column++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"@p{row}_{column}");
            sql.Append(column == 0 ? string.Empty : ",").Append(name);
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, values[column]);
            command.Parameters.Add(parameter);
        }
    }
}
