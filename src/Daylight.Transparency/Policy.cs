using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Daylight.Transparency;

/// <summary>A log that a policy accepts.</summary>
/// <param name="Key">What it signs with (0x01); its name is the log's origin.</param>
/// <param name="Url">Where it is, if the policy says so.</param>
public sealed record PolicyLog(NoteVerifier Key, Uri? Url);

/// <summary>A witness that a policy knows.</summary>
/// <param name="Name">Its name in the policy, and nowhere else.</param>
/// <param name="Key">What it cosigns with (0x04).</param>
/// <param name="Url">Where it is asked (the prefix of <c>/add-checkpoint</c>), if the policy says so.</param>
public sealed record PolicyWitness(string Name, NoteVerifier Key, Uri? Url);

/// <summary>So many of these: witnesses, or groups that were defined before.</summary>
/// <param name="Name">Its name in the policy.</param>
/// <param name="Threshold">How many members it takes, from 1 to all of them.</param>
/// <param name="Members">Names of witnesses and of earlier groups.</param>
public sealed record PolicyGroup(string Name, int Threshold, IReadOnlyList<string> Members);

/// <summary>Who cosigned, and when by its own clock.</summary>
/// <param name="Witness">The witness.</param>
/// <param name="At">The time in its signature.</param>
public sealed record WitnessCosignature(PolicyWitness Witness, DateTimeOffset At);

/// <summary>
/// Whose signatures make a checkpoint valid: one of the logs, and a quorum of witnesses (C2SP tlog-policy).
/// </summary>
/// <remarks>Stricter than the specification in one point: a key that stands for a log stands for no witness, for a log cannot be its own witness.</remarks>
public sealed class TlogPolicy
{
    /// <summary>Most logs, witnesses and groups, of each.</summary>
    public const int MostOfEach = 256;

    private const string None = "none";

    private readonly NoteVerifier[] known;

    private TlogPolicy(IReadOnlyList<PolicyLog> logs, IReadOnlyList<PolicyWitness> witnesses, IReadOnlyList<PolicyGroup> groups, string? quorum)
    {
        (Logs, Witnesses, Groups, Quorum) = (logs, witnesses, groups, quorum);
        known = [.. logs.Select(l => l.Key), .. witnesses.Select(w => w.Key)];
    }

    /// <summary>The logs; any one of them will do.</summary>
    public IReadOnlyList<PolicyLog> Logs { get; }

    /// <summary>The witnesses.</summary>
    public IReadOnlyList<PolicyWitness> Witnesses { get; }

    /// <summary>The groups, each after its members.</summary>
    public IReadOnlyList<PolicyGroup> Groups { get; }

    /// <summary>The witness or group that must have cosigned; null where the policy says <c>none</c>.</summary>
    public string? Quorum { get; }

    /// <summary>Makes a policy from its parts.</summary>
    /// <param name="logs">The logs.</param>
    /// <param name="witnesses">The witnesses.</param>
    /// <param name="groups">The groups, each after its members.</param>
    /// <param name="quorum">A witness, a group, or null for none.</param>
    /// <exception cref="FormatException">The parts contradict each other; the message says how.</exception>
    public static TlogPolicy Create(IEnumerable<PolicyLog> logs, IEnumerable<PolicyWitness> witnesses, IEnumerable<PolicyGroup> groups, string? quorum)
    {
        var draft = new Draft();
        var problem = logs.Select(draft.Add).FirstOrDefault(p => p is not null)
            ?? witnesses.Select(draft.Add).FirstOrDefault(p => p is not null)
            ?? groups.Select(draft.Add).FirstOrDefault(p => p is not null)
            ?? draft.SetQuorum(quorum ?? None);
        return problem is null ? draft.Finish() : throw new FormatException(problem);
    }

