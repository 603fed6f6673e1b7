using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Daylight.Storage;

/// <summary>Inserts many rows at the cost of few: one statement that stays prepared in an embedded database, one round trip to a database server.</summary>
public static class Rows
{
    private static readonly ConditionalWeakTable<DbConnection, Dictionary<string, DbCommand>> Prepared = [];

    /// <summary>Inserts rows.</summary>
    /// <param name="connection">The writing connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="table">Table and columns, such as <c>t (a, b)</c>: never anything that somebody sent.</param>
    /// <param name="rows">Values, in the order of the columns.</param>
    public static void Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<object[]> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var sql = $"INSERT INTO {table} VALUES ({string.Join(", ", Enumerable.Range(0, rows[0].Length).Select(Name))})";
        if (connection.CanCreateBatch)
        {
            InsertTogether(connection, transaction, sql, rows);
        }
        else
        {
            InsertOneByOne(connection, transaction, sql, rows);
        }
    }

    private static void InsertTogether(DbConnection connection, DbTransaction transaction, string sql, IReadOnlyList<object[]> rows)
    {
        using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var row in rows)
        {
            var command = batch.CreateBatchCommand();
#pragma warning disable CA2100 // the table is a constant of the caller's, the values are parameters
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var column = 0; column < row.Length; column++)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (Name(column), row[column]);
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        batch.ExecuteNonQuery();
    }

    private static void InsertOneByOne(DbConnection connection, DbTransaction transaction, string sql, IReadOnlyList<object[]> rows)
    {
        var known = Prepared.GetOrCreateValue(connection);
        if (!known.TryGetValue(sql, out var command))
        {
            known[sql] = command = connection.CreateCommand();
#pragma warning disable CA2100 // the table is a constant of the caller's, the values are parameters
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var column = 0; column < rows[0].Length; column++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = Name(column);
                command.Parameters.Add(parameter);
            }
        }

        command.Transaction = transaction;
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                command.Parameters[column].Value = row[column];
            }

            command.ExecuteNonQuery();
        }

        command.Transaction = null;
    }

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"@p{column}");
}
