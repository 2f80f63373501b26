using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary>Reads and writes one JSON object per line, with <c>type</c> first and names in snake case.</summary>
internal static class RunEvents
{
    internal static string Line(RunEvent item) => JsonSerializer.Serialize(item, RunEventJson.Default.RunEvent);

    internal static void Write(TextWriter writer, IEnumerable<RunEvent> events)
    {
        foreach (var item in events)
        {
            writer.Write(Line(item));
            writer.Write('\n');
        }
    }

    /// <summary>Skips empty lines. <paramref name="name"/>: the source's name in errors.</summary>
    /// <exception cref="ProgramException">A line is not an event; the message gives its number.</exception>
    internal static List<RunEvent> Read(TextReader reader, string name)
    {
        List<RunEvent> events = [];
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) { continue; }
            try
            {
                events.Add(JsonSerializer.Deserialize(line, RunEventJson.Default.RunEvent)
                    ?? throw new JsonException("expected an object, got null"));
            }
            catch (Exception e) when (e is JsonException or NotSupportedException)
            {
                throw new ProgramException($"{name} line {number}: not an event of a run: {e.Message}", ExitCode.DataRefused);
            }
        }

        return events;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RunEvent))]
internal sealed partial class RunEventJson : JsonSerializerContext;
