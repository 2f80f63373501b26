using Aggregator;

return await AggregatorCommands.RunAsync(args).ConfigureAwait(false);
