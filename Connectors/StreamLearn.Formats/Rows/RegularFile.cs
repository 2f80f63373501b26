using System.Formats.Tar;

namespace StreamLearn.Formats;

/// <summary>Finds out what a path names without opening it: opening a named pipe waits for a writer, and a device may never end.</summary>
internal static class RegularFile
{
    private const string Advice = "write its rows to a file first, and name that one";

    /// <summary>What is wrong with a path; null: it names a regular file, or nothing, which opening it tells.</summary>
    internal static string? ProblemOf(string path)
    {
        if (Directory.Exists(path)) { return "expected a file, got a folder: name its files, such as 'folder/*.csv'"; }
        if (!File.Exists(path)) { return null; }
        var file = new FileInfo(Path.GetFullPath(path));      // of a relative path, the target would be looked for in the wrong folder
        return KindOf(file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is { } kind
            ? $"expected a regular file, which can be read twice, got {kind}: {Advice}" : null;
    }

    private static string? KindOf(FileSystemInfo target)
    {
        if (!target.Exists)       // what a process has open, such as /dev/stdin, is a link to a name that only the kernel knows
        {
            return target.Name.StartsWith("pipe:[", StringComparison.Ordinal) ? "a pipe"
                : target.Name.StartsWith("socket:[", StringComparison.Ordinal) ? "a socket" : null;
        }

        return target is FileInfo { Length: 0 } ? KindOfEmpty(target.FullName) : null;
    }

    /// <summary>The kind of what has no bytes, by the entry that an archive would have: .NET tells it nowhere else.</summary>
    private static string? KindOfEmpty(string path)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            try
            {
                writer.WriteEntry(path, "file");
            }
            catch (IOException) when (File.Exists(path))
            {
                return "a socket";      // the only kind that an archive has no entry for
            }
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType switch
        {
            TarEntryType.Fifo => "a pipe",
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "a device",
            _ => null,
        };
    }
}
