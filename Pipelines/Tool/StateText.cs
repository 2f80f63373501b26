using System.Text.Json;

namespace Tool;

internal static class StateText
{
    internal static string Of(Checkpoint? checkpoint, IReadOnlyList<(string Name, Checkpoint Newest)> folders)
    {
        var text = new StringBuilder();
        if (checkpoint is not null) { Append(text, checkpoint); }
        if (folders.Count == 0) { return text.ToString(); }
        if (checkpoint is not null) { text.Append("\n\n"); }
        text.Append(CultureInfo.InvariantCulture, $"{"folder",-24} {"newest",8} {"made (UTC)",-23} {"after",-18} {"bytes",14}  pipeline");
        foreach (var (name, newest) in folders)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture,
                $"{Tapped.Plain(name),-24} {newest.Number,8} {newest.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} ");
            text.Append(CultureInfo.InvariantCulture, $"{newest.Elapsed,-18:c} {newest.SizeBytes,14:N0}  {Tapped.Plain(newest.Pipeline)}");
            text.Append(End(newest));
        }

        return text.ToString();
    }

    internal static string Json(Checkpoint? checkpoint, IReadOnlyList<(string Name, Checkpoint Newest)> folders)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true }))
        {
            json.WriteStartObject();
            if (checkpoint is not null) { Write(json, checkpoint); }
            if (folders.Count > 0)
            {
                json.WriteStartArray("folders");
                foreach (var (name, newest) in folders)
                {
                    json.WriteStartObject();
                    json.WriteString("folder", name);
                    WriteHead(json, newest);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static string End(Checkpoint checkpoint) => checkpoint.HasEnded ? ", of a run that had ended" : "";

    private static void Append(StringBuilder text, Checkpoint checkpoint)
    {
        text.Append(CultureInfo.InvariantCulture, $"""
            checkpoint  {checkpoint.Number} of pipeline '{Tapped.Plain(checkpoint.Pipeline)}'{End(checkpoint)}
            made        {checkpoint.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC, after {checkpoint.Elapsed:c}
            seed        {checkpoint.Seed}
            bytes       {checkpoint.SizeBytes:N0}

            """);
        text.Append('\n').Append(CultureInfo.InvariantCulture, $"{"part",-56} {"form",-24} {"bytes",14}");
        foreach (var part in checkpoint.Parts)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture, $"{part.Name,-56} {part.Format,-24} {part.Content.Length,14:N0}");
        }
    }

    private static void Write(Utf8JsonWriter json, Checkpoint checkpoint)
    {
        WriteHead(json, checkpoint);
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
    }

    private static void WriteHead(Utf8JsonWriter json, Checkpoint checkpoint)
    {
        json.WriteString("pipeline", checkpoint.Pipeline);
        json.WriteNumber("number", checkpoint.Number);
        json.WriteString("time", checkpoint.Time.UtcDateTime);
        json.WriteNumber("elapsedSeconds", checkpoint.Elapsed.TotalSeconds);
        json.WriteNumber("seed", checkpoint.Seed);
        json.WriteBoolean("hasEnded", checkpoint.HasEnded);
        json.WriteNumber("bytes", checkpoint.SizeBytes);
    }
}
