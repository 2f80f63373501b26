using Aggregator;

return await AggregatorCommands.RunAsync(args, CommandRunner.SetPrintableConsole()).ConfigureAwait(false);
