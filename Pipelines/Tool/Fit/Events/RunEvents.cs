using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Events as text: one JSON object a line, <c>type</c> first, names in snake case.</summary>
internal static class RunEvents
{
    /// <summary>One event as a line, without its end.</summary>
    internal static string Line(RunEvent item) => JsonSerializer.Serialize(item, RunEventJson.Default.RunEvent);

    /// <summary>Writes the events, a line each.</summary>
    internal static void Write(TextWriter writer, IEnumerable<RunEvent> events)
    {
        foreach (var item in events)
        {
            writer.Write(Line(item));
            writer.Write('\n');
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; empty lines are skipped. <paramref name="name"/>: what the text is called in an
    /// error, as <c>events.jsonl</c>.</summary>
    /// <exception cref="ProgramException">A line is not an event; the message has its number.</exception>
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
