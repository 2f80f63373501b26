using System.CommandLine;
using StreamLearn;

namespace Tool;

/// <summary><c>state</c>: what is in a checkpoint, or in the folders of a job.</summary>
internal static class StateCommand
{
    private const string Description = """
        Prints what is in a checkpoint: of which pipeline it is and when it was made, and its parts with form and bytes. A block has what
        the host keeps of it (block/…) and the state of its operator (state/…); an edge has its messages (edge/…).
        FILE is a checkpoint or a folder of them, of which the newest whole one is read; of folders in it, a line each says which
        checkpoint is the newest there. A damaged file is refused with exit code 1.
        """;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        Argument<string> file = new("file") { Description = "A checkpoint, a folder of them, or a folder of such folders." };
        Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("state", Description) { file, json };
        command.SetAction(result =>
        {
            var (path, problems) = (result.GetRequiredValue(file), new List<string>());
            var checkpoint = Read(path, () => Directory.Exists(path) ? Checkpoint.Newest(path) : Checkpoint.Read(File.ReadAllBytes(path)),
                problems);
            var folders = Read(path, () => Folders(path, problems), problems) ?? [];
            if (checkpoint is not null || folders.Count > 0)
            {
                output.WriteLine(result.GetValue(json) ? StateText.Json(checkpoint, folders) : StateText.Of(checkpoint, folders));
            }
            else if (problems.Count == 0) { problems.Add($"'{path}' holds no checkpoint, nor does a folder in it"); }

            foreach (var problem in problems) { error.WriteLine($"streamlearn: {problem}"); }
            return problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    /// <summary>The newest checkpoint in each folder of a folder that has one.</summary>
    private static List<(string Name, Checkpoint Newest)> Folders(string path, List<string> problems)
    {
        var found = new List<(string Name, Checkpoint Newest)>();
        if (!Directory.Exists(path)) { return found; }
        foreach (var folder in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            if (Read(folder, () => Checkpoint.Newest(folder), problems) is { } newest) { found.Add((Path.GetFileName(folder), newest)); }
        }

        return found;
    }

    /// <summary>Reads something; null if there is nothing, or it is refused. Printing is no part of it: a reader who has had enough is no
    /// fault of a file.</summary>
    private static T? Read<T>(string path, Func<T?> read, List<string> problems)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateException)
        {
            problems.Add($"'{path}': {e.Message}");
            return null;
        }
    }
}
