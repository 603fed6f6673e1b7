using System.Text.Json.Serialization;

namespace Daylight.Sealing;

/// <summary>Serialization of everything that is signed or committed to. Members nobody knows are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(SealInfo))]
[JsonSerializable(typeof(Statement))]
[JsonSerializable(typeof(SignedStatement))]
[JsonSerializable(typeof(TrustRoot))]
[JsonSerializable(typeof(EnrollmentLine))]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(LogEvent))]
[JsonSerializable(typeof(SubjectView))]
[JsonSerializable(typeof(Openings))]
[JsonSerializable(typeof(Opening))]
[JsonSerializable(typeof(KeyholderStatement))]
[JsonSerializable(typeof(AgentPolicyFile))]
[JsonSerializable(typeof(ReviewReport))]
public sealed partial class SealingJson : JsonSerializerContext;
