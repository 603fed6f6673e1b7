using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Exposures;

/// <summary>What an approver reads before signing: the exposure of the very change, which then stands in the signature.</summary>
internal static class Reading
{
    /// <summary>Gets the exposure of a change and prints it, apart from the answer.</summary>
    public static async Task<ExposureRead> ReadAsync(ApiClient api, ChangeWanted change, CancellationToken cancel)
    {
        var exposure = (await api.PostAsync("/api/v1/exposure/diff", change, ProtocolJson.Default.ChangeWanted, ProtocolJson.Default.ChangeExposure, cancel)).OrThrow();
        foreach (var line in Lines(exposure))
        {
            await Console.Error.WriteLineAsync(line);
        }

        return exposure.Read;
    }

    /// <summary>A change in lines.</summary>
    public static IEnumerable<string> Lines(ChangeExposure exposure)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"Of {exposure.Read.People} people: {exposure.Read.Appear} sights appear, {exposure.Read.Disappear} disappear. A sight is somebody who could see something about somebody else.");
        foreach (var change in exposure.Changes)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  +{change.Appear} −{change.Disappear}  {change.Program}, {change.What}, by {change.Level}{(change.Needs.Length > 0 ? $" ({change.Needs})" : "")}");
        }
    }
}
