namespace StreamLearn.Formats;

/// <summary>Checks a path without opening it, because a named pipe would block and a device may never end.</summary>
internal static class RegularFile
{
    private const string Advice = "write its rows to a file first, and use that file";

    /// <summary>Null for a regular file or if it is absent.</summary>
    internal static string? ProblemOf(string path)
    {
        if (Directory.Exists(path)) { return "expected a file, got a folder: use a pattern such as 'folder/*.csv'"; }
        return SavedFile.KindOf(path) is { } kind
            ? $"expected a regular file, which can be read twice, got {kind}: {Advice}" : null;
    }
}
