using Partition;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
