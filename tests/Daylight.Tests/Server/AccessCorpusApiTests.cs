using Dapper;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.SignIn;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Tests.Core;

namespace Daylight.Tests.Server;

/// <summary>The API of a real company answers the corpus as the gate does: with the records or the figure, or with exactly the reasons that the file names.</summary>
public sealed class AccessCorpusApiTests
{
    public static TheoryData<string> Files() => [.. AccessCorpus.Companies.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task the_api_answers_every_look_of_a_file_as_the_file_says(string file)
    {
        var corpus = AccessCorpus.Company(file);
        await using var company = await TestCompany.StartAsync(found: false);
        var living = new LivingCorpus(corpus, company);
        await living.FoundAsync();
        var questions = new Questions(corpus, company, living);
        foreach (var (at, happens) in questions.Steps())
        {
            company.Clock.Now = at;
            await happens();
        }

        Assert.Equal(corpus.Looks.Count(l => Unasked(l) is null), questions.Answers.Count);
        var wrong = questions.Answers.Where(a => a.Value != Expected(a.Key)).Select(a => $"{a.Key.Name}: expected {Expected(a.Key)}, answered {a.Value}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void looks_that_the_api_has_no_endpoint_for_are_counted_so_that_none_is_left_out_unseen()
    {
        var counts = AccessCorpus.Looks.GroupBy(l => Unasked(l.Look) ?? "asked").ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(19, counts["no endpoint shows submissions"]);
        Assert.Equal(AccessCorpus.Looks.Count() - 19, counts["asked"]);
    }

    /// <summary>Why a look is not asked of the API; null for one that is.</summary>
    private static string? Unasked(CorpusLook look) => look.Look switch
    {
        Look.AtPerson { What: IndividualKind.Submissions } => "no endpoint shows submissions",
        _ => null,
    };

    /// <summary>What the gate's answer is on the wire.</summary>
    private static string Expected(CorpusLook look) =>
        look.Refused.Contains("no-program") || look.Refused.Contains("unknown") ? "404"
        : look.Refused.Contains("paused") ? "423"
        : look.Refused is ["step-up"] ? "403 ask-required"
        : look.Refused.Count > 0 ? Refused(look.Refused)
        : look.Counted is null ? "200"
        : look.IsWithheld ? "200 withheld"
        : $"200 {look.Counted}";

    private static string Refused(IReadOnlyList<string>? codes) => "403 " + string.Join(", ", (codes ?? ["without codes"]).Order(StringComparer.Ordinal));

    /// <summary>Asks what a file asks, in the order of time: a keyholder opens nothing once its clock went back.</summary>
    private sealed class Questions(CorpusCompany corpus, TestCompany company, LivingCorpus living)
    {
        private readonly Dictionary<CorpusLook, string> asks = [];
        private readonly Dictionary<string, string> tokens = [];

        public Dictionary<CorpusLook, string> Answers { get; } = [];

        /// <summary>Cases, signatures and looks, each at its time.</summary>
        public IEnumerable<(DateTimeOffset At, Func<Task> Happens)> Steps() => Unordered().OrderBy(s => s.At).ThenBy(s => s.Turn).Select(s => (s.At, s.Happens));

        /// <summary>Of one minute: cases come first, then signatures, then looks, and last those whose signer's clock is ahead.</summary>
        private IEnumerable<(DateTimeOffset At, double Turn, Func<Task> Happens)> Unordered()
        {
            foreach (var said in corpus.Cases)
            {
                // One that begins after a look which names it was signed with a later time, as by a clock that is ahead.
                yield return (corpus.Looks.Where(l => l.AtPerson?.Case == said.Facts.Digest).Select(l => l.Now).Append(said.Facts.Opened).Min(), 0, () => living.OpenAsync(said));
            }

            foreach (var look in corpus.Looks.Where(l => Unasked(l) is null))
            {
                var signed = look.AtPerson?.Signed;
                if (signed <= look.Now)
                {
                    yield return (signed.Value, 1, () => SignAsync(look));
                }

                yield return (look.Now, 2 + Math.Max(0, ((signed ?? look.Now) - look.Now).TotalMinutes), () => AskAsync(look));
            }
        }

        private async Task SignAsync(CorpusLook look)
        {
            var l = look.AtPerson!;
            var rule = look.Allowed ?? corpus.Cases.FirstOrDefault(c => c.Facts.Digest == l.Case)?.Facts.Rule ?? "role:investigator/records";
            asks[look] = await company.SignAskAsync(l.Asker, new AskWanted(company.KeyOf(l.Asker).Credential.Id.Value, l.Subject, [l.Program], null, l.From, l.To, rule));
        }

        private async Task AskAsync(CorpusLook look)
        {
            if (look.AtPerson?.Signed > look.Now)
            {
                company.Clock.Now = look.AtPerson.Signed.Value;
                await SignAsync(look);
                company.Clock.Now = look.Now;
            }
            else if (look is { AtPerson.Signed: null, Allowed: not null })
            {
                await SignAsync(look); // whatever a rule needs besides, without an ask nothing is opened
            }

            Answers[look] = look.Look switch
            {
                Look.AtGroup group => await FigureAsync(look, group),
                Look.AtPerson { Address: not null } person => await FromAsync(look, person),
                Look.AtPerson person => await RecordsAsync(look, person),
                _ => "no such look",
            };
        }

        private async Task<string> RecordsAsync(CorpusLook look, Look.AtPerson l)
        {
            var by = living.Digest(l.Case) is { } digest ? "&case=" + digest : string.Empty;
            var answer = await (await AsAsync(l.Asker)).GetAsync(
                $"/api/v1/people/{l.Subject}/records?program={l.Program}&from={l.From:yyyy-MM-dd}&to={l.To:yyyy-MM-dd}{by}", ProtocolJson.Default.IReadOnlyListShownRecord, default, asks.GetValueOrDefault(look));
            return answer.Problem is { } problem ? Said(problem) : "200";
        }

        /// <summary>From a network of its own: no two machines here are of different ones, so this asks what the endpoint asks.</summary>
        private async Task<string> FromAsync(CorpusLook look, Look.AtPerson l)
        {
            var wanted = new Wanted(l.Subject, IndividualKind.Records, l.Program, l.From, l.To, living.Digest(l.Case), asks.GetValueOrDefault(look), l.Address);
            return await company.Part<DisclosurePath>().LookAsync(new Caller(l.Asker, "credential " + company.KeyOf(l.Asker).Credential.Id, null), wanted, default) switch
            {
                LookOutcome.Shown => "200",
                LookOutcome.Refused refused => Refused(refused.Why.Codes),
                LookOutcome.Paused => "423",
                LookOutcome.UnknownProgram => "404",
                LookOutcome.AskMissing => "403 ask-required",
                LookOutcome.Unavailable unavailable => "503 " + unavailable.Why,
                _ => "no such outcome",
            };
        }

        /// <summary>The figure of last week, which counts as many as the file says.</summary>
        private async Task<string> FigureAsync(CorpusLook look, Look.AtGroup l)
        {
            var period = ReleaseWeek.Of(DateOnly.FromDateTime(look.Now.UtcDateTime).AddDays(-7)).ToString();
            var row = new { l.Program, l.Measure, level = l.Level.ToString().ToLowerInvariant(), l.Group, period, people = look.Counted ?? 100 };
            await company.Part<GroupCommitWriter>().WriteAsync((c, t) => c.Execute(
                """
                INSERT INTO release_cells (program, measure, level, grp, period, value, people, expires_on) VALUES (@Program, @Measure, @level, @Group, @period, 60, @people, '2028-01-01')
                ON CONFLICT (program, measure, level, grp, period) DO UPDATE SET people = excluded.people
                """,
                row,
                t));
            var answer = await (await AsAsync(l.Asker)).GetAsync($"/api/v1/releases/{row.level}/{Uri.EscapeDataString(l.Group)}?program={l.Program}&measure={l.Measure}", ProtocolJson.Default.IReadOnlyListReleaseCell, default);
            return answer.Problem is { } problem ? Said(problem)
                : answer.Value!.Single(c => c.Period == period) is { Value: not null } cell ? $"200 {cell.People}"
                : "200 withheld";
        }

        private static string Said(Problem problem) =>
            problem.Status == 503 ? "503 " + problem.Detail
            : problem.Status != 403 ? $"{problem.Status}"
            : problem.Type.EndsWith("/ask-required", StringComparison.Ordinal) ? "403 ask-required"
            : Refused(problem.Codes);

        /// <summary>Whom the directory does not know has no key; the console can make anybody a token.</summary>
        private async Task<ApiClient> AsAsync(string asker)
        {
            if (living.IsKnown(asker))
            {
                return company.As(asker);
            }

            var token = tokens.GetValueOrDefault(asker) ?? (tokens[asker] = await company.Server.Founding().MakeTokenAsync(asker, 30));
            return ApiClient.WithToken(company.Http, token);
        }
    }
}
