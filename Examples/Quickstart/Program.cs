using Quickstart;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
