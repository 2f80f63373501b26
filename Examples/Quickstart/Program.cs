using Quickstart;

try
{
    return await CommandLine.RunAsync(args).ConfigureAwait(false);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)        // a full disk; a stream that is closed
{
    await Console.Error.WriteLineAsync($"quickstart: the output cannot be written: {e.Message}").ConfigureAwait(false);
    return 73;
}
