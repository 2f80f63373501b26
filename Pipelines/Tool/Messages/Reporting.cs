using System.Security.Cryptography;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal static class Reporting
{
    internal static async Task<int> RunAsync(Func<Task<int>> work, TextWriter error)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception problem) when (!StandardOutput.IsClosed(problem)
            && problem is TransportException or InvalidDataException
                or CryptographicException or IOException or UnauthorizedAccessException)
        {
            // replaces the library's setting with the option
            var text = problem.Message.ReplaceLineEndings(" ")
                .Replace("set ClientCertificate", "set one with --cert", StringComparison.Ordinal);
            await error.WriteLineAsync($"streamlearn: {Tapped.Plain(text)}").ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }

    /// <summary>Of commands whose refusals have an exit code of their own.</summary>
    internal static async Task<int> RunRowsAsync(Func<Task<int>> work, TextWriter error)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is ProgramException or LoginFileException)
        {
            await error.WriteLineAsync($"streamlearn: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            return e is ProgramException program ? program.ExitCode : ProgramExit.LoginRefused;
        }
    }

    /// <summary>A blocking terminal read does not react to Ctrl+C.</summary>
    internal static Task<int> Blocking(Func<int> run, CancellationToken cancellationToken) =>
        Task.Run(run, CancellationToken.None).WaitAsync(cancellationToken);
}
