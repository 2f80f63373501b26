using System.Diagnostics;
using System.Globalization;

namespace StreamLearn.Simulated;

internal static class Files
{
    /// <summary>Fails before the run if the folder is not writable.</summary>
    internal static void RequireFolder(DirectoryInfo folder) => Guard($"to {folder}", () =>
    {
        folder.Create();
        var probe = Path.Join(folder.FullName, ".probe");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
    }, " (--out names another folder)");

    internal static StreamReader Open(FileInfo file)
    {
        try { return file.OpenText(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"cannot read {file}: {Line(e)}", ExitCode.DataRefused);
        }
    }

    /// <summary>Writes to a temporary name, then renames.</summary>
    /// <exception cref="ProgramException">The file cannot be written, as on a full disk.</exception>
    internal static void Write(FileInfo file, string text)
    {
        using var pending = new PendingFile(file);
        Guard($"{file}", () => pending.Writer.Write(text));
        pending.Complete();
    }

    internal static FileStream Create(FileInfo file)
    {
        FileStream? stream = null;
        Guard($"{file}", () =>
        {
            file.Directory?.Create();
            stream = new(file.FullName, FileMode.Create, FileAccess.Write, FileShare.Read);
        });
        return stream!;
    }

    /// <summary>Converts a write error into one line and <see cref="ExitCode.CannotWrite"/>.</summary>
    internal static void Guard(string what, Action action, string fix = "")
    {
        try { action(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"cannot write {what}: {Line(e)}{fix}", ExitCode.CannotWrite);
        }
    }

    private static string Line(Exception e) => e.Message.ReplaceLineEndings(" ");
}

internal sealed class PendingFile : IDisposable
{
    private readonly FileInfo _file;
    private readonly string _path;
    private readonly bool _isDevice;
    private bool _complete;

    internal PendingFile(FileInfo file)
    {
        _file = file;
        _isDevice = file.FullName.StartsWith("/dev/", StringComparison.Ordinal);     // devices must not be replaced
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

    /// <summary>Removes files of killed programs.</summary>
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
        catch (ArgumentException) { return false; }
    }

    internal StreamWriter Writer { get; }

    /// <summary>Renames the complete file.</summary>
    /// <exception cref="ProgramException">The file cannot be written, as on a full disk.</exception>
    internal void Complete() => Files.Guard($"{_file}", () =>
    {
        Writer.Dispose();
        if (!_isDevice) { File.Move(_path, _file.FullName, overwrite: true); }
        _complete = true;
    });

    public void Dispose()
    {
        if (_complete) { return; }
        try { Writer.Dispose(); }
        catch (IOException)
        {
            // the write error was reported earlier
        }

        if (!_isDevice) { File.Delete(_path); }
    }
}
