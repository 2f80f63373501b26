return await Papers.CommandLine.RunAsync(args).ConfigureAwait(false);
