using Quickstart;

try { return await CommandLine.RunAsync(args).ConfigureAwait(false); }
catch (Exception e) when (e is IOException or UnauthorizedAccessException)        // a full disk, or a closed stream
{
    await Console.Error.WriteLineAsync($"quickstart: the output cannot be written: {e.Message}").ConfigureAwait(false);
    return 73;
}
