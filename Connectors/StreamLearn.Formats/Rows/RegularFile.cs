namespace StreamLearn.Formats;

/// <summary>Finds out what a path names without opening it: opening a named pipe waits for a writer, and a device may never end.</summary>
internal static class RegularFile
{
    private const string Advice = "write its rows to a file first, and name that one";

    /// <summary>What is wrong with a path; null: it names a regular file, or nothing, which opening it tells.</summary>
    internal static string? ProblemOf(string path)
    {
        if (Directory.Exists(path)) { return "expected a file, got a folder: name its files, such as 'folder/*.csv'"; }
        return SavedFile.KindOf(path) is { } kind
            ? $"expected a regular file, which can be read twice, got {kind}: {Advice}" : null;
    }
}
