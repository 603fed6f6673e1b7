using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Daylight.Tests.Agent;

/// <summary>ActivityWatch's query language through the agent's own route, with the cases and the expected values of aw-core.</summary>
public sealed class QueryTests(QueryTests.Running running) : IClassFixture<QueryTests.Running>
{
    private const string Day = "2026-12-01T00:00:00+00:00/2026-12-02T00:00:00+00:00";

    private static readonly DateTimeOffset Midnight = TestAgent.At("2026-12-01 00:00");

    private static int seeded;

    private readonly TestAgent agent = running.Agent;

    [Theory]
    [InlineData("RETURN = 1;", "1")]
    [InlineData("RETURN = 123", "123")]
    [InlineData("RETURN = 'testing 123'", "\"testing 123\"")]
    [InlineData("RETURN = \"test\";", "\"test\"")]
    [InlineData("""RETURN = 'te\'st';""", "\"te'st\"")]
    [InlineData("""RETURN = "te\"st";""", """ "te\"st" """)]
    [InlineData("""RETURN = "\d\w";""", """ "\\d\\w" """)]
    [InlineData("RETURN = {'a': 1}", """{"a":1}""")]
    [InlineData("RETURN = {};", "{}")]
    [InlineData("RETURN = {'a': 1, 'b}': 2}", """{"a":1,"b}":2}""")]
    [InlineData("""RETURN = {'a': {'a': {'a': 1}}, 'b': {'b\'"': ':'}}""", """{"a":{"a":{"a":1}},"b":{"b'\"":":"}}""")]
    [InlineData("RETURN = [1,2,[[3],4],5]", "[1,2,[[3],4],5]")]
    [InlineData("""RETURN = ['\'',"\""]""", """["'","\""]""")]
    [InlineData("RETURN = []", "[]")]
    [InlineData("RETURN = [1, 'a', {}]", """[1,"a",{}]""")]
    [InlineData("test0xDEADBEEF = 2; RETURN = test0xDEADBEEF;", "2")]
    [InlineData("a=1;b=2;RETURN=[a,b]", "[1,2]")]
    [InlineData("a = 1; a = [a, a]; RETURN = a;", "[1,1]")]
    [InlineData("RETURN = [true, false, True, False];", "[true,false,true,false]")]
    [InlineData("RETURN = \"hello;world\"", "\"hello;world\"")]
    [InlineData("RETURN = 'hello;world'", "\"hello;world\"")]
    [InlineData("a = \"foo;bar\"; RETURN = a", "\"foo;bar\"")]
    [InlineData("a='x;y';b=2;RETURN=[a,b]", """["x;y",2]""")]
    [InlineData("\nmy_multiline_string = \"a\nb\";\nRETURN = my_multiline_string;\n    ", "\"a\\nb\"")]
    [InlineData("\n\n  RETURN\n=\n[\n 1 ,\n 2\n]\n;\n", "[1,2]")]
    [InlineData("RETURN = nop();", "1")]
    [InlineData("RETURN = sum_durations(limit_events(concat([], []), 1));", "0")]
    public async Task a_query_returns_what_it_says(string query, string expected) => AssertJson(expected, await AskAsync(query));