    /// <summary>Parses a policy file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="problem">Or else what is wrong, on which line, and what to do.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TlogPolicy? policy, [NotNullWhen(false)] out string? problem)
    {
        policy = null;
        var draft = new Draft();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (ReadLine(line, draft) is { } found)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"line {number}: {found}");
                return false;
            }
        }

        if (!draft.HasQuorum)
        {
            problem = $"line {number}: the file ends without a quorum. Add a line 'quorum NAME', or 'quorum none' if no witness is required.";
            return false;
        }

        (policy, problem) = (draft.Finish(), null);
        return true;
    }

    /// <summary>Parses a policy file that is expected to be good.</summary>
    /// <exception cref="FormatException">It is not; the message says where.</exception>
    public static TlogPolicy Parse(string text) => TryParse(text, out var policy, out var problem) ? policy : throw new FormatException("The policy cannot be read: " + problem);

    /// <summary>
    /// Whether the note is valid: no key of this policy signed badly, a log whose name is the note's first line signed, and the quorum cosigned
    /// within the bounds, which are both included and compared in whole seconds.
    /// </summary>
    /// <param name="note">A signed checkpoint.</param>
    /// <param name="notBefore">Cosignatures before this do not count.</param>
    /// <param name="notAfter">Cosignatures after this do not count.</param>
    public bool IsSatisfiedBy(SignedNote note, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        if (!IsSignedByLog(note))
        {
            return false;
        }

        var reached = Cosignatures(note).Where(c => IsWithin(c.At, notBefore, notAfter)).Select(c => c.Witness.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in Groups)
        {
            // Members come before their group, so one pass in order is enough.
            if (group.Members.Count(reached.Contains) >= group.Threshold)
            {
                reached.Add(group.Name);
            }
        }

        return Quorum is null || reached.Contains(Quorum);
    }

    /// <summary>Opens a signed checkpoint that satisfies this policy.</summary>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="checkpoint">What it promises.</param>
    /// <param name="notBefore">Cosignatures before this do not count.</param>
    /// <param name="notAfter">Cosignatures after this do not count.</param>
    public bool TryOpen(string note, [NotNullWhen(true)] out Checkpoint? checkpoint, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        checkpoint = null;
        return SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed!.Text, out checkpoint) && IsSatisfiedBy(signed, notBefore, notAfter);
    }

    /// <summary>
    /// The good cosignatures of this policy's witnesses, in the note's order; a witness that cosigned twice is there twice. Empty when any key
    /// of this policy signed badly.
    /// </summary>
    public IReadOnlyList<WitnessCosignature> Cosignatures(SignedNote note)
    {
        if (note.Verify(known) is null)
        {
            return [];
        }

        return [.. from signature in note.Signatures from witness in Witnesses let at = witness.Key.CosignedAt(signature) where at is not null select new WitnessCosignature(witness, at.Value)];
    }

    /// <summary>The policy file in its canonical spelling: logs, witnesses, groups, quorum.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var log in Logs)
        {
            text.Append(CultureInfo.InvariantCulture, $"log {log.Key}{Suffix(log.Url)}\n");
        }

        foreach (var witness in Witnesses)
        {
            text.Append(CultureInfo.InvariantCulture, $"witness {witness.Name} {witness.Key}{Suffix(witness.Url)}\n");
        }

        foreach (var group in Groups)
        {
            var threshold = group.Threshold == group.Members.Count ? "all" : group.Threshold == 1 ? "any" : group.Threshold.ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"group {group.Name} {threshold} {string.Join(' ', group.Members)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"quorum {Quorum ?? None}\n").ToString();
    }

    private static string Suffix(Uri? url) => url is null ? string.Empty : " " + url.OriginalString;

    private static bool IsWithin(DateTimeOffset at, DateTimeOffset? notBefore, DateTimeOffset? notAfter) =>
        (notBefore is null || at.ToUnixTimeSeconds() >= notBefore.Value.ToUnixTimeSeconds()) && (notAfter is null || at.ToUnixTimeSeconds() <= notAfter.Value.ToUnixTimeSeconds());

    /// <summary>A log's key name is its origin: the key of one log signs no checkpoint of another.</summary>
    private bool IsSignedByLog(SignedNote note)
    {
        var origin = note.Text[..note.Text.IndexOf('\n', StringComparison.Ordinal)];
        return note.Verify(known) is { } good && good.Any(k => k.Type == NoteKeyType.Ed25519 && string.Equals(k.Name, origin, StringComparison.Ordinal));
    }

    private static string? ReadLine(string line, Draft draft)
    {
        if (line.FirstOrDefault(c => c is (< ' ' and not '\t') or '\x7f') is var control && line.Contains(control, StringComparison.Ordinal))
        {
            return string.Create(CultureInfo.InvariantCulture, $"a control character (U+{(int)control:X4}). Only spaces, tabs and plain line feeds are allowed; save the file with Unix line ends.");
        }

        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 || words[0][0] == '#' ? null : ReadItem(words, draft);
    }

    private static string? ReadItem(string[] words, Draft draft) => (words[0], words.Length) switch
    {
        ("log", 2 or 3) => ReadLog(words[1], words.ElementAtOrDefault(2), draft),
        ("log", _) => "a log is 'log VKEY' or 'log VKEY URL'.",
        ("witness", 3 or 4) => ReadWitness(words[1], words[2], words.ElementAtOrDefault(3), draft),
        ("witness", _) => "a witness is 'witness NAME VKEY' or 'witness NAME VKEY URL'.",
        ("group", >= 4) => ReadGroup(words[1], words[2], words[3..], draft),
        ("group", _) => "a group is 'group NAME all|any|NUMBER MEMBER…', with at least one member.",
        ("quorum", 2) => draft.SetQuorum(words[1]),
        ("quorum", _) => "a quorum is 'quorum NAME' or 'quorum none'; several witnesses make a group first.",
        _ => $"'{words[0]}' is not known here. Lines start with log, witness, group, quorum or #.",
    };

    private static string? ReadLog(string vkey, string? url, Draft draft) =>
        ReadKey(vkey, out var key) ?? ReadUrl(url, out var address) ?? draft.Add(new PolicyLog(key!, address));

    private static string? ReadWitness(string name, string vkey, string? url, Draft draft) =>
        ReadKey(vkey, out var key) ?? ReadUrl(url, out var address) ?? draft.Add(new PolicyWitness(name, key!, address));

    private static string? ReadKey(string vkey, out NoteVerifier? key) =>
        NoteVerifier.TryParse(vkey, out key) && string.Equals(key!.ToString(), vkey, StringComparison.Ordinal)
            ? null
            : $"'{vkey}' is not a verification key that is known here. One looks like name+1a2b3c4d+base64, of type Ed25519 (a log) or Ed25519 cosignature (a witness).";

    private static string? ReadUrl(string? text, out Uri? url)
    {
        url = null;
        return text is null || (text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out url))
            ? null
            : $"'{text}' is not a URL. One looks like https://witness.example";
    }

    private static string? ReadGroup(string name, string threshold, string[] members, Draft draft)
    {
        var k = threshold switch
        {
            "all" => members.Length,
            "any" => 1,
            _ when int.TryParse(threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => 0,
        };
        return draft.Add(new PolicyGroup(name, k, members));
    }

    /// <summary>A policy while it is put together; each addition is checked against what is there, and says what is wrong.</summary>
    private sealed class Draft
    {
        private readonly List<PolicyLog> logs = [];
        private readonly List<PolicyWitness> witnesses = [];
        private readonly List<PolicyGroup> groups = [];
        private readonly HashSet<string> names = new(StringComparer.Ordinal);
        private readonly HashSet<string> spent = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> keys = new(StringComparer.Ordinal);
        private string? quorum;

        public bool HasQuorum => quorum is not null;

        public string? Add(PolicyLog log) =>
            log.Key.Type != NoteKeyType.Ed25519 ? $"the key {log.Key.Name} is a witness's (type 0x04). A log signs with type 0x01."
            : log.Url is { } url && !IsWord(url.OriginalString) ? "a URL has no spaces."
            : logs.Count == MostOfEach ? TooMany("logs")
            : AddKey(log.Key, "log " + log.Key.Name) ?? Added(() => logs.Add(log));

        public string? Add(PolicyWitness witness) =>
            witness.Key.Type != NoteKeyType.Cosignature ? $"the key {witness.Key.Name} is a log's (type 0x01). A witness cosigns with type 0x04."
            : witness.Url is { } url && !IsWord(url.OriginalString) ? "a URL has no spaces."
            : witnesses.Count == MostOfEach ? TooMany("witnesses")
            : AddName(witness.Name) ?? AddKey(witness.Key, "witness " + witness.Name) ?? Added(() => witnesses.Add(witness));

        public string? Add(PolicyGroup group)
        {
            if (group.Threshold < 1 || group.Threshold > group.Members.Count)
            {
                return string.Create(CultureInfo.InvariantCulture, $"group {group.Name} has {group.Members.Count} members: write all, any, or a number from 1 to {group.Members.Count} before them.");
            }

            if (group.Members.FirstOrDefault(m => !names.Contains(m)) is { } unknown)
            {
                return $"'{unknown}' is no witness or group so far. A group names witnesses and groups of the lines before it.";
            }

            // A witness counts in one way only: no name is a member twice, here or anywhere.
            return group.Members.FirstOrDefault(m => !spent.Add(m)) is { } twice ? $"'{twice}' is a member already. A witness or group is a member of one group at most, once."
                : groups.Count == MostOfEach ? TooMany("groups")
                : AddName(group.Name) ?? Added(() => groups.Add(group with { Members = [.. group.Members] }));
        }

        public string? SetQuorum(string name) =>
            quorum is not null ? "there is a quorum already. Keep one of the two lines."
            : name != None && !names.Contains(name) ? $"'{name}' is no witness or group so far. The quorum names one of the lines before it, or none."
            : Added(() => quorum = name);

        public TlogPolicy Finish() => new(logs, witnesses, groups, quorum == None ? null : quorum);

        private static string? Added(Action add)
        {
            add();
            return null;
        }

        private static string TooMany(string what) => string.Create(CultureInfo.InvariantCulture, $"more than {MostOfEach} {what}. Split the policy.");

        private static bool IsWord(string text) => text.Length > 0 && !text.Any(c => c is <= ' ' or '\x7f');

        private string? AddName(string name) =>
            name == None ? "'none' is what a quorum says that asks nobody. Choose another name."
            : !IsWord(name) ? "a name has no spaces and no control characters."
            : names.Add(name) ? null : $"the name '{name}' is taken. Witnesses and groups each have their own.";

        private string? AddKey(NoteVerifier key, string owner) =>
            keys.TryAdd(Convert.ToHexStringLower(key.PublicKey), owner) ? null
            : $"{owner} has the same key as {keys[Convert.ToHexStringLower(key.PublicKey)]}, so one signer would count for two. Leave one of them out.";
    }
}
