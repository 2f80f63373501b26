using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StreamLearn.Programs;

/// <summary>How a program stands, in the file <c>status.json</c> of its state folder: one flat JSON object, replaced as a whole.</summary>
internal static class StatusFile
{
    /// <summary>The file.</summary>
    public const string Name = "status.json";

    /// <summary>The member that says how often a running program writes the file, where that is not each second.</summary>
    public const string EverySeconds = "written_every_seconds";

    /// <summary>A program that has not written for so long does not run, or hangs.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>Creates the folder, and looks whether a file can be written there.</summary>
    public static void Prepare(DirectoryInfo folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
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

    /// <summary>Looks whether the folder could be prepared, and leaves none behind that was not there.</summary>
    public static void Look(DirectoryInfo folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var isNew = !folder.Exists;
        Prepare(folder);
        if (isNew) { folder.Delete(); }
    }

    /// <summary>Replaces the file.</summary>
    /// <exception cref="IOException">It cannot be written, as on a full disk.</exception>
    public static void Write(DirectoryInfo folder, Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(write);
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new() { Indented = true }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        Replace(Path.Combine(folder.FullName, Name), text.WrittenSpan);
    }

    /// <summary>Replaces a file as a whole: a reader finds the one before or this one, and never a part.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var next = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(next, bytes);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Why the program that wrote the file does not run any more, in words; null: it runs, or says itself that it has ended.
    /// <paramref name="members"/>: what the file says: <c>state</c>, <c>process</c> and <c>written</c>.</summary>
    public static string? AbsenceOf(IReadOnlyList<KeyValuePair<string, string>> members, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(members);
        string? Said(string name) => members.FirstOrDefault(m => m.Key == name).Value;
        if (Said("state") != "running" || !int.TryParse(Said("process"), CultureInfo.InvariantCulture, out var process)) { return null; }
        var age = DateTimeOffset.TryParse(Said("written"), CultureInfo.InvariantCulture, out var written) ? now - written : TimeSpan.Zero;
        return AbsenceOf(process, age,
            double.TryParse(Said(EverySeconds), CultureInfo.InvariantCulture, out var every) && every <= MostSeconds
                ? TimeSpan.FromSeconds(every) : default);
    }

    /// <summary>Why a program that says that it runs does not, in words; null: it does.</summary>
    public static string? AbsenceOf(int process, TimeSpan age, TimeSpan every = default) =>
        !IsThere(process) ? FormattableString.Invariant($"process {process} is gone; it wrote last {Ages.Of(age)}")
        : age > Fresh + every ? FormattableString.Invariant($"process {process} wrote last {Ages.Of(age)}") : null;

    private const double MostSeconds = 3600;

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

    /// <summary>The members of the file, in their order; null: there is none.</summary>
    /// <exception cref="FormatException">It is no object of JSON.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>>? Read(DirectoryInfo folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
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

    /// <summary>A value in one line.</summary>
    private static string TextOf(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)) { return value.ToString(); }
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text)) { value.WriteTo(json); }
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
