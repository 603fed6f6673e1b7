using System.Text.Json.Serialization;
using Daylight.Sealing;

namespace Daylight.Protocol;

/// <summary>That somebody could see something about somebody.</summary>
/// <param name="Viewer">Person id of who could look.</param>
/// <param name="Person">Person id of whom it is about.</param>
/// <param name="Program">The program.</param>
/// <param name="Rule">The rule.</param>
/// <param name="What">What they would see.</param>
/// <param name="Granularity"><c>person</c>, or the group.</param>
/// <param name="Needs">What must be there before.</param>
/// <param name="Name">The viewer's name, or the person's where the question was about a viewer.</param>
/// <param name="LastUsed">UTC day on which the viewer last used the rule; null when never since it is kept.</param>
public sealed record SightView(
    string Viewer, string Person, string Program, string Rule, string What, string Granularity, string Needs, string? Name = null, DateOnly? LastUsed = null);

/// <summary>Who could see me: by rule, in numbers, and with names where the company shows them.</summary>
/// <param name="Program">The program.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Who">The audience in words.</param>
/// <param name="What">What they would see.</param>
/// <param name="Granularity"><c>person</c>, or the group.</param>
/// <param name="Needs">What must be there before.</param>
/// <param name="Viewers">How many could.</param>
/// <param name="Names">Who, when the company shows names.</param>
public sealed record CouldSeeMe(string Program, string Rule, string Who, string What, string Granularity, string Needs, int Viewers, IReadOnlyList<string>? Names = null);

/// <summary>What somebody could see, added up.</summary>
/// <param name="Program">The program.</param>
/// <param name="Rule">The rule.</param>
/// <param name="What">What.</param>
/// <param name="Needs">What must be there before.</param>
/// <param name="People">About how many people.</param>
/// <param name="Groups">In how many groups; 0 where it is about single people.</param>
/// <param name="LastUsed">UTC day on which the viewer last used the rule.</param>
public sealed record CouldSee(string Program, string Rule, string What, string Needs, int People, int Groups, DateOnly? LastUsed = null);

/// <summary>Everything that somebody could see.</summary>
/// <param name="Viewer">Person id.</param>
/// <param name="Name">Name.</param>
/// <param name="Rules">Rule by rule.</param>
/// <param name="Sights">Each of them, when they were asked for.</param>
public sealed record ExposureOfViewer(string Viewer, string Name, IReadOnlyList<CouldSee> Rules, IReadOnlyList<SightView>? Sights = null);

/// <summary>A program's exposure in numbers.</summary>
/// <param name="Program">The program.</param>
/// <param name="People">Of how many people there may be something.</param>
/// <param name="Individual">How many others could look at one person's own records or submissions.</param>
/// <param name="Group">How many could see a figure of a group.</param>
/// <param name="Widest">Name of who could see something about most people.</param>
/// <param name="WidestCount">About how many.</param>
/// <param name="Sights">Sights of others, rule by rule and added up.</param>
/// <param name="Rules">Rule by rule.</param>
public sealed record ProgramExposureView(string Program, int People, int Individual, int Group, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Widest, int WidestCount, long Sights, IReadOnlyList<RuleExposureView> Rules);

/// <summary>A rule's exposure in numbers; without viewers it matches nobody.</summary>
public sealed record RuleExposureView(string Rule, int Viewers, int People, long Sights, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Widest, int Most, DateOnly? LastUsed = null);

/// <summary>A role that somebody was granted.</summary>
/// <param name="Role">The role.</param>
/// <param name="Person">Person id.</param>
/// <param name="Name">Name.</param>
/// <param name="Scope">Of whom; null for everybody.</param>
/// <param name="Until">Last day: then it is reviewed, or over.</param>
/// <param name="Rules">How many rules are for it.</param>
/// <param name="Loses">How many sights would go with it.</param>
/// <param name="LastUsed">UTC day on which it was last used to look.</param>
/// <param name="Granted">Log index of the grant; 0 for one of the trust root.</param>
public sealed record GrantView(string Role, string Person, string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Scope, DateOnly Until, int Rules, long Loses, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? LastUsed, ulong Granted);

/// <summary>The exposure of all programs.</summary>
/// <param name="People">People in the directory.</param>
/// <param name="Programs">Program by program.</param>
/// <param name="Grants">Every role that is held.</param>
public sealed record ExposureSummary(int People, IReadOnlyList<ProgramExposureView> Programs, IReadOnlyList<GrantView> Grants);

/// <summary>A change of which somebody wants to know what it does; one of these.</summary>
/// <param name="Charter">Hash of a proposed charter.</param>
/// <param name="CharterText">Or a charter's YAML, proposed or not.</param>
/// <param name="Grant">Or a role to be granted.</param>
/// <param name="Revoke">Or a role to be taken away.</param>
/// <param name="Held">Or the change of the directory that waits.</param>
/// <param name="People">Or a directory, as CSV.</param>
/// <param name="List">Whether every sight is wanted besides the counts.</param>
public sealed record ChangeWanted(string? Charter = null, string? CharterText = null, RoleWanted? Grant = null, RoleWanted? Revoke = null, bool Held = false, string? People = null, bool List = false);

/// <summary>A role of somebody.</summary>
public sealed record RoleWanted(string Person, string Role, string? Scope = null, DateOnly? Until = null);

