using System.Text.Json.Serialization;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Server.Features.Releases;

/// <summary>What a run commits to: every group with its size, and every person with where they count. Each has a salt of its own, so that one can be shown without the others.</summary>
/// <param name="Groups">Openings of <see cref="CountedGroup"/>s.</param>
/// <param name="People">Openings of <see cref="CountedPerson"/>s, in the order of their ids.</param>
internal sealed record CountedPeople(IReadOnlyList<Opening> Groups, IReadOnlyList<Opening> People)
{
    /// <summary>Commits to a census.</summary>
    public static CountedPeople Of(Census census) => new(
        [.. census.Groups().Select(g => Opening.Of(CanonicalJson.Write(
            new CountedGroup(g.Level.Word(), g.Group, g.Parent, g.People), ProtocolJson.Default.CountedGroup)))],
        [.. census.Everybody().OrderBy(p => p.Person, StringComparer.Ordinal).Select(p => Opening.Of(CanonicalJson.Write(new CountedPerson(p.Person, p.Team, p.Site, p.Leads, p.Stayed), ProtocolJson.Default.CountedPerson)))]);
}

/// <summary>What is stored of a run beside its people: the groups, and for each part of the people who is first in it and the root over it.</summary>
/// <param name="Groups">Openings of the groups.</param>
/// <param name="First">By part, the first person's id.</param>
/// <param name="Roots">By part, the root over its people, base64.</param>
internal sealed record CountedIndex(IReadOnlyList<Opening> Groups, IReadOnlyList<string> First, IReadOnlyList<string> Roots);

/// <summary>Serialization of what is stored of a run.</summary>
[JsonSerializable(typeof(CountedIndex))]
[JsonSerializable(typeof(IReadOnlyList<Opening>))]
internal sealed partial class CountedJson : JsonSerializerContext;