    [Theory]
    [InlineData("RETURN = {b: 1}")]
    [InlineData("RETURN = {'test': }")]
    [InlineData("RETURN = {'test'p 1}")]
    [InlineData("RETURN = {'test': #}")]
    [InlineData("RETURN = {:}")]
    [InlineData("RETURN = {'test':1,}")]
    [InlineData("RETURN = [,]")]
    [InlineData("RETURN = [1,]")]
    [InlineData("RETURN = [,2]")]
    [InlineData("RETURN = \"")]
    [InlineData("RETURN = #")]
    [InlineData("a=")]
    [InlineData("1 = 2")]
    [InlineData("a = unclosed_function(var1")]
    [InlineData("asd nop() = 2")]
    [InlineData("asd = \"something is wrong with me")]
    [InlineData("asd = asd1 asd2")]
    [InlineData("a=1")]
    [InlineData("")]
    [InlineData("RETURN = asd();", "QueryInterpretException")]
    [InlineData("RETURN = nop(badarg);", "QueryInterpretException")]
    [InlineData("RETURN=nop(nop())", "QueryInterpretException")]
    [InlineData("RETURN = undefined;", "QueryInterpretException")]
    [InlineData("RETURN = limit_events([]);", "QueryInterpretException")]
    [InlineData("events = [];\nRETURN = filter_keyvals(events, 666, [\"invalid_val\"]);", "QueryFunctionException")]
    [InlineData("events = [];\nRETURN = filter_keyvals(events, \"2\", \"invalid_val\");", "QueryFunctionException")]
    [InlineData("RETURN = filter_keyvals([], \"2\", \"invalid_val\");", "QueryFunctionException")]
    [InlineData("RETURN = sum_durations(7);", "QueryFunctionException")]
    [InlineData("RETURN = query_bucket(\"there is none\");", "QueryFunctionException")]
    [InlineData("RETURN = find_bucket(\"there is none\");", "QueryFunctionException")]
    [InlineData("RETURN = filter_keyvals_regex([], \"app\", \"(\");", "QueryFunctionException")]
    public async Task a_mistake_is_answered_with_its_kind(string query, string type = "QueryParseException")
    {
        var answer = await PostAsync(query, Day);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.NotEqual(string.Empty, error.GetProperty("message").GetString());
    }

