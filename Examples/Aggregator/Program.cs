using Aggregator;
using StreamLearn.Fleets;

return await CommandRunner.RunAsync(AggregatorCommands.Create(), args).ConfigureAwait(false);
