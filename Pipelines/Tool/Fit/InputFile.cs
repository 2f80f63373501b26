using StreamLearn.Tables;

namespace Tool;

/// <summary>Standard input as a file, which is read more than once and deleted at the end of the command.</summary>
internal static class InputFile
{
    private const long MaxBytes = 4L << 30;

    /// <summary>Runs with rows of files, or of <c>--csv -</c>.</summary>
    /// <exception cref="ProgramException">Standard input is closed, or too long.</exception>
    internal static async Task<int> RunAsync(TableOptions look, Stream source, Func<TableOptions, Task<int>> run,
        CancellationToken cancellationToken, long most = MaxBytes, string? folder = null)
    {
        if (look.Csv != Choices.StandardInput) { return await run(look).ConfigureAwait(false); }
        var path = Path.Join(folder ?? Path.GetTempPath(), $"streamlearn-{Path.GetRandomFileName()}.csv");
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        FileStream file = new(path, options);
        await using var _ = file.ConfigureAwait(false);
        await CopyAsync(source, file, most, cancellationToken).ConfigureAwait(false);
        return await run(look with { Spooled = path }).ConfigureAwait(false);
    }

    private static async Task CopyAsync(Stream source, FileStream file, long most, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        try
        {
            // a read of a terminal or pipe does not react to Ctrl+C
            while (await Task.Run(() => source.Read(buffer), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false)
                is > 0 and var read)
            {
                if (file.Length + read > most)
                {
                    throw new ProgramException(FormattableString.Invariant($"--csv: standard input has more than {most:N0} bytes: ")
                        + "write it to a file, and name that", ExitCode.DataRefused);
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (StandardClosedException e)
        {
            throw new ProgramException($"--csv: {e.Message}", ExitCode.DataRefused);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
