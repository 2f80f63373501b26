using Quickstart;

try
{
    return await CommandLine.RunAsync(args).ConfigureAwait(false);
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"quickstart: the output cannot be written: {e.Message}").ConfigureAwait(false);
    return ExitCode.CannotWrite;
}
