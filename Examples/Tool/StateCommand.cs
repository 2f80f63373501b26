using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamLearn;

namespace Tool;

/// <summary><c>state</c>: what is in a checkpoint.</summary>
internal static class StateCommand
{
    private const string Description = """
        Prints what is in a checkpoint: of which pipeline it is and when it was made, and its parts with form and bytes. A block has what
        the host keeps of it (block/…) and the state of its operator (state/…); an edge has its messages (edge/…).
        FILE is a checkpoint or a folder of them, of which the newest whole one is read. A damaged file is refused with exit code 1.
        """;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> file = new("file") { Description = "A checkpoint, or a folder of them." };
        Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("state", Description) { file, json };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(file);
            try
            {
                if (Read(path) is { } checkpoint)
                {
                    output.WriteLine(result.GetValue(json) ? Json(checkpoint) : Text(checkpoint));
                    return ExitCode.Done;
                }

                error.WriteLine($"streamlearn: '{path}' holds no checkpoint");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateException)
            {
                error.WriteLine($"streamlearn: '{path}': {e.Message}");
            }

            return ExitCode.Refused;
        });
        return command;
    }

    private static Checkpoint? Read(string path) =>
        Directory.Exists(path) ? Checkpoint.Newest(path) : Checkpoint.Read(File.ReadAllBytes(path));

    private static string Text(Checkpoint checkpoint)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            checkpoint  {checkpoint.Number} of pipeline '{checkpoint.Pipeline}'{(checkpoint.HasEnded ? ", which had come to its end" : "")}
            made        {checkpoint.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC, after {checkpoint.Elapsed:c}
            seed        {checkpoint.Seed}
            bytes       {checkpoint.SizeBytes:N0}

            """);
        text.Append('\n').Append(CultureInfo.InvariantCulture, $"{"part",-56} {"form",-24} {"bytes",14}");
        foreach (var part in checkpoint.Parts)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture, $"{part.Name,-56} {part.Format,-24} {part.Content.Length,14:N0}");
        }

        return text.ToString();
    }

    private static string Json(Checkpoint checkpoint)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("pipeline", checkpoint.Pipeline);
            json.WriteNumber("number", checkpoint.Number);
            json.WriteString("time", checkpoint.Time.UtcDateTime);
            json.WriteNumber("elapsedSeconds", checkpoint.Elapsed.TotalSeconds);
            json.WriteNumber("seed", checkpoint.Seed);
            json.WriteBoolean("hasEnded", checkpoint.HasEnded);
            json.WriteNumber("bytes", checkpoint.SizeBytes);
            json.WriteStartArray("parts");
            foreach (var part in checkpoint.Parts)
            {
                json.WriteStartObject();
                json.WriteString("name", part.Name);
                json.WriteString("form", part.Format);
                json.WriteNumber("bytes", part.Content.Length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
