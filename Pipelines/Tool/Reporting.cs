using System.Security.Cryptography;
using StreamLearn.Programs;

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
            && problem is TransportException or InvalidDataException or ArrowInputException
                or CryptographicException or IOException or UnauthorizedAccessException)
        {
            // replaces the library's setting by the option
            var text = problem.Message.ReplaceLineEndings(" ")
                .Replace("set ClientCertificate", "set one with --cert", StringComparison.Ordinal);
            await error.WriteLineAsync($"streamlearn: {Tapped.Plain(text)}").ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }
}
