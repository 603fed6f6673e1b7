using System.Text;
using System.Text.Json;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class LogEntryTests
{
    private static readonly DateOnly Day = new(2026, 11, 20);
    private static readonly Refusal Refused = new("mia", "dora", "", "manager", ["focus-time"], "records", Day, Day, ["No rule allows it."], Company.Now, Day.AddDays(730));

    public static TheoryData<string> PersonEvents() => ["disclosure", "refusal", "credential", "role", "group refusal"];

    [Theory]
    [MemberData(nameof(PersonEvents))]
    public void an_entry_about_a_person_shows_its_version_its_day_and_commitments_only(string kind)
    {
        var (entry, _) = LogEntry.Of(Day, Event(kind));
        using var json = JsonDocument.Parse(entry.ToBytes());
        Assert.Equal(["commitments", "day", "v"], json.RootElement.EnumerateObject().Select(m => m.Name));
        var commitments = json.RootElement.GetProperty("commitments");
        Assert.Equal(["asker", "details", "subject"], commitments.EnumerateObject().Select(m => m.Name));
        Assert.All(commitments.EnumerateObject(), c => Assert.Equal(44, c.Value.GetString()!.Length));
    }

    [Theory]
    [MemberData(nameof(PersonEvents))]
    public void all_entries_about_people_have_the_same_length(string kind) =>
        Assert.Equal(LogEntry.Of(Day, Refused).Entry.ToBytes().Length, LogEntry.Of(Day, Event(kind)).Entry.ToBytes().Length);

    [Fact]
    public void the_same_event_twice_cannot_be_linked() =>
        Assert.NotEqual(LogEntry.Of(Day, Refused).Entry.Commitments, LogEntry.Of(Day, Refused).Entry.Commitments);

    [Theory]
    [MemberData(nameof(PersonEvents))]
    public void the_openings_open_the_entry_to_what_happened(string kind)
    {
        var (entry, openings) = LogEntry.Of(Day, Event(kind));
        var opened = LogEntry.TryRead(entry.ToBytes())!.Open(openings);
        Assert.Equal(JsonSerializer.Serialize(Event(kind), SealingJson.Default.LogEvent), JsonSerializer.Serialize(opened, SealingJson.Default.LogEvent));
    }

    [Fact]
    public void an_altered_subject_view_is_refused_even_when_it_was_committed_to()
    {
        var (_, openings) = LogEntry.Of(Day, Refused);
        foreach (var told in (string[])["{}", openings.Subject.Json.Replace("manager", "colleague", StringComparison.Ordinal), openings.Subject.Json + " "])
        {
            var lying = openings with { Subject = Opening.Of(Encoding.UTF8.GetBytes(told)) };
            Assert.Null(new LogEntry(1, Day, null, lying.Commit()).Open(lying));
        }
    }

    [Fact]
    public void openings_of_another_entry_or_with_a_changed_byte_open_nothing()
    {
        var (entry, openings) = LogEntry.Of(Day, Refused);
        var (_, other) = LogEntry.Of(Day, Refused);
        Assert.NotNull(entry.Open(openings));
        Assert.Null(entry.Open(null));
        Assert.Null(entry.Open(other));
        Assert.Null(entry.Open(openings with { Asker = other.Asker }));
        Assert.Null(entry.Open(openings with { Details = other.Details }));
        Assert.Null(entry.Open(openings with { Subject = other.Subject }));
        Assert.Null(entry.Open(openings with { Details = openings.Details with { Json = openings.Details.Json.Replace("mia", "mio", StringComparison.Ordinal) } }));
        Assert.Null(entry.Open(openings with { Asker = openings.Asker with { Salt = "!" } }));
    }

    [Fact]
    public void a_salt_of_another_length_opens_nothing()
    {
        // SHA-256(salt ‖ JSON) alone would let bytes move between the two.
        var opening = new Opening(Convert.ToBase64String(new byte[32]), "{\"a\":1}");
        var moved = new Opening(Convert.ToBase64String([.. new byte[32], (byte)'{']), "\"a\":1}");
        Assert.Equal(opening.Commitment(), moved.Commitment());
        Assert.True(opening.Opens(opening.Commitment()));
        Assert.False(moved.Opens(opening.Commitment()));
    }

    [Fact]
    public void a_public_event_committed_to_as_if_it_were_about_a_person_opens_to_nothing()
    {
        var json = JsonSerializer.SerializeToElement(new ProgramPaused("p", "r", Company.Now), SealingJson.Default.LogEvent);
        var openings = new Openings(Opening.Of("{}"u8.ToArray()), Opening.Of(CanonicalJson.Write(json)), Opening.Of("{}"u8.ToArray()));
        Assert.Null(new LogEntry(1, Day, null, openings.Commit()).Open(openings));
    }

    [Fact]
    public void a_public_entry_stands_in_full_and_is_read_back()
    {
        var entry = LogEntry.TryRead(LogEntry.Of(Day, new ProgramPaused("focus-time", "why", Company.Now)).ToBytes())!;
        Assert.Equal(new ProgramPaused("focus-time", "why", Company.Now), entry.Open(null));
    }

    [Fact]
    public void an_event_about_a_person_never_stands_in_an_entry_in_full() => Assert.Null(LogEntry.TryRead(new LogEntry(1, Day, Refused).ToBytes()));

    [Fact]
    public void an_entry_with_both_parts_or_none_or_of_another_version_is_refused()
    {
        var (person, _) = LogEntry.Of(Day, Refused);
        var open = LogEntry.Of(Day, new ProgramPaused("p", "r", Company.Now));
        Assert.NotNull(LogEntry.TryRead(person.ToBytes()));
        Assert.Null(LogEntry.TryRead((open with { Commitments = person.Commitments }).ToBytes()));
        Assert.Null(LogEntry.TryRead(new LogEntry(1, Day).ToBytes()));
        Assert.Null(LogEntry.TryRead((person with { V = 2 }).ToBytes()));
        Assert.Null(LogEntry.TryRead("{}"u8.ToArray()));
    }

    [Fact]
    public void the_subject_of_a_look_is_told_relation_rule_and_days_but_not_who_asked()
    {
        var view = Event("disclosure").View!;
        Assert.Equal(("disclosure", "dora", "investigator", "role:investigator/records"), (view.Happened, view.Subject, view.Relation, view.Rule));
        Assert.DoesNotContain("mia", JsonSerializer.Serialize(view, SealingJson.Default.SubjectView), StringComparison.Ordinal);
        Assert.Null(Event("group refusal").View);
    }

    private static PersonEvent Event(string kind) => kind switch
    {
        "refusal" => Refused,
        "group refusal" => Refused with { Subject = string.Empty, Group = "team" },
        "disclosure" => new Disclosure(
            Unsigned(new Ask("00", Company.Now, "i", "mia", "dora", ["focus-time"], ["records"], Day, Day, "role:investigator/records", Company.Now, "c")),
            "investigator", ["security"], "records", ["focus-time"], Day, Day, Company.Now, Day.AddDays(30), Day.AddDays(730)),
        "credential" => new CredentialRegistered(Unsigned(new RegisterCredential("00", Company.Now, "dora", "k", "device", "c")), "code", new EnrollmentLine("dora", "s", "c", "device"), 1, 0, []),
        "role" => new RoleGranted(Unsigned(new GrantRole("00", Company.Now, "dora", "auditor", Day, Exposure: Company.Read))),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static SignedStatement Unsigned(Statement statement) => SignedStatement.Sign(statement);
}
