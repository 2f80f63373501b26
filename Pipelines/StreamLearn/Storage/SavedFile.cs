using System.Formats.Tar;

namespace StreamLearn;

/// <summary>Writes files that the user named, each as a whole.</summary>
public static class SavedFile
{
    /// <summary>Writes a file atomically: to a temporary file in the same folder, which then replaces it. Links are kept and their target
    /// is written. Pipes and devices are written directly.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the bytes; the stream may not support seeking.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        if (KindOf(path) is not null)
        {
            using var taken = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            write(taken);
            return;
        }

        var file = TargetOf(path).FullName;
        var beside = file + ".new";
        try
        {
            using (var stream = File.Create(beside))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, file, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Returns the special kind of a path without opening it: <c>a pipe</c>, <c>a socket</c> or <c>a device</c>; null for a
    /// regular file, a folder, or nothing.</summary>
    /// <param name="path">The path; links are followed.</param>
    public static string? KindOf(string path)
    {
        if (!File.Exists(path)) { return null; }
        var target = TargetOf(path);
        if (!target.Exists)       // open files of a process, such as /dev/stdin, link to a name that only the kernel resolves
        {
            return target.Name.StartsWith("pipe:[", StringComparison.Ordinal) ? "a pipe"
                : target.Name.StartsWith("socket:[", StringComparison.Ordinal) ? "a socket" : null;
        }

        return target is FileInfo { Length: 0 } ? KindOfEmpty(target.FullName) : null;
    }

    private static FileSystemInfo TargetOf(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path));      // resolves the target in the folder of the link
        return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)!;
    }

    /// <summary>Gets the kind from the type of a tar entry, because .NET exposes it nowhere else.</summary>
    private static string? KindOfEmpty(string path)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            try { writer.WriteEntry(path, "file"); }
            catch (IOException) when (File.Exists(path))
            {
                return "a socket";      // the only other kind
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
