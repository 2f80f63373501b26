using System.Diagnostics;
using System.Globalization;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Opens and writes the files that the command line names. A file that is written appears when it is complete.</summary>
internal static class Files
{
    /// <summary>Makes a folder, and finds out now rather than after the run whether it can be written to.</summary>
    internal static void RequireFolder(DirectoryInfo folder) => Guard($"to {folder}", () =>
    {
        folder.Create();
        var probe = Path.Join(folder.FullName, ".probe");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
    }, " (--out names another folder)");

    internal static StreamReader Open(FileInfo file)
    {
        try
        {
            return file.OpenText();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"cannot read {file}: {Line(e)}", ExitCode.DataRefused);
        }
    }

    /// <summary>Writes a file beside the named one, which it then becomes: whatever goes wrong, nothing half-written has the
    /// name.</summary>
    /// <exception cref="ProgramException">It cannot be written, as on a full disk.</exception>
    internal static void Write(FileInfo file, string text)
    {
        using var pending = new PendingFile(file);
        Guard($"{file}", () => pending.Writer.Write(text));
        pending.Complete();
    }

    /// <summary>Does something with a file that is written; what goes wrong is one line and <see cref="ExitCode.CannotWrite"/>.</summary>
    internal static void Guard(string what, Action action, string fix = "")
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"cannot write {what}: {Line(e)}{fix}", ExitCode.CannotWrite);
        }
    }

    private static string Line(Exception e) => e.Message.ReplaceLineEndings(" ");
}

/// <summary>A file that is being written: it has a name of its own until it is complete.</summary>
internal sealed class PendingFile : IDisposable
{
    private readonly FileInfo _file;
    private readonly string _path;
    private readonly bool _isDevice;
    private bool _complete;

    /// <exception cref="ProgramException">The file cannot be made.</exception>
    internal PendingFile(FileInfo file)
    {
        _file = file;
        _isDevice = file.FullName.StartsWith("/dev/", StringComparison.Ordinal);     // nothing may take the place of a device
        _path = _isDevice ? file.FullName : Path.Join(file.DirectoryName, $".{file.Name}.{Environment.ProcessId}.part");
        StreamWriter? writer = null;
        Files.Guard($"{file}", () =>
        {
            if (Directory.Exists(file.FullName)) { throw new IOException("it is a folder"); }
            file.Directory?.Create();
            if (!_isDevice) { RemoveLeftovers(file); }
            writer = new(new FileStream(_path, _isDevice ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.Write), bufferSize: 1 << 16);
        });
        Writer = writer!;
    }

    /// <summary>Removes what programs that were killed have left of the same file.</summary>
    private static void RemoveLeftovers(FileInfo file)
    {
        foreach (var other in Directory.EnumerateFiles(file.DirectoryName!, $".{file.Name}.*.part"))
        {
            var number = Path.GetFileName(other)[(file.Name.Length + 2)..^".part".Length];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !IsRunning(process))
            {
                File.Delete(other);
            }
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Where the text goes.</summary>
    internal StreamWriter Writer { get; }

    /// <summary>The text is whole: the file gets its name.</summary>
    /// <exception cref="ProgramException">It cannot be written, as on a full disk.</exception>
    internal void Complete() => Files.Guard($"{_file}", () =>
    {
        Writer.Dispose();
        if (!_isDevice) { File.Move(_path, _file.FullName, overwrite: true); }
        _complete = true;
    });

    public void Dispose()
    {
        if (_complete) { return; }
        try
        {
            Writer.Dispose();
        }
        catch (IOException)
        {
            // what is missing was told when it was written
        }

        if (!_isDevice) { File.Delete(_path); }
    }
}