/// <summary>What a change does to who could see what about whom.</summary>
/// <param name="Read">The counts, as an approval carries them.</param>
/// <param name="Changes">By terms.</param>
/// <param name="Appearing">Sights that appear, when they were asked for.</param>
/// <param name="Disappearing">Sights that disappear, when they were asked for.</param>
public sealed record ChangeExposure(ExposureRead Read, IReadOnlyList<TermsChangeView> Changes, IReadOnlyList<SightView>? Appearing = null, IReadOnlyList<SightView>? Disappearing = null);

/// <summary>What a change does to sights under the same terms.</summary>
public sealed record TermsChangeView(string Program, string What, string Level, string Needs, long Appear, long Disappear);

/// <summary>A directory that is to be the whole one.</summary>
/// <param name="Csv">The file's text.</param>
/// <param name="File">Its name, for messages.</param>
/// <param name="Zone">Zone where the file names none.</param>
/// <param name="DryRun">Only say what would change.</param>
public sealed record DirectoryImport(string Csv, string File, string Zone, bool DryRun);

/// <summary>One person by hand; what is absent stays.</summary>
/// <param name="Email">Address: whom it is about.</param>
/// <param name="Leaves">Whether the person leaves.</param>
/// <param name="Name">Name.</param>
/// <param name="Team">Name of the team.</param>
/// <param name="Managers">Addresses of the managers.</param>
/// <param name="Site">Site.</param>
/// <param name="Zone">IANA zone.</param>
/// <param name="Country">Country.</param>
/// <param name="Employment">Employment type.</param>
public sealed record PersonEdit(
    string Email, bool Leaves = false, string? Name = null, string? Team = null, IReadOnlyList<string>? Managers = null, string? Site = null, string? Zone = null, string? Country = null, string? Employment = null);

/// <summary>What a change of the directory does, or did.</summary>
/// <param name="State"><c>active</c>, <c>held</c>, <c>unchanged</c>, or <c>dry-run</c>.</param>
/// <param name="Lines">What changes, a line each.</param>
/// <param name="Joiners">People who come.</param>
/// <param name="Changed">People about whom something changes.</param>
/// <param name="Leavers">People who go.</param>
/// <param name="Appear">Sights that appear.</param>
/// <param name="Disappear">Sights that disappear.</param>
/// <param name="Why">Why it is held.</param>
public sealed record DirectoryOutcome(string State, IReadOnlyList<string> Lines, int Joiners, int Changed, int Leavers, long Appear, long Disappear, string? Why = null);

/// <summary>How the directory stands.</summary>
/// <param name="People">People who work here.</param>
/// <param name="Left">Leavers who are remembered.</param>
/// <param name="Teams">Teams.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Held">What waits, or null.</param>
public sealed record DirectoryState(int People, int Left, int Teams, IReadOnlyList<string> Findings, DirectoryOutcome? Held = null);

/// <summary>A fresh token for a provisioning client; shown once.</summary>
public sealed record ScimToken(string Token, DateOnly Until);

/// <summary>A case, for who takes part in it.</summary>
/// <param name="Case">What names it.</param>
/// <param name="State"><c>waiting</c>, <c>open</c>, <c>over</c> or <c>closed</c>.</param>
/// <param name="Asker">Person id of who looks.</param>
/// <param name="AskerName">Name.</param>
/// <param name="Subject">Person id of whom it is about.</param>
/// <param name="SubjectName">Name.</param>
/// <param name="Rule">Under which rule.</param>
/// <param name="Programs">Programs.</param>
/// <param name="From">First day of the records.</param>
/// <param name="To">Last day of the records.</param>
/// <param name="Until">Last day of the case.</param>
/// <param name="Tell">Day on which the person is told.</param>
/// <param name="Reason">Why.</param>
/// <param name="Approved">Roles that approved.</param>
/// <param name="Missing">What its rule still asks for, in words; null when it can be used.</param>
/// <param name="Looks">What was looked at.</param>
/// <param name="Opened">Log index of its opening.</param>
/// <param name="Hold">Whether it is a legal hold: with both approvals it keeps these days past their own, and delays their erasure.</param>
/// <param name="Approvers">Roles that may approve it.</param>
public sealed record CaseView(
    string Case, string State, string Asker, string AskerName, string Subject, string SubjectName, string Rule, IReadOnlyList<string> Programs, DateOnly From, DateOnly To, DateOnly Until, DateOnly Tell,
    string Reason, IReadOnlyList<string> Approved, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Missing, IReadOnlyList<CaseLook> Looks, ulong Opened, bool Hold,
    IReadOnlyList<string> Approvers);

/// <summary>A look under a case.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Time">When.</param>
/// <param name="Programs">At the records of which programs.</param>
public sealed record CaseLook(ulong Entry, DateTimeOffset Time, IReadOnlyList<string> Programs);

/// <summary>A rule under which the caller may ask for a case.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Programs">Programs in force that have it.</param>
/// <param name="TellWithinDays">Days after which the person is told at the latest; the least of these programs.</param>
/// <param name="Approvals">Roles that may approve.</param>
public sealed record CaseRule(string Rule, IReadOnlyList<string> Programs, int TellWithinDays, IReadOnlyList<string> Approvals);

/// <summary>Something that one is told.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>look</c>, <c>case</c>, <c>role</c>, <c>directory-held</c> and others.</param>
/// <param name="Text">In words.</param>
/// <param name="Day">From when on it was told.</param>
/// <param name="Seen">Whether it was marked as seen.</param>
/// <param name="Entry">Log index, when it is about an entry.</param>
public sealed record NoticeView(string Id, string Kind, string Text, DateOnly Day, bool Seen, ulong? Entry = null);

/// <summary>Marks notices as seen.</summary>
public sealed record NoticesSeen(IReadOnlyList<string> Ids);
