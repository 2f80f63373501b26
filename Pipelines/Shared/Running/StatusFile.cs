using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>A program's status in <c>status.json</c>: one flat JSON object, replaced atomically.</summary>
internal static class StatusFile
{
    public const string Name = "status.json";

    /// <summary>Member for the write interval, if it is not one second.</summary>
    public const string EverySeconds = "written_every_seconds";

    /// <summary>A program silent for longer is not running, or hangs.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    public static void Prepare(DirectoryInfo folder)
    {
        try
        {
            folder.Create();
            var file = Path.Combine(folder.FullName, Name);
            if (Directory.Exists(file)) { throw new IOException($"{file} is a folder"); }
            var probe = Path.Combine(folder.FullName, $"{Name}.probe.{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"the state folder {folder} is not writable: {e.Message}", ProgramExit.StateUnusable, e);
        }
    }

    public static void Look(DirectoryInfo folder)
    {
        var isNew = !folder.Exists;
        Prepare(folder);
        if (isNew) { folder.Delete(); }
    }

    public static void Write(DirectoryInfo folder, Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new() { Indented = true }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        Replace(Path.Combine(folder.FullName, Name), text.WrittenSpan);
    }

    /// <summary>Replaces a file atomically: readers never see a part of it.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var next = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(next, bytes);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Returns why the writer no longer runs; null if it runs or reported its end.</summary>
    public static string? AbsenceOf(IReadOnlyList<KeyValuePair<string, string>> members, DateTimeOffset now)
    {
        string? Said(string name) => members.FirstOrDefault(m => m.Key == name).Value;
        if (Said("state") != "running" || !int.TryParse(Said("process"), CultureInfo.InvariantCulture, out var process)) { return null; }
        var age = DateTimeOffset.TryParse(Said("written"), CultureInfo.InvariantCulture, out var written) ? now - written : TimeSpan.Zero;
        return AbsenceOf(process, age,
            double.TryParse(Said(EverySeconds), CultureInfo.InvariantCulture, out var every) && every <= MaxSeconds
                ? TimeSpan.FromSeconds(every) : default);
    }

    public static string? AbsenceOf(int process, TimeSpan age, TimeSpan every = default) =>
        !IsThere(process) ? FormattableString.Invariant($"process {process} has ended; last written {Ages.Of(age)}")
        : age > Fresh + every ? FormattableString.Invariant($"process {process}, last written {Ages.Of(age)}") : null;

    private const double MaxSeconds = 3600;

    private static bool IsThere(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public static IReadOnlyList<KeyValuePair<string, string>>? Read(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, Name);
        if (!File.Exists(path)) { return null; }
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. document.RootElement.EnumerateObject().Select(static m => KeyValuePair.Create(m.Name, TextOf(m.Value)))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"{path}: expected a status, got no JSON object", e);
        }
    }

    private static string TextOf(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)) { return value.ToString(); }
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text)) { value.WriteTo(json); }
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
