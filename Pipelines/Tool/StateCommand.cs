using System.CommandLine;
using StreamLearn;

namespace Tool;

internal static class StateCommand
{
    private const string Description = """
        Prints what is in a checkpoint: of which pipeline it is and when it was made, and its parts with form and bytes. A block has what
        the host keeps of it (block/…) and the state of its operator (state/…); an edge has the messages that wait on it (edge/…, with
        d or c for data or control, and the port). The others are the run itself (run), what the blocks have counted (counts), and what
        the program has saved of its own (program).
        FILE is a checkpoint or a folder of them, of which the newest whole one is read; of folders below it, a line each says which
        checkpoint is the newest there. Damaged files are named, with exit code 1.
        """;

    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8 };

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> file = new("file") { Description = "A checkpoint, a folder of them, or a folder with such folders below it." };
        Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };
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
        problems.AddRange((newest?.PassedOver ?? []).Select(damaged => $"'{folder}': passed over {damaged}"));
        return newest;
    }

    /// <summary>Null: absent or refused. Printing is outside, so a closed pipe is not a file error.</summary>
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
