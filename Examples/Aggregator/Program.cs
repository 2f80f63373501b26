using Aggregator;
using StreamLearn.Fleets;

return await ProgramOptions.RunAsync(AggregatorCommands.Create(), args).ConfigureAwait(false);
