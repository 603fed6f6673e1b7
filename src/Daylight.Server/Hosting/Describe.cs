using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Daylight.Server.Hosting;

/// <summary>Describes what a route reads itself, for OpenAPI.</summary>
internal static class Describe
{
    /// <summary>Names query parameters with what they mean.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, params ReadOnlySpan<(string Name, string Meaning)> parameters) => Add(route, ParameterLocation.Query, parameters.ToArray());

    /// <summary>Names request headers with what they mean.</summary>
    public static RouteHandlerBuilder WithHeader(this RouteHandlerBuilder route, string name, string meaning) => Add(route, ParameterLocation.Header, [(name, meaning)]);

    private static RouteHandlerBuilder Add(RouteHandlerBuilder route, ParameterLocation place, (string Name, string Meaning)[] parameters) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.Parameters ??= [];
        foreach (var (name, meaning) in parameters)
        {
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = place, Description = meaning, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }

        return Task.CompletedTask;
    });
}
