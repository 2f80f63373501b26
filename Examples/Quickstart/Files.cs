namespace Quickstart;

/// <summary>Opens the files that the command line names.</summary>
internal static class Files
{
    internal static StreamWriter Create(FileInfo file)
    {
        try
        {
            file.Directory?.Create();
            return new(file.Create(), bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"cannot write {file}: {e.Message}", ExitCode.CannotWrite);
        }
    }

    /// <summary>Makes a folder, and finds out now rather than after the run whether it can be written to.</summary>
    internal static void RequireFolder(DirectoryInfo folder)
    {
        try
        {
            folder.Create();
            var probe = Path.Join(folder.FullName, ".probe");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"cannot write to {folder}: {e.Message} (--out names another folder)", ExitCode.CannotWrite);
        }
    }

    internal static StreamReader Open(FileInfo file)
    {
        try
        {
            return file.OpenText();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"cannot read {file}: {e.Message}", ExitCode.DataRefused);
        }
    }

    internal static async Task WriteAsync(FileInfo file, string text)
    {
        var writer = Create(file);
        await using var _ = writer.ConfigureAwait(false);
        await writer.WriteAsync(text).ConfigureAwait(false);
    }
}
