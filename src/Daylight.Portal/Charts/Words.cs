using Daylight.Portal.Texts;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Portal.Charts;

/// <summary>How pages say what the API names in one word.</summary>
internal static class Words
{
    /// <summary>A role.</summary>
    public static string Role(string role) => role switch
    {
        "employee" => Say("employee"),
        "manager" => Say("manager"),
        "program-owner" => Say("program-owner"),
        "privacy-officer" => Say("privacy-officer"),
        "works-council" => Say("works-council"),
        "security" => Say("security"),
        "investigator" => Say("investigator"),
        "analyst" => Say("analyst"),
        "workplace-planner" => Say("workplace-planner"),
        "auditor" => Say("auditor"),
        "operator" => Say("operator"),
        _ => role,
    };

    /// <summary>Several roles.</summary>
    public static string Roles(IEnumerable<string> roles) => string.Join(", ", roles.Select(Role));

    /// <summary>The state of a program, a case, a review, a request or an incident.</summary>
    public static string State(string state) => state switch
    {
        "active" => Say("active"),
        "paused" => Say("paused"),
        "proposed" => Say("proposed"),
        "refused" => Say("refused"),
        "ended" => Say("ended"),
        "replaced" => Say("replaced"),
        "open" => Say("open"),
        "waiting" => Say("waiting"),
        "closed" => Say("closed"),
        "over" => Say("over"),
        "overdue" => Say("overdue"),
        "upheld" => Say("upheld"),
        "rejected" => Say("rejected"),
        "withdrawn" => Say("withdrawn"),
        "reported" => Say("reported"),
        "signed" => Say("signed"),
        "settled" => Say("settled"),
        "approved" => Say("approved"),
        _ => state,
    };

    /// <summary>What would be seen.</summary>
    public static string What(string what) => what.StartsWith("records: ", StringComparison.Ordinal) ? Say("your records ({0})", what["records: ".Length..])
        : what.StartsWith("submissions: ", StringComparison.Ordinal) ? Say("what you handed in ({0})", what["submissions: ".Length..])
        : what;

    /// <summary>About whom a sight is.</summary>
    public static string About(string granularity) => granularity == "person" ? Say("one person")
        : granularity == "company" ? Say("all of the company")
        : granularity.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? Say("the {0} {1}", Level(granularity[..colon]), granularity[(colon + 1)..])
        : granularity;

    /// <summary>A level of the directory.</summary>
    public static string Level(string level) => level switch
    {
        "team" => Say("team"),
        "department" => Say("department"),
        "site" => Say("site"),
        "company" => Say("company"),
        "person" => Say("person"),
        _ => level,
    };

    /// <summary>How many times likelier a guess can become under differential privacy with this ε: e to the power of it.</summary>
    public static string Times(double epsilon) => Say("{0:0.#} times", Math.Ceiling(Math.Exp(epsilon) * 10) / 10);

    /// <summary>When something was last used.</summary>
    public static string Used(DateOnly? day, DateOnly today) => day is not { } last ? Say("never used")
        : (today.DayNumber - last.DayNumber) switch
        {
            0 => Say("used today"),
            1 => Say("used yesterday"),
            var days => Say("unused for {0} days", days),
        };

    /// <summary>Who looked or acted, as the log names them to whom it is about: a relation, or one or more roles.</summary>
    public static string Relation(string relation) => relation switch
    {
        "manager's manager" => Say("manager's manager"),
        "team member" => Say("team member"),
        "holder of a role" => Say("holder of a role"),
        "colleague" => Say("colleague"),
        "approvers" => Say("approvers"),
        "officer" => Say("officer"),
        "keyholder" => Say("keyholder"),
        _ => Roles(relation.Split(", ")),
    };

    /// <summary>What happened to somebody, other than that they were looked at.</summary>
    public static string Happened(string happened) => happened switch
    {
        "case-opened" => Say("case opened"),
        "consent-given" => Say("consent given"),
        "consent-withdrawn" => Say("consent withdrawn"),
        "credential" => Say("credential"),
        "credential-promised" => Say("credential promised"),
        "credential-revoked" => Say("credential revoked"),
        "destruction-certified" => Say("destruction certified"),
        "export" => Say("export"),
        "key-destroyed" => Say("key destroyed"),
        "notice-acknowledged" => Say("notice acknowledged"),
        "objection-answered" => Say("objection answered"),
        "objection-raised" => Say("objection raised"),
        "role" => Say("role"),
        "role-reviewed" => Say("role reviewed"),
        "role-revoked" => Say("role revoked"),
        "sign-in" => Say("sign in"),
        _ => happened.Replace('-', ' '),
    };

    /// <summary>A field of what people hand in.</summary>
    public static string Field(string field) => field switch
    {
        "objective" => Say("objective"),
        "result" => Say("result"),
        "progress" => Say("progress"),
        "project" => Say("project"),
        "hours" => Say("hours"),
        "reason" => Say("reason"),
        "minutes" => Say("minutes"),
        "note" => Say("note"),
        _ => field,
    };

    /// <summary>A step of an incident.</summary>
    public static string Step(string step) => step switch
    {
        "note" => Say("note"),
        "authority-told" => Say("authority-told"),
        "people-told" => Say("people-told"),
        "no-risk" => Say("no-risk"),
        "closed" => Say("closed"),
        _ => step,
    };

    /// <summary>A kind of what a charter keeps.</summary>
    public static string Kept(string kind) => kind switch
    {
        "records" => Say("records"),
        "submissions" => Say("submissions"),
        "contributions" => Say("contributions"),
        "corrections" => Say("corrections"),
        "releases" => Say("releases"),
        "looks" => Say("looks"),
        _ => kind,
    };
}
