using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Notices;

/// <summary>Something that somebody is told.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Kind">What kind: <c>look</c>, <c>case</c>, <c>role</c>, <c>credential</c>, <c>directory-held</c>.</param>
/// <param name="Text">In words; empty where the entry says it.</param>
/// <param name="Entry">Log index of the entry that it is about, or null.</param>
internal sealed record Notice(string Person, string Kind, string Text, ulong? Entry = null);

/// <summary>A stored notice.</summary>
internal sealed record StoredNotice(string Id, Notice Notice, DateOnly Due, bool Seen);

/// <summary>
/// What people are told, from a day on. A notice about a look commits together with the look's entry: whoever was involved may leave, and it is told all the same.
/// </summary>
internal sealed class NoticeStore(IDatabase database, GroupCommitWriter writer, TransparencyLog log, ServerKeys keys, TimeProvider time)
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>What an entry has its subject told; null for what is no news to them.</summary>
    public static string? KindOf(SubjectView view) => view.Happened switch
    {
        "disclosure" when view.Relation != "self" => "look",
        "case-opened" => "case",
        "role" or "role-revoked" => "role",
        "credential" or "credential-revoked" => "credential",
        "key-destroyed" => "erasure",
        "objection-answered" => "objection",
        "role-reviewed" => "role",
        _ => null,
    };

    /// <summary>The row of a notice.</summary>
    public static object[] Row(ServerKeys keys, Notice notice, DateOnly due)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return [id, keys.LogRef(notice.Person), Sql.Day(due), keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(notice, NoticeJson.Default.Notice), "notice " + id), 0, 0, (long?)notice.Entry ?? -1];
    }

    /// <summary>Tells one person.</summary>
    public Task TellOneAsync(string person, string kind, string text) => writer.WriteAsync((c, t) => Rows.Insert(c, t, Table, [Row(keys, new Notice(person, kind, text), Today)]));

    /// <summary>Tells everybody who holds a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="kind">What kind of notice.</param>
    /// <param name="text">In words.</param>
    /// <param name="but">Person ids of those who are not told, or not now.</param>
    public Task AlertAsync(string role, string kind, string text, params IReadOnlyCollection<string> but)
    {
        var holders = log.Read(a => a.Holders(role, Today).Except(but).ToList());
        return writer.WriteAsync((c, t) => Rows.Insert(c, t, Table, [.. holders.Select(h => Row(keys, new Notice(h, kind, text), Today))]));
    }

    /// <summary>Tells everybody who holds one of some roles today, but one, once. Returns how many were new.</summary>
    public Task<int> TellRolesAsync(IReadOnlyCollection<string> roles, string kind, string text, ulong entry, string? but = null) =>
        TellAsync(log.Read(a => roles.SelectMany(r => a.Holders(r, Today)).Where(p => p != but).Distinct(StringComparer.Ordinal).ToList()), kind, text, entry);

    /// <summary>Tells many people the same, once: who was told that of that entry before is not told again. Returns how many were new.</summary>
    /// <param name="people">Person ids.</param>
    /// <param name="kind">What kind of notice.</param>
    /// <param name="text">In words.</param>
    /// <param name="entry">Log index of what it is about.</param>
    /// <param name="again">What makes it another telling of the same entry; empty for the first.</param>
    public async Task<int> TellAsync(IEnumerable<string> people, string kind, string text, ulong entry, string again = "")
    {
        var told = 0;
        foreach (var some in people.Chunk(500))
        {
            // The row is made of a text, not of an entry's view: it points to the entry by its name alone.
            var rows = some.Select(person => (Id: keys.Reference("telling", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{entry}\n{kind}\n{again}\n{person}")), Person: person)).ToList();
            told += await writer.WriteAsync((c, t) => rows.Sum(r => c.Execute(
                "INSERT INTO notices (id, subject_ref, due, sealed, seen, mailed, idx) VALUES (@Id, @person, @due, @box, 0, 0, @idx) ON CONFLICT (id) DO NOTHING",
                new { r.Id, person = keys.LogRef(r.Person), due = Sql.Day(Today), box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(new Notice(r.Person, kind, text), NoticeJson.Default.Notice), "notice " + r.Id), idx = (long)entry },
                t)));
        }

        return told;
    }

    /// <summary>Up to which entry something was told.</summary>
    public ulong ReadMark(string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM settings WHERE name = @name", new { name }) is { Length: 8 } bytes ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
    }

    /// <summary>Notes it.</summary>
    public Task MarkAsync(string name, ulong entry)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, entry);
        return writer.WriteAsync((c, t) => c.Execute("INSERT INTO settings (name, sealed) VALUES (@name, @bytes) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed", new { name, bytes }, t));
    }

    /// <summary>What somebody is told by today, newest first.</summary>
    public IReadOnlyList<StoredNotice> Of(string person, int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, byte[] Sealed, string Due, int Seen)>(
            "SELECT id, sealed, due, seen FROM notices WHERE subject_ref = @person AND due <= @today ORDER BY due DESC, id LIMIT @most", new { person = keys.LogRef(person), today = Sql.Day(Today), most })
            .Select(r => new StoredNotice(r.Id, Open(r.Id, r.Sealed), Sql.Day(r.Due), r.Seen == 1))];
    }

    /// <summary>Marks notices of somebody as seen.</summary>
    public Task SeenAsync(string person, IReadOnlyList<string> ids) => writer.WriteAsync((c, t) =>
    {
        foreach (var id in ids)
        {
            c.Execute("UPDATE notices SET seen = 1 WHERE id = @id AND subject_ref = @person", new { id, person = keys.LogRef(person) }, t);
        }
    });

    /// <summary>What is due and was not mailed.</summary>
    public IReadOnlyList<StoredNotice> Unmailed(int most)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Id, byte[] Sealed, string Due)>("SELECT id, sealed, due FROM notices WHERE mailed = 0 AND due <= @today ORDER BY due LIMIT @most", new { today = Sql.Day(Today), most })
            .Select(r => new StoredNotice(r.Id, Open(r.Id, r.Sealed), Sql.Day(r.Due), false))];
    }

    /// <summary>Notes that a notice was mailed, or cannot be.</summary>
    public Task MailedAsync(IReadOnlyList<string> ids) => writer.WriteAsync((c, t) =>
    {
        foreach (var id in ids)
        {
            c.Execute("UPDATE notices SET mailed = 1 WHERE id = @id", new { id }, t);
        }
    });

    /// <summary>The table and its columns.</summary>
    public const string Table = "notices (id, subject_ref, due, sealed, seen, mailed, idx)";

    private Notice Open(string id, byte[] box) => JsonSerializer.Deserialize(keys.Box.Open(box, "notice " + id), NoticeJson.Default.Notice)!;
}

/// <summary>Serialization of notices.</summary>
[JsonSerializable(typeof(Notice))]
internal sealed partial class NoticeJson : JsonSerializerContext;
