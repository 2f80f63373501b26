using System.CommandLine;

namespace Tool;

internal static class StateCommand
{
    private const string Description = """
        Shows the content of a checkpoint: its pipeline, time, and parts with format and bytes. A block has the host's part (block/…) and
        the state of its operator (state/…); an edge has its queued messages (edge/…, with d or c for data or control, and the port). Other
        parts are the run (run), the counters (counts), and the program's own state (program).
        FILE is a checkpoint or a folder. Of a folder the newest intact checkpoint is shown; of its subfolders a line with the newest
        checkpoint. Damaged files are listed, with exit code 1.

        Examples:
          streamlearn state /var/lib/pump/state
          streamlearn state state/plant/pump-7 --json
        """;

    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8 };

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> file = new("file") { Description = "A checkpoint, a folder of checkpoints, or a folder with such subfolders." };
        var json = Choices.Json();
        var command = new Command("state", Description) { file, json };
        command.SetAction(result =>
        {
            var (path, problems) = (result.GetRequiredValue(file), new List<string>());
            var checkpoint = Directory.Exists(path)
                ? Newest(path, problems)
                : Read(path, () => File.Exists(path)
                    ? Checkpoint.Read(File.ReadAllBytes(path))
                    : throw new FileNotFoundException("there is no such file or folder"), problems);
            var folders = Read(path, () => Folders(path, problems), problems) ?? [];
            if (checkpoint is not null || folders.Count > 0)
            {
                output.WriteLine(result.GetValue(json) ? StateText.Json(checkpoint, folders) : StateText.Of(checkpoint, folders));
            }
            else if (problems.Count == 0) { problems.Add($"'{path}' holds no checkpoint, nor does a folder below it"); }

            foreach (var problem in problems) { error.WriteLine($"streamlearn: {problem}"); }
            return problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static List<(string Name, Checkpoint Newest)> Folders(string path, List<string> problems)
    {
        var found = new List<(string Name, Checkpoint Newest)>();
        if (!Directory.Exists(path)) { return found; }
        foreach (var folder in Directory.EnumerateDirectories(path, "*", Below).Order(StringComparer.Ordinal))
        {
            if (Newest(folder, problems) is { } newest) { found.Add((Path.GetRelativePath(path, folder), newest)); }
        }

        return found;
    }

    private static Checkpoint? Newest(string folder, List<string> problems)
    {
        var newest = Read(folder, () => Checkpoint.Newest(folder), problems);
        problems.AddRange((newest?.PassedOver ?? []).Select(damaged => $"'{folder}': skipped {damaged}"));
        return newest;
    }

    /// <summary>Returns null if the file is absent or refused. Printing is done elsewhere, so a closed pipe is not a file error.</summary>
    private static T? Read<T>(string path, Func<T?> read, List<string> problems)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateException)
        {
            problems.Add(e.Message.Contains(path, StringComparison.Ordinal) ? e.Message : $"'{path}': {e.Message}");
            return null;
        }
    }
}
