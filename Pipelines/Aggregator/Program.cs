using Aggregator;
using StreamLearn.Programs;

return await CommandRunner.RunAsync(AggregatorCommands.Create(), args).ConfigureAwait(false);