    /// <summary>Events are <c>start+duration:label</c> in seconds since midnight.</summary>
    [Theory]
    [InlineData("filter_period_intersect(a, b)", "0+3600", "1800+3600", "1800+1800")]
    [InlineData("filter_period_intersect(a, b)", "0+1800:x 2700+1800:y", "900+2700:z", "900+900:x 2700+900:y")]
    [InlineData("filter_period_intersect(a, b)", "900+2700:z", "0+1800:x 2700+1800:y", "900+900:z 2700+900:z")]
    [InlineData("filter_period_intersect(a, b)", "0+3600 3600+3600", "0+3600 3600+3600", "0+3600 3600+3600")]
    [InlineData("filter_period_intersect(a, b)", "3600+3600", "0+3600 7200+3600", "")]
    [InlineData("filter_period_intersect(a, b)", "3600+3600", "0+3600 3600+3600 7200+3600", "3600+3600")]
    [InlineData("filter_period_intersect(a, b)", "0+3600 3600+3600 7200+3600", "3600+3600", "3600+3600")]
    [InlineData("period_union(a, b)", "0+10", "9+10", "0+19")]
    [InlineData("period_union(a, b)", "0+10", "10+10", "0+20")]
    [InlineData("period_union(a, b)", "0+10", "11+10", "0+10 11+10")]
    [InlineData("period_union(a, b)", "0+10:x", "2+2:y", "0+10")]
    [InlineData("union_no_overlap(a, b)", "0+3600:1 7200+3600:1 14400+3600:1", "1800+3600:2 9000+3600:2 16200+3600:2", "0+3600:1 3600+1800:2 7200+3600:1 10800+1800:2 14400+3600:1 18000+1800:2")]
    [InlineData("union_no_overlap(a, b)", "1800+3600:2 9000+3600:2 16200+3600:2", "0+3600:1 7200+3600:1 14400+3600:1", "0+1800:1 1800+3600:2 7200+1800:1 9000+3600:2 14400+1800:1 16200+3600:2")]
    [InlineData("union_no_overlap(a, b)", "0+3600:1 7200+3600:1 14400+3600:1", "0+18000:2", "0+3600:1 3600+3600:2 7200+3600:1 10800+3600:2 14400+3600:1")]
    [InlineData("flood(a)", "0+10:x 15+5:y", "", "0+15:x 15+5:y")]
    [InlineData("flood(a)", "0+10 15+5", "", "0+20")]
    [InlineData("flood(a)", "0+5:x 10+10:y", "", "0+5:x 5+15:y")]
    [InlineData("flood(a)", "0+5 10+10", "", "0+20")]
    [InlineData("flood(a)", "0+100:x 0+5:x", "", "0+100:x")]
    [InlineData("flood(concat(a, b))", "0+5:x", "0+100:y", "0+5:x 0+100:y")]
    [InlineData("flood(a)", "0+100:y 99.99+100:x", "", "0+99.99:y 99.99+100:x")]
    [InlineData("flood(a)", "0+10:x 15.1+5:y", "", "0+10:x 15.1+5:y")]
    [InlineData("sort_by_timestamp(sort_by_duration(a))", "1+2 2+3", "", "1+2 2+3")]
    [InlineData("sort_by_duration(a)", "1+2 2+3", "", "2+3 1+2")]
    [InlineData("limit_events(a, 1)", "1+2 2+3", "", "1+2")]
    [InlineData("limit_events(query_bucket(\"A\"), 1)", "1+2", "", "1+2")]
    [InlineData("concat(a, b)", "0+1:x", "5+1:y", "0+1:x 5+1:y")]
    [InlineData("filter_keyvals(a, \"label\", [\"aa\", \"cc\"])", "0+1:aa 1+1:bb 2+1:cc", "", "0+1:aa 2+1:cc")]
    [InlineData("exclude_keyvals(a, \"label\", [\"aa\", \"cc\"])", "0+1:aa 1+1:bb 2+1:cc", "", "1+1:bb")]
    [InlineData("filter_keyvals_regex(a, \"label\", \"aa|cc\")", "0+1:aa 1+1:bb 2+1:cc", "", "0+1:aa 2+1:cc")]
    [InlineData("filter_keyvals_regex(a, \"label\", \"aa|cc\")", "0+1:aa 1+1 2+1:cc", "", "0+1:aa 2+1:cc")]
    [InlineData("merge_events_by_keys(a, [])", "0+1:x 1+1:x", "", "0+1:x 1+1:x")]
    [InlineData("merge_events_by_keys(a, [\"unknown\"])", "0+1:x 1+1:y", "", "0+2")]
    [InlineData("sort_by_duration(merge_events_by_keys(a, [\"label\"]))", "0+1:x 1+1:y 2+1:y 3+1:x 4+1:y", "", "1+3:y 0+2:x")]
    public async Task periods_come_out_as_in_aw_core(string expression, string a, string b, string expected)
    {
        var id = await FillAsync(a);
        var other = await FillAsync(b);
        var query = $"a = sort_by_timestamp(query_bucket(\"{id}\"));\nb = sort_by_timestamp(query_bucket(\"{other}\"));\nRETURN = {expression.Replace("\"A\"", $"\"{id}\"", StringComparison.Ordinal)};";
        Assert.Equal(expected, string.Join(' ', (await AskAsync(query)).EnumerateArray().Select(Short)));
        Assert.Equal(a.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, (await AskAsync($"RETURN = query_bucket_eventcount(\"{id}\");")).GetInt32()); // a query changes nothing
    }

    [Fact]
    public async Task durations_sum_up_to_seconds()
    {
        var id = await FillAsync("0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1 8+1 9+1.5");
        Assert.Equal(10.5, (await AskAsync($"RETURN = sum_durations(query_bucket(\"{id}\"));")).GetDouble());
    }

    [Fact]
    public async Task all_functions_work_together_on_a_bucket_with_a_quote_in_its_name()
    {
        await FillAsync("0+1:test1", "test_'bucket");
        var answer = await AskAsync("""
            bid = "test_'bucket";
            events = query_bucket("test_'bucket");
            events2 = query_bucket('test_\'bucket');
            events2 = filter_keyvals(events2, "label", ["test1"]);
            events2 = exclude_keyvals(events2, "label", ["test2"]);
            events = filter_period_intersect(events, events2);
            events = filter_keyvals_regex(events, "label", ".*");
            events = limit_events(events, 1);
            events = merge_events_by_keys(events, ["label"]);
            events = chunk_events_by_key(events, "label");
            events = split_url_events(events);
            events = sort_by_timestamp(events);
            events = sort_by_duration(events);
            events = categorize(events, [[["test", "subtest"], {"regex": "test1"}]]);
            duration = sum_durations(events);
            eventcount = query_bucket_eventcount(bid);
            asd = nop();
            RETURN = {"events": events, "eventcount": eventcount};
            """);
        Assert.Equal(1, answer.GetProperty("eventcount").GetInt32());
        var data = Assert.Single(answer.GetProperty("events").EnumerateArray()).GetProperty("data");
        Assert.Equal("test1", data.GetProperty("label").GetString());
        AssertJson("""["test","subtest"]""", data.GetProperty("$category"));
    }

    [Fact]
    public async Task events_merge_by_several_keys()
    {
        var id = await SeedAsync("merged", (2, 1, """{"k1":"b","k2":"a"}"""), (0, 1, """{"k1":"a","k2":"a","k3":1}"""), (1, 2, """{"k2":"a","k1":"a","k3":2}"""), (3, 2, """{"k1":"a","k2":"c"}"""));
        var merged = await AskAsync($"RETURN = sort_by_duration(merge_events_by_keys(query_bucket(\"{id}\"), [\"k1\", \"k2\"]));");
        Assert.Equal([3, 2, 1], merged.EnumerateArray().Select(e => e.GetProperty("duration").GetDouble()));
        AssertJson("""[{"k1":"a","k2":"a"},{"k1":"a","k2":"c"},{"k1":"b","k2":"a"}]""", JsonSerializer.SerializeToElement(merged.EnumerateArray().Select(e => e.GetProperty("data"))));
    }

    [Fact]
    public async Task neighbors_of_one_value_are_chunked_with_what_they_hold()
    {
        var id = await SeedAsync("chunks", (0, 1, """{"label1":"1a","label2":"2a"}"""), (1, 1, """{"label1":"1a","label2":"2b"}"""), (2, 1, """{"label1":"1b","label2":"2b"}"""), (600, 1, """{"label1":"1b","label2":"2c"}"""));
        var chunks = (await AskAsync($"RETURN = chunk_events_by_key(sort_by_timestamp(query_bucket(\"{id}\")), \"label1\");")).EnumerateArray().ToList();
        Assert.Equal([(0, 2, "1a", "2a 2b"), (2, 2, "1b", "2b 2c")], chunks.Select(c => (Start(c), c.GetProperty("duration").GetDouble(), c.GetProperty("data").GetProperty("label1").GetString(),
            string.Join(' ', c.GetProperty("data").GetProperty("subevents").EnumerateArray().Select(e => e.GetProperty("data").GetProperty("label2").GetString())))));
    }

    [Theory]
    [InlineData("http://asd.com/test/?a=1", "http|asd.com|/test/||a=1|")]
    [InlineData("https://www.asd.asd.com/test/test2/meh;meh2?asd=2&asdf=3#id", "https|asd.asd.com|/test/test2/meh|meh2|asd=2&asdf=3|id")]
    [InlineData("file:///home/johan/myfile.txt", "file|file|/home/johan/myfile.txt|||")]
    [InlineData("about:blank", "about|about|blank|||")]
    public async Task an_address_is_taken_apart(string url, string expected)
    {
        var id = await SeedAsync("urls-" + url[..8], (0, 1, JsonSerializer.Serialize(new { url })));
        var data = (await AskAsync($"RETURN = split_url_events(query_bucket(\"{id}\"));"))[0].GetProperty("data");
        Assert.Equal(expected, string.Join('|', new[] { "protocol", "domain", "path", "params", "options", "identifier" }.Select(p => data.GetProperty("$" + p).GetString())));
    }

    [Theory]
    [InlineData("""{"title":"(2) YouTube"}""", "YouTube")]
    [InlineData("""{"title":"(99) Facebook"}""", "Facebook")]
    [InlineData("""{"app":"Cemu.exe","title":"Cemu - FPS: 133.7 - BotW"}""", "Cemu - FPS: ... - BotW")]
    [InlineData("""{"app":"VSCode.exe","title":"● report.md - Visual Studio Code"}""", "report.md - Visual Studio Code")]
    [InlineData("""{"app":"Gedit","title":"*test.md - gedit"}""", "test.md - gedit")]
    public async Task a_title_is_simplified_and_its_bucket_found_by_its_beginning(string data, string expected)
    {
        var id = await SeedAsync($"bucket-{expected[..4]}-the-one", (0, 1, data));
        var answer = await AskAsync($"bid = find_bucket(\"{id[..11]}\");\nevents = query_bucket(bid);\nRETURN = simplify_window_titles(events, \"title\");");
        Assert.Equal(expected, answer[0].GetProperty("data").GetProperty("title").GetString());
    }

    [Fact]
    public async Task the_deepest_category_wins_and_tags_are_all_that_match()
    {
        var id = await SeedAsync("classes", (0, 1, """{"key":"just a test"}"""), (1, 1, """{"key":"just a subtest"}"""), (2, 1, """{"key":"just a IGNORECASE test"}"""), (3, 1, "{}"), (4, 1, """{"key":"just a test value"}"""));
        var answer = await AskAsync($$"""
            events = sort_by_timestamp(query_bucket("{{id}}"));
            events = categorize(events, [[["Test"], {"regex": "^just"}], [["Test", "Subtest"], {"regex": "subtest$"}], [["Test", "Ignorecase"], {"regex": "ignorecase", "ignore_case": true}], [["Other"], {"type": "none"}]]);
            events = tag(events, [["Test", {"regex": "value$"}], ["Test", {"regex": "^just", "select_keys": []}], ["No", {"regex": "just", "select_keys": ["title"]}]]);
            RETURN = {"events": events, "by_cat": merge_events_by_keys(events, ["$category"])};
            """);
        Assert.Equal(["Test 1", "Test>Subtest 1", "Test>Ignorecase 1", "Uncategorized 0", "Test 2"], answer.GetProperty("events").EnumerateArray().Select(e => $"{Category(e)} {e.GetProperty("data").GetProperty("$tags").GetArrayLength()}"));
        Assert.Equal([("Test", 2.0), ("Test>Subtest", 1), ("Test>Ignorecase", 1), ("Uncategorized", 1)], answer.GetProperty("by_cat").EnumerateArray().Select(e => (Category(e), e.GetProperty("duration").GetDouble())));
    }

    [Theory]
    [InlineData("(?P<n>Co)de", "Code", true)]
    [InlineData("^(?P<c>o)(?P=c)$", "oo", true)]
    [InlineData("^(?P<c>o)(?P=c)$", "oa", false)]
    [InlineData("""a\_b""", "a_b", true)]
    [InlineData("""^a\_b$""", "a\\_b", false)]
    [InlineData("""[\_]""", "_", true)]
    [InlineData("""\ü\-\@\ \"\#""", "ü-@ \"#", true)]
    [InlineData("^x{,3}$", "xxx", true)]
    [InlineData("^x{,3}$", "xxxx", false)]
    [InlineData("^x{,3}$", "x{,3}", false)]
    [InlineData("^[{,3}]$", ",", true)]
    [InlineData("^[{,3}]$", "0", false)]
    [InlineData("^[]{,3}]$", "]", true)]
    [InlineData("^[]{,3}]$", "0", false)]
    [InlineData("""\bmain\.cs\b""", "in main.cs now", true)]
    [InlineData("""^\d{2,}\w$""", "12a", true)]
    [InlineData("(?i)code", "CODE", true)]
    [InlineData("code", "CODE", false)]
    [InlineData("(?<!un)safe", "unsafe", false)]
    [InlineData("^(?!un).*safe", "very safe", true)]
    public async Task patterns_are_read_as_python_reads_them(string pattern, string text, bool matches)
    {
        var id = await SeedAsync("patterns", (0, 1, JsonSerializer.Serialize(new { text })));
        var quoted = pattern.Replace("\"", "\\\"", StringComparison.Ordinal);
        var answer = await AskAsync($$"""
            events = filter_keyvals(query_bucket("{{id}}"), "text", ["{{text.Replace("\"", "\\\"", StringComparison.Ordinal)}}"]);
            RETURN = [filter_keyvals_regex(events, "text", "{{quoted}}"), filter_keyvals(categorize(events, [[["Hit"], {"regex": "{{quoted}}"}]]), "$category", [["Hit"]])];
            """);
        Assert.Equal((matches, matches), (answer[0].GetArrayLength() > 0, answer[1].GetArrayLength() > 0));
    }

    [Fact]
    public async Task the_python_clients_whole_desktop_query_gives_the_days_activity()
    {
        await SeedAsync("aw-watcher-window_desk", (0, 600, """{"app": "Firefox", "title": "Docs"}"""), (600, 600, """{"app": "Code", "title": "main.cs"}"""), (1200, 540, """{"app": "Firefox", "title": "Talk"}"""));
        await SeedAsync("aw-watcher-afk_desk", (0, 900, """{"status": "not-afk"}"""), (900, 900, """{"status": "afk"}"""));
        await SeedAsync("aw-watcher-web-chrome_desk");
        await SeedAsync("aw-watcher-web-firefox_desk", (0, 600, """{"url": "https://docs.example.com/a", "title": "Docs", "audible": false, "incognito": false, "tabCount": 3}"""), (1200, 540, """{"url": "https://www.talks.example.org/v", "title": "Talk", "audible": true, "incognito": false, "tabCount": 3}"""));
        var answer = await AskAsync(FullDesktopQuery);
        var (window, browser) = (answer.GetProperty("window"), answer.GetProperty("browser"));
        Assert.Equal(["0+600 Work", "600+300 Work>Programming", "1200+540 Uncategorized"], answer.GetProperty("events").EnumerateArray().Select(e => $"{Short(e)} {Category(e)}"));
        Assert.Equal(["Firefox 1140", "Code 300"], Named(window.GetProperty("app_events"), "app"));
        Assert.Equal(["Docs 600", "Talk 540", "main.cs 300"], Named(window.GetProperty("title_events"), "title"));
        Assert.Equal(["Work 600", "Uncategorized 540", "Work>Programming 300"], window.GetProperty("cat_events").EnumerateArray().Select(e => $"{Category(e)} {e.GetProperty("duration").GetDouble()}"));
        Assert.Equal(["0+900", "1200+540"], window.GetProperty("active_events").EnumerateArray().Select(Short)); // a talk that is listened to is no absence
        Assert.Equal(["https://docs.example.com/a 600", "https://www.talks.example.org/v 540"], Named(browser.GetProperty("urls"), "url"));
        Assert.Equal(["docs.example.com 600", "talks.example.org 540"], Named(browser.GetProperty("domains"), "$domain"));
        Assert.Equal((1440, 1140), (window.GetProperty("duration").GetDouble(), browser.GetProperty("duration").GetDouble()));
    }

    [Fact]
    public async Task each_period_has_an_answer_of_its_own_and_no_period_none()
    {
        var id = await FillAsync("0+60 3600+60 7100+200");
        var query = $"RETURN = sum_durations(query_bucket(\"{id}\"));";
        Assert.Equal("[]", await (await PostAsync(query)).Content.ReadAsStringAsync());
        AssertJson("[60,100,320,0]", await AnswerAsync(await PostAsync(query, "2026-12-01T00:00:00+00:00/2026-12-01T01:00:00+00:00", "2026-12-01T03:00:00+01:00/2026-12-01T03:30:00.500000+01:00", "2026-12-01/2026-12-02", "2026-12-01T02:10:00Z/2026-12-01T02:10:00Z")));
        var days = Enumerable.Range(0, 731).Select(d => $"{Midnight.AddDays(d - 730):yyyy-MM-dd}/{Midnight.AddDays(d - 729):yyyy-MM-dd}").ToArray();
        Assert.Equal(320, (await AnswerAsync(await PostAsync(query, days)))[730].GetDouble());
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(query, "2026-12-01T00:00:00+00:00")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(query, "yesterday/today")).StatusCode);
    }

    [Theory]
    [InlineData("/api/0/query/?name=report&cache=1", "\"report\"")]
    [InlineData("/api/0/query?name=report", "\"report\"")]
    [InlineData("/api/0/query/", "\"\"")]
    public async Task a_query_knows_its_name(string path, string name) => AssertJson($"[{name}]", await AnswerAsync(await agent.PostAsync(path, $$"""{"timeperiods": ["{{Day}}"], "query": ["RETURN = NAME;"]}""")));

    // aw_client.queries.fullDesktopQuery, as it is sent.
    private const string FullDesktopQuery = """

            events = flood(query_bucket(find_bucket("aw-watcher-window_desk")));


                    not_afk = flood(query_bucket(find_bucket("aw-watcher-afk_desk")));
                    not_afk = filter_keyvals(not_afk, "status", ["not-afk"]);
                    not_treat_as_afk = filter_keyvals_regex(events, "app", "Zoom Meeting|Google Meet|\"Teams\"");
                    not_afk = period_union(not_afk, not_treat_as_afk);
                    not_treat_as_afk = filter_keyvals_regex(events, "title", "Zoom Meeting|Google Meet|\"Teams\"");
                    not_afk = period_union(not_afk, not_treat_as_afk);
        browser_events = [];
                  events_chrome = flood(query_bucket("aw-watcher-web-chrome_desk"));
                  window_chrome = filter_keyvals(events, "app", ["Google Chrome", "Google-chrome", "chrome.exe", "google-chrome-stable", "Chromium", "Chromium-browser", "Chromium-browser-chromium", "chromium.exe", "Google-chrome-beta", "Google-chrome-unstable", "Brave-browser"]);
                  events_chrome = filter_period_intersect(events_chrome, window_chrome);
                  events_chrome = split_url_events(events_chrome);
                  browser_events = concat(browser_events, events_chrome);
                  browser_events = sort_by_timestamp(browser_events);

                  events_firefox = flood(query_bucket("aw-watcher-web-firefox_desk"));
                  window_firefox = filter_keyvals(events, "app", ["Firefox", "Firefox.exe", "firefox", "firefox.exe", "Firefox Developer Edition", "firefoxdeveloperedition", "Firefox-esr", "Firefox Beta", "Nightly", "org.mozilla.firefox"]);
                  events_firefox = filter_period_intersect(events_firefox, window_firefox);
                  events_firefox = split_url_events(events_firefox);
                  browser_events = concat(browser_events, events_firefox);
                  browser_events = sort_by_timestamp(browser_events);

                    audible_events = filter_keyvals(browser_events, "audible", [true]);
                    not_afk = period_union(not_afk, audible_events);

        events = filter_period_intersect(events, not_afk);
        events = categorize(events, [[["Work"], {"type": "regex", "regex": "^Code$|Docs"}], [["Work", "Programming"], {"type": "regex", "regex": "\bMAIN\.cs\b", "ignore_case": true}]]);

            title_events = sort_by_duration(merge_events_by_keys(events, ["app", "title"]));
            app_events   = sort_by_duration(merge_events_by_keys(title_events, ["app"]));
            cat_events   = sort_by_duration(merge_events_by_keys(events, ["$category"]));
            app_events  = limit_events(app_events, 100);
            title_events  = limit_events(title_events, 100);
            duration = sum_durations(events);

                browser_events = split_url_events(browser_events);
                browser_urls = merge_events_by_keys(browser_events, ["url"]);
                browser_urls = sort_by_duration(browser_urls);
                browser_urls = limit_events(browser_urls, 100);
                browser_domains = merge_events_by_keys(browser_events, ["$domain"]);
                browser_domains = sort_by_duration(browser_domains);
                browser_domains = limit_events(browser_domains, 100);
                browser_duration = sum_durations(browser_events);

                RETURN = {
                    "events": events,
                    "window": {
                        "app_events": app_events,
                        "title_events": title_events,
                        "cat_events": cat_events,
                        "active_events": not_afk,
                        "duration": duration
                    },
                    "browser": {
                        "domains": browser_domains,
                        "urls": browser_urls,
                        "duration": browser_duration
                    }
                };

        """;

    private async Task<JsonElement> AskAsync(string query) => (await AnswerAsync(await PostAsync(query, Day)))[0];

    private Task<HttpResponseMessage> PostAsync(string query, params string[] periods) => agent.PostAsync("/api/0/query/", JsonSerializer.Serialize(new { timeperiods = periods, query = query.Split('\n') }));

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private Task<string> FillAsync(string events, string name = "periods") => SeedAsync(name, [.. events.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split(':')).Select(e => (
        Seconds(e[0].Split('+')[0]), Seconds(e[0].Split('+')[1]), e.Length == 1 ? "{}" : $$"""{"label":"{{e[1]}}"}"""))]);

    /// <summary>Makes a bucket with events; its id.</summary>
    private async Task<string> SeedAsync(string name, params (double At, double Duration, string Data)[] events)
    {
        var id = name.StartsWith("aw-", StringComparison.Ordinal) || name.StartsWith("test_", StringComparison.Ordinal) ? name : $"{name}-{Interlocked.Increment(ref seeded)}";
        await agent.MakeAsync(Uri.EscapeDataString(id), "test");
        var posted = await agent.PostAsync($"/api/0/buckets/{Uri.EscapeDataString(id)}/events", "[" + string.Join(',', events.Select(e => string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":"{{Midnight.AddMilliseconds(Math.Round(e.At * 1000)):O}}","duration":{{e.Duration}},"data":{{e.Data}}}"""))) + "]");
        Assert.Equal(events.Length, JsonDocument.Parse(await posted.Content.ReadAsStringAsync()).RootElement.GetArrayLength());
        return id;
    }

    private static void AssertJson(string expected, JsonElement actual) => Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, actual), actual.GetRawText());

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Start(JsonElement e) => (DateTimeOffset.Parse(e.GetProperty("timestamp").GetString()!, CultureInfo.InvariantCulture) - Midnight).TotalSeconds;

    private static string Short(JsonElement e) => string.Create(CultureInfo.InvariantCulture, $"{Start(e)}+{e.GetProperty("duration").GetDouble()}{(e.GetProperty("data").TryGetProperty("label", out var label) ? ":" + label.GetString() : "")}");

    private static string Category(JsonElement e) => string.Join('>', e.GetProperty("data").GetProperty("$category").EnumerateArray().Select(c => c.GetString()));

    private static IEnumerable<string> Named(JsonElement events, string key) => events.EnumerateArray().Select(e => $"{e.GetProperty("data").GetProperty(key).GetString()} {e.GetProperty("duration").GetDouble()}");

    /// <summary>One agent for all queries: they change nothing.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal TestAgent Agent { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Agent = await TestAgent.StartAsync();

        public ValueTask DisposeAsync() => Agent.DisposeAsync();
    }
}
