namespace StreamLearn.Simulated;

/// <summary>Runs a job and reports its failure in one line on standard error, and in <c>--json</c>.</summary>
internal static class JobRun
{
    internal static readonly TimeSpan MaxStopTime = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(
        PartialResult known, string farewell, Func<Task<int>> work, CancellationToken cancellationToken)
    {
        var options = known.Options;
        using var told = cancellationToken.Register(() => Console.Error.WriteLine($"{options.Program}: {farewell}"));
        try { return await work().ConfigureAwait(false); }
        catch (ProgramException e)
        {
            await Console.Error.WriteLineAsync($"{options.Program}: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            known.Write(e.Message, e.ExitCode);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            options = known.Options;
            var written = options.Json is null ? "nothing was written" : $"only {options.Json} was written";
            await Console.Error.WriteLineAsync($"{options.Program}: interrupted; {PrintableText.Of(written)}").ConfigureAwait(false);
            known.Write("interrupted", ExitCode.Interrupted);
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)        // a full disk, or a closed stream
        {
            await Console.Error.WriteLineAsync($"{options.Program}: the output cannot be written: {e.Message}").ConfigureAwait(false);
            return ExitCode.CannotWrite;
        }
    }
}
