using System.Text.Json;

namespace Aggregator;

/// <summary><paramref name="Absence"/>: why the program is not running; null: it runs.</summary>
internal sealed record StatusReading(JsonElement Status, string? Absence)
{
    private const long MaxBytes = 4 << 20;

    internal DateTimeOffset At => Status.GetProperty("at").GetDateTimeOffset();

    internal static StatusReading? Read(StatusFolder folder, DateTimeOffset now)
    {
        try
        {
            using var file = new FileStream(folder.Status, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxBytes)
            {
                throw new FormatException($"{folder.Status}: expected at most {MaxBytes} bytes, got {file.Length}");
            }

            using var document = JsonDocument.Parse(file);
            var status = document.RootElement.Clone();
            if (status.GetProperty("format").GetString() != StatusJson.Format)
            {
                throw new FormatException($"{folder.Status}: expected format {StatusJson.Format}");
            }

            return new(status, AbsenceOf(status, now));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"{folder.Status}: expected a status of streamlearn-aggregator", e);
        }
    }

    private static string? AbsenceOf(JsonElement status, DateTimeOffset now)
    {
        var age = now - status.GetProperty("at").GetDateTimeOffset();
        var process = status.GetProperty("process").GetInt32();
        return status.GetProperty("running").GetBoolean() ? StatusFile.AbsenceOf(process, age) : $"it ended {Ages.Of(age)}";
    }
}
